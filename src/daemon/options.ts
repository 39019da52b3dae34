/** What the daemon's command line asks for. */
export interface DaemonOptions {
  /** Stay attached, records to stdout and messages to stderr (-f). */
  readonly isForeground: boolean;
  /** auditd.conf may be a symbolic link (-l). */
  readonly allowsLinks: boolean;
  /** False: go to the background without a child process (-n). */
  readonly forks: boolean;
  /** What becomes of the kernel's `enabled` at the start (-s). */
  readonly startupState: StartupState;
  /** Holds auditd.conf and node-auditd.conf (-c), as given: resolve it before the daemon changes directory to `/`. */
  readonly configDirectory: string;
  readonly source: RecordSource;
  /** Under a keeper of its own, which starts it again and holds its descriptors meanwhile (--supervise). */
  readonly isSupervised: boolean;
}

export type StartupState = 'disable' | 'enable' | 'nochange';

/** Where the records come from. */
export type RecordSource =
  /** The kernel, as its audit daemon. */
  | { readonly kind: 'daemon' }
  /** The kernel's multicast group, beside whoever is its audit daemon (--observe). */
  | { readonly kind: 'observe' }
  /** A log recorded earlier; null is the standard input (--replay). */
  | { readonly kind: 'replay'; readonly file: string | null };

export type CommandLine =
  | { readonly kind: 'run'; readonly options: DaemonOptions }
  /** Only look at the configuration and the machine (--check). */
  | { readonly kind: 'check'; readonly options: Pick<DaemonOptions, 'configDirectory' | 'allowsLinks'> }
  /** Only load everything, read the configuration, and look at the ring that would have to be read (--preflight). */
  | { readonly kind: 'preflight'; readonly options: Pick<DaemonOptions, 'configDirectory' | 'allowsLinks'> }
  /** Asked for: text for stdout, or the version; the exit code is 0. */
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'version' }
  /** `text` is for stderr. */
  | { readonly kind: 'usage'; readonly text: string; readonly exitCode: 2 };

/**
 * Reads a command line as getopt_long(3) does: `-fl`, `-sdisable`, `--enable_state=disable` and every beginning of
 * the reference's long names that no other has. The first fault ends it.
 *
 * @param args  Without the interpreter and the script.
 */
export function parseDaemonOptions(args: readonly string[]): CommandLine {
  let draft: DaemonOptions = {
    isForeground: false,
    allowsLinks: false,
    forks: true,
    startupState: 'enable',
    configDirectory: '/etc/audit',
    source: { kind: 'daemon' },
    isSupervised: false,
  };
  let hasOperand = false;
  let isCheck = false;
  let isPreflight = false;
  for (const read of readArguments(args)) {
    if (read.kind === 'fault') return usage(`auditd: ${read.text}\n`);
    if (read.kind === 'operand') {
      // Reported last, as getopt_long moves operands behind all options.
      hasOperand = true;
      continue;
    }
    const effect = read.option.apply(read.value, draft);
    if (effect === 'check') {
      isCheck = true;
      continue;
    }
    if (effect === 'preflight') {
      isPreflight = true;
      continue;
    }
    if ('kind' in effect) return effect;
    draft = { ...draft, ...effect };
  }
  if (isCheck && draft.source.kind !== 'daemon') {
    return usage('auditd: --check excludes --observe and --replay\n');
  }
  if (draft.isSupervised && draft.source.kind !== 'daemon') {
    return usage('auditd: --supervise excludes --observe and --replay\n');
  }
  if (hasOperand) return usage('');
  const { configDirectory, allowsLinks } = draft;
  if (isPreflight) return { kind: 'preflight', options: { configDirectory, allowsLinks } };
  if (!isCheck) return { kind: 'run', options: draft };
  return { kind: 'check', options: { configDirectory, allowsLinks } };
}

interface Option {
  readonly short: string | null;
  readonly long: string;
  /** What the help calls the argument; null for an option without one. */
  readonly argument: string | null;
  readonly help: string;
  /** What the option changes, or the end of the command line. `value` is empty for an option without an argument. */
  readonly apply: (
    value: string,
    soFar: DaemonOptions,
  ) => Partial<DaemonOptions> | 'check' | 'preflight' | Exclude<CommandLine, { kind: 'run' | 'check' | 'preflight' }>;
}

const OPTIONS: readonly Option[] = [
  {
    short: 'f',
    long: 'foreground',
    argument: null,
    help: 'stay attached; records to stdout, messages to stderr',
    apply: () => ({ isForeground: true }),
  },
  {
    short: 'l',
    long: 'allow_links',
    argument: null,
    help: 'accept a symbolic link as auditd.conf',
    apply: () => ({ allowsLinks: true }),
  },
  {
    short: 'n',
    long: 'disable_fork',
    argument: null,
    help: 'go to the background without forking, as under init',
    apply: () => ({ forks: false }),
  },
  {
    short: 's',
    long: 'enable_state',
    argument: 'disable|enable|nochange',
    help: "the kernel's audit state after the start (enable)",
    apply: startupState,
  },
  {
    short: 'c',
    long: 'config_file',
    argument: 'DIRECTORY',
    help: 'where auditd.conf and node-auditd.conf are (/etc/audit)',
    apply: value => ({ configDirectory: value }),
  },
  {
    short: null,
    long: 'observe',
    argument: null,
    help: 'read a copy, beside the registered audit daemon',
    apply: (_, soFar) => from({ kind: 'observe' }, soFar),
  },
  {
    short: null,
    long: 'replay',
    argument: 'FILE',
    help: 'read a recorded log and not the kernel; - is stdin',
    apply: replay,
  },
  {
    short: null,
    long: 'supervise',
    argument: null,
    help: 'start it again when it dies, and lose no record',
    apply: () => ({ isSupervised: true }),
  },
  {
    short: null,
    long: 'check',
    argument: null,
    help: 'say what to change here and why; change nothing',
    apply: () => 'check',
  },
  {
    short: null,
    long: 'preflight',
    argument: null,
    help: 'say whether this version could take over; change nothing',
    apply: () => 'preflight',
  },
  {
    short: null,
    long: 'help',
    argument: null,
    help: 'print this and exit',
    apply: () => ({ kind: 'help', text: help() }),
  },
  {
    short: null,
    long: 'version',
    argument: null,
    help: 'print the version and exit',
    apply: () => ({ kind: 'version' }),
  },
];

