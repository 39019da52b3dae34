import type { Finding, Level } from './findings.ts';

const COLUMNS = 100;
const LABEL: Readonly<Record<Level, string>> = { problem: 'PROBLEM', advice: 'ADVICE' };
const COLOUR: Readonly<Record<Level, string>> = { problem: '1;31', advice: '1;33' };
const INDENT = 9;

/** The findings as text, in the order given, one block each, and the last line that counts them. */
export function formatReport(system: string, findings: readonly Finding[], inColour: boolean): string {
  const problems = findings.filter(({ level }) => level === 'problem').length;
  const blocks = findings.map(finding => formatFinding(finding, inColour));
  const count = `${problems} ${problems === 1 ? 'problem' : 'problems'}, ${findings.length - problems} advice\n`;
  return [`Checked ${printable(system)}\n`, ...blocks, count].join('\n');
}

function formatFinding({ level, subject, found, why, remedy }: Finding, inColour: boolean): string {
  const label = LABEL[level].padEnd(INDENT);
  const painted = inColour ? `\u001b[${COLOUR[level]}m${label}\u001b[0m` : label;
  return `${painted}${fold(`${subject}: ${found}`)}\n${labelled('Why:', why)}\n${labelled('Do:', remedy)}\n`;
}

function labelled(label: string, text: string): string {
  return `${' '.repeat(INDENT - 5)}${label.padEnd(5)}${fold(text)}`;
}

/** Breaks between words, and never inside a command: it is to be copied. */
function fold(text: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of printable(text).match(/[^\s`]*`[^`]*`\S*|\S+/g) ?? []) {
    if (line !== '' && INDENT + line.length + 1 + word.length > COLUMNS) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].join(`\n${' '.repeat(INDENT)}`);
}

/** A file's or a program's name could otherwise move the cursor, or turn the text around. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, character => {
    const code = character.codePointAt(0) ?? 0;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

// Control characters, the line separators, and the marks that change the direction of writing.
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** Only for somebody who looks, and has not said no. @see https://no-color.org */
export function wantsColour(isTerminal: boolean, env: Readonly<Record<string, string | undefined>>): boolean {
  return isTerminal && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
}
