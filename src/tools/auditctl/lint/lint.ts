import type { RuleEnvironment } from '../../../control/ruleEnvironment.ts';
import { splitRuleLine } from '../../../control/ruleLine.ts';
import { linesOf, sortLines } from '../../augenrules/mergeRules.ts';
import { parseCommand } from '../options.ts';
import { costFinding, costOf } from './cost.ts';
import type { Finding } from './finding.ts';
import { addedRules, type LintedLine } from './lintedLine.ts';
import { checkPaths, type FileFacts } from './pathChecks.ts';
import { checkRules, finding } from './ruleChecks.ts';

/** A rules file and its content, as byte strings. */
export interface LintSource {
  path: string;
  content: string;
}

// Longer lines are cut when they are loaded: see ruleFile.ts.
const LINE_BYTES_MAX = 6143;

interface Line {
  file: string;
  number: number;
  text: string;
}

/** Everything there is to say about one file, read as `auditctl -R` reads it. Sorted by line. */
export function lintFile(source: LintSource, environment: RuleEnvironment, files: FileFacts): Finding[] {
  const lines = locate(source, source.content.split('\n'));
  return inOrder([...checkLengths(lines), ...lintLines(lines, source.path, environment, files)], [source.path]);
}

/**
 * Everything there is to say about the files of a directory, merged as augenrules merges them.
 *
 * @param sources  In the order they are merged.
 */
export function lintDirectory(
  directory: string,
  sources: readonly LintSource[],
  environment: RuleEnvironment,
  files: FileFacts,
): Finding[] {
  const lines = sources.flatMap(source => locate(source, linesOf(source.content)));
  const { directives, rules, replaced } = sortLines(lines);
  const merged = [directives.D, directives.b, directives.f, ...rules, directives.e].filter(line => line !== null);
  const overruled = replaced.map(
    (line): Finding => ({
      file: line.file,
      line: line.number,
      severity: 'warning',
      check: 'replaced-directive',
      message: `${line.text.trim()} has no effect: a later one of its kind replaces it`,
    }),
  );
  const findings = [...overruled, ...checkLengths(merged), ...lintLines(merged, directory, environment, files)];
  return inOrder(
    findings,
    sources.map(({ path }) => path),
  );
}

/** Whether nothing was found that a rule set should be sent back for. */
export function isClean(findings: readonly Finding[]): boolean {
  return findings.every(({ severity }) => severity === 'note');
}

function locate({ path }: LintSource, texts: readonly string[]): Line[] {
  return texts.map((text, i) => ({ file: path, number: i + 1, text }));
}

function lintLines(lines: readonly Line[], whole: string, environment: RuleEnvironment, files: FileFacts): Finding[] {
  const findings: Finding[] = [];
  const good: LintedLine[] = [];
  for (const { file, number, text } of lines) {
    const [visible = ''] = text.split('\0', 1);
    const words = splitRuleLine(visible);
    if (words.length === 0) continue;
    const command = parseCommand(['auditctl', ...words], number, environment);
    const line = { file, number, text: visible, command };
    const { ending } = command;
    if (ending.kind === 'error' || ending.kind === 'deprecated') {
      // A finding is one line.
      const message = ending.error?.message.trimEnd().replaceAll('\n', '; ') ?? null;
      findings.push(finding(line, 'error', 'bad-line', badLine(message, text)));
    } else if (ending.kind === 'unsupportedSignal') {
      findings.push(finding(line, 'error', 'bad-line', `${ending.name} is an unsupported signal`));
    } else {
      if (text.endsWith('\r')) {
        const message = 'ends with a carriage return, which becomes part of its last word';
        findings.push(finding(line, 'warning', 'carriage-return', message));
      }
      good.push(line);
    }
  }
  const rules = addedRules(good);
  const native = environment.nativeMachine();
  findings.push(...checkRules(good, rules, native), ...rules.flatMap(rule => checkPaths(rule, files)));
  if (native !== null && rules.length > 0) findings.push(costFinding(whole, costOf(rules, native)));
  return findings;
}

/** The parser's message, and what its sight of the line does not show. */
function badLine(message: string | null, text: string): string {
  const reason = message ?? 'no option of auditctl';
  if (text.endsWith('\r')) return `${reason} (the line ends with a carriage return)`;
  if (text.includes('\t')) return `${reason} (the line has a tab: only spaces separate words)`;
  if (/ #/.test(text)) return `${reason} (a comment needs a line of its own)`;
  return reason;
}

function checkLengths(lines: readonly Line[]): Finding[] {
  const long = lines.filter(({ text }) => text.length >= LINE_BYTES_MAX);
  return long.map(({ file, number, text }) => ({
    file,
    line: number,
    severity: 'error',
    check: 'line-too-long',
    message: `has ${text.length} bytes: what follows byte ${LINE_BYTES_MAX} is read as another line`,
  }));
}

const SEVERITIES: readonly Finding['severity'][] = ['error', 'warning', 'note'];

function inOrder(findings: readonly Finding[], files: readonly string[]): Finding[] {
  const rank = ({ file, line, severity }: Finding): [number, number, number] => [
    files.includes(file) ? files.indexOf(file) : files.length,
    line ?? Number.MAX_SAFE_INTEGER,
    SEVERITIES.indexOf(severity),
  ];
  return findings.toSorted((a, b) => {
    const [fileA, lineA, severityA] = rank(a);
    const [fileB, lineB, severityB] = rank(b);
    return fileA - fileB || lineA - lineB || severityA - severityB;
  });
}