const USAGE = 'Usage: auditd [-f] [-l] [-n] [-s disable|enable|nochange] [-c <config_file>]\n';

function usage(before: string): Extract<CommandLine, { kind: 'usage' }> {
  return { kind: 'usage', text: before + USAGE, exitCode: 2 };
}

function help(): string {
  const line = ({ short, long, argument, help }: Option) => {
    const names = `${short === null ? '    ' : `-${short}, `}--${long}${argument === null ? '' : ` ${argument}`}`;
    return names.length > 20 ? `  ${names}\n${' '.repeat(24)}${help}\n` : `  ${names.padEnd(22)}${help}\n`;
  };
  return USAGE + OPTIONS.map(line).join('');
}

/** The first state that begins with `value`: the empty word is `disable`, as in the reference. */
function startupState(value: string): ReturnType<Option['apply']> {
  const states: readonly StartupState[] = ['disable', 'enable', 'nochange'];
  const state = states.find(name => name.startsWith(value));
  return state === undefined ? usage(`unknown startup mode '${value}'\n`) : { startupState: state };
}

// In the background standard input is /dev/null.
function replay(value: string, soFar: DaemonOptions): ReturnType<typeof from> {
  if (value !== '-') return from({ kind: 'replay', file: value }, soFar);
  return { isForeground: true, ...from({ kind: 'replay', file: null }, soFar) };
}

function from(
  source: RecordSource,
  soFar: DaemonOptions,
): Partial<DaemonOptions> | Extract<CommandLine, { kind: 'usage' }> {
  const isChosen = soFar.source.kind !== 'daemon' && soFar.source.kind !== source.kind;
  return isChosen ? usage('auditd: --observe and --replay exclude each other\n') : { source };
}

type Argument =
  | { readonly kind: 'option'; readonly option: Option; readonly value: string }
  | { readonly kind: 'operand' }
  | { readonly kind: 'fault'; readonly text: string };

/** What stands on the command line, in order. Nothing after a fault has a meaning. The faults are in glibc's words. */
function* readArguments(args: readonly string[]): Generator<Argument, void, undefined> {
  const rest = args[Symbol.iterator]();
  for (const arg of rest) {
    if (arg === '--') {
      for (const _ of rest) yield { kind: 'operand' };
    } else if (arg.startsWith('--')) {
      yield readLong(arg.slice(2), () => next(rest));
    } else if (arg.startsWith('-') && arg !== '-') {
      yield* readCluster(arg.slice(1), () => next(rest));
    } else {
      yield { kind: 'operand' };
    }
  }
}

/** `name`, `name=value`, or `name` and the next argument. */
function readLong(text: string, nextArgument: () => string | null): Argument {
  const equals = text.indexOf('=');
  const name = equals === -1 ? text : text.slice(0, equals);
  const attached = equals === -1 ? null : text.slice(equals + 1);
  // The reference's options, which have a letter each, may be shortened: a script's typing error starts nothing of ours.
  const candidates = OPTIONS.filter(({ short, long }) => short !== null && long.startsWith(name));
  const option = OPTIONS.find(({ long }) => long === name) ?? candidates[0];
  if (option === undefined) return { kind: 'fault', text: `unrecognized option '--${name}'` };
  if (candidates.length > 1) {
    const names = candidates.map(({ long }) => ` '--${long}'`).join('');
    return { kind: 'fault', text: `option '--${text}' is ambiguous; possibilities:${names}` };
  }
  if (option.argument === null) {
    if (attached !== null) return { kind: 'fault', text: `option '--${option.long}' doesn't allow an argument` };
    return { kind: 'option', option, value: '' };
  }
  const value = attached ?? nextArgument();
  if (value === null) return { kind: 'fault', text: `option '--${option.long}' requires an argument` };
  return { kind: 'option', option, value };
}

/** `fl`: two options; `fsdisable`: two, the second with its argument. */
function* readCluster(letters: string, nextArgument: () => string | null): Generator<Argument, void, undefined> {
  for (const [index, letter] of [...letters].entries()) {
    const option = OPTIONS.find(({ short }) => short === letter);
    if (option === undefined) {
      yield { kind: 'fault', text: `invalid option -- '${letter}'` };
    } else if (option.argument === null) {
      yield { kind: 'option', option, value: '' };
    } else {
      const attached = [...letters].slice(index + 1).join('');
      const value = attached === '' ? nextArgument() : attached;
      if (value === null) yield { kind: 'fault', text: `option requires an argument -- '${letter}'` };
      else yield { kind: 'option', option, value };
      return;
    }
  }
}

function next(args: Iterator<string>): string | null {
  const result = args.next();
  return result.done === true ? null : result.value;
}
