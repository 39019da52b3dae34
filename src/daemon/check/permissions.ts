import { dirname } from 'node:path';
import type { SystemError } from '../../base/errors.ts';
import { octal } from '../config/trustedFile.ts';
import type { LogPathFacts, LookedAt, PathFacts, PermissionFacts } from './facts.ts';
import { type Answer, type Finding, type Level, shellWord, unchecked } from './findings.ts';

const GROUP_MAY_WRITE = 0o020;
const GROUP_OR_OTHER_MAY_WRITE = 0o022;
const OTHERS_MAY_ANYTHING = 0o007;

/** Who could change what the daemon reads, or where it writes. */
export function permissionFindings(facts: PermissionFacts): Finding[] {
  return [
    ...directoryFindings(
      facts.configDirectory,
      'Who can write there can replace auditd.conf, and with it run programs',
    ),
    ...facts.configFiles.flatMap(configFileFindings),
    ...(facts.log === null ? [] : logFindings(facts.log)),
    ...pluginDirectoryFindings(facts.pluginDirectory),
    ...runDirectoryFindings(facts),
  ];
}

/** Owner and write permission for others are faults of the configuration already. */
function configFileFindings({ path, facts }: LookedAt): Finding[] {
  const file = knownValue(facts);
  if (file === null || file.groupId === 0 || (file.mode & GROUP_MAY_WRITE) === 0) return [];
  return [
    finding(
      'advice',
      `${path} has mode ${octal(file.mode)}: group ${file.groupId} may write it`,
      'The file names programs that run as root, and where the records go.',
      `\`chmod g-w ${shellWord(path)}\``,
    ),
  ];
}

function logFindings({ refusal, directory, file, archives }: LogPathFacts): Finding[] {
  if (refusal.kind === 'unknown') return [unchecked('permissions', `The directory of ${file.path}`, refusal)];
  if (refusal.value !== null) return [refusedDirectory(refusal.value, file.path)];
  return [...openDirectory(directory), ...logFileFindings(file), ...strangeArchives(archives)];
}

function refusedDirectory(refusal: SystemError, logFile: string): Finding {
  const path = refusal.path ?? dirname(logFile);
  const problem = (found: string, remedy: string) =>
    finding(
      'problem',
      found,
      'The daemon refuses a log path that somebody other than root could redirect, and does not start.',
      remedy,
    );
  switch (refusal.code) {
    case 'EPERM':
      return problem(
        `${path}, on the way to ${logFile}, is not root's or may be written by group or others`,
        `\`chown root ${shellWord(path)}\` and \`chmod go-w ${shellWord(path)}\``,
      );
    case 'ENOTDIR':
      return problem(
        `${path}, on the way to ${logFile}, is no directory: symbolic links are refused too`,
        'Set log_file in auditd.conf to the path with every link followed.',
      );
    case 'EINVAL':
      return problem(
        `${logFile} is no plain absolute path`,
        'Set log_file in auditd.conf to a path without . and .. in it.',
      );
    case 'ENOENT':
      return problem(`${path}, the directory of log_file, does not exist`, `\`install -d -m 0700 ${shellWord(path)}\``);
    default:
      return problem(
        `${path} cannot be looked at (${refusal.message})`,
        'Repair the file system, or set another log_file.',
      );
  }
}

function openDirectory({ path, facts }: LookedAt): Finding[] {
  const directory = knownValue(facts);
  if (directory === null || (directory.mode & OTHERS_MAY_ANYTHING) === 0) return [];
  return [
    finding(
      'advice',
      `${path}, the directory of the log, has mode ${octal(directory.mode)}: every account may look into it`,
      'Names, sizes and times of the logs tell how busy audit is; security guides ask for 0700, or 0750 with log_group.',
      `\`chmod o= ${shellWord(path)}\``,
    ),
  ];
}

function logFileFindings({ path, facts }: LookedAt): Finding[] {
  const file = knownValue(facts);
  if (file?.kind !== 'link') return [];
  return [
    finding(
      'problem',
      `${path} is a symbolic link`,
      'The daemon follows no link to its log and does not start.',
      `Set log_file in auditd.conf to the file itself, or remove the link: \`rm ${shellWord(path)}\``,
    ),
  ];
}

function strangeArchives(archives: readonly PathFacts[]): Finding[] {
  const strange = archives.filter(({ kind, ownerId }) => kind !== 'file' || ownerId !== 0);
  const [first] = strange;
  if (first === undefined) return [];
  const what = first.kind === 'file' ? `belongs to uid ${first.ownerId}` : 'is no regular file';
  const more = strange.length > 1 ? `, and ${strange.length - 1} more like it` : '';
  return [
    finding(
      'problem',
      `${first.path} ${what}${more}`,
      'Archives of the log are root’s regular files; the daemon takes no other over and does not start.',
      first.kind === 'file' ? `\`chown root ${shellWord(first.path)}\`, or move it away` : `Move ${first.path} away.`,
    ),
  ];
}

function pluginDirectoryFindings({ path, facts }: LookedAt): Finding[] {
  if (facts.kind === 'known' && facts.value === null) {
    return [
      finding(
        'advice',
        `${path}, the plugin_dir, does not exist`,
        'No plugin is started. Records reach the log all the same.',
        `\`install -d -m 0750 ${shellWord(path)}\`, or set plugin_dir in auditd.conf`,
      ),
    ];
  }
  return directoryFindings({ path, facts }, 'Who can write there can name a program that the daemon runs');
}

function runDirectoryFindings({ runDirectory: { path, facts }, runParentExists }: PermissionFacts): Finding[] {
  if (facts.kind === 'unknown') return [unchecked('permissions', path, facts)];
  const directory = facts.value;
  const remedy = 'Set [daemon] run_directory in node-auditd.conf to a directory that exists.';
  if (directory === null) {
    if (runParentExists) return [];
    const why = 'The daemon makes this directory but not the one above it, and does not start.';
    return [finding('problem', `${path}, the run_directory, cannot be made: ${dirname(path)} is missing`, why, remedy)];
  }
  if (directory.kind !== 'directory') {
    const why = 'The daemon has no place for its pid file and does not start.';
    return [finding('problem', `${path}, the run_directory, is no directory`, why, remedy)];
  }
  return directoryFindings({ path, facts }, 'Who can write there can put other processes into the pid file');
}

function directoryFindings({ path, facts }: LookedAt, harm: string): Finding[] {
  if (facts.kind === 'unknown') return [unchecked('permissions', path, facts)];
  const directory = facts.value;
  if (directory === null) return [];
  const isOpen = (directory.mode & GROUP_OR_OTHER_MAY_WRITE) !== 0;
  if (directory.ownerId === 0 && !isOpen) return [];
  const found =
    directory.ownerId === 0 ? `has mode ${octal(directory.mode)}` : `belongs to uid ${directory.ownerId}, not to root`;
  return [
    finding(
      'advice',
      `${path} ${found}`,
      `${harm} as root.`,
      `\`chown root ${shellWord(path)}\` and \`chmod go-w ${shellWord(path)}\``,
    ),
  ];
}

function knownValue<T>(answer: Answer<T | null>): T | null {
  return answer.kind === 'known' ? answer.value : null;
}

function finding(level: Level, found: string, why: string, remedy: string): Finding {
  return { level, subject: 'permissions', found, why, remedy };
}
