import { type AuditRule, FIELD, PERM } from '../../../control/rule.ts';
import type { Finding } from './finding.ts';
import type { LintedLine, RuleLine } from './lintedLine.ts';
import { finding } from './ruleChecks.ts';

/** What lint asks about the machine's files. Paths are byte strings. */
export interface FileFacts {
  /** What stands at the path itself, not followed when it is a link. */
  kind(path: string): 'missing' | 'link' | 'directory' | 'other';
  /** Where file systems are mounted. */
  mountPoints(): readonly string[];
}

/** Whether the paths that a rule names are what the rule takes them for. */
export function checkPaths({ line, rule }: RuleLine, files: FileFacts): Finding[] {
  return rule.fields.flatMap(({ field, text }): Finding[] => {
    if (text === null || !text.startsWith('/')) return [];
    if (field !== FIELD.path && field !== FIELD.dir && field !== FIELD.exe) return [];
    const path = text.length > 1 ? text.replace(/\/+$/, '') : text;
    const kind = files.kind(path);
    if (field === FIELD.dir && kind === 'missing') {
      return [finding(line, 'error', 'missing-directory', `the kernel refuses this rule: ${path} does not exist`)];
    }
    if (kind === 'missing') {
      const parent = path.slice(0, path.lastIndexOf('/')) || '/';
      return files.kind(parent) === 'missing'
        ? [finding(line, 'error', 'missing-directory', `the kernel refuses this rule: ${parent} does not exist`)]
        : [finding(line, 'note', 'missing-path', `${path} does not exist`)];
    }
    if (kind === 'link') return [linkFinding(line, field, path, rule)];
    // The kernel would watch the directory that the mount hides. A dir goes into what is mounted when it is loaded.
    if (field === FIELD.path && files.mountPoints().includes(path)) {
      return [
        finding(line, 'warning', 'mount-point', `${path} is a mount point, which a path does not enter: use dir`),
      ];
    }
    return [];
  });
}

// Seen on Linux 6.18: opening a link is an event of its target alone; replacing or removing it is one of the link.
function linkFinding(line: LintedLine, field: number, path: string, rule: AuditRule): Finding {
  const matchesNothing = (why: string): Finding =>
    finding(line, 'warning', 'symbolic-link', `${path} is a symbolic link and matches nothing: ${why}`);
  if (field === FIELD.exe) return matchesNothing('no program runs under the name of a link');
  if (field === FIELD.dir) return matchesNothing('the kernel does not follow it');
  const perm = rule.fields.find(({ field }) => field === FIELD.perm)?.value ?? PERM.w;
  if ((perm & (PERM.w | PERM.a)) === 0) return matchesNothing('the kernel does not follow it');
  return finding(line, 'note', 'symbolic-link', `${path} is a symbolic link: it is watched, what it points to is not`);
}
