/** What aulast's arguments ask for. Texts are byte strings. */
export interface Options {
  /** Null: the logs of the configuration. */
  readonly file: string | null;
  readonly isStdin: boolean;
  /** Failed logins instead of sessions. */
  readonly isBad: boolean;
  /** With serial numbers, and the search that finds them. */
  readonly isProof: boolean;
  /** The records that were used go to aulast.log in the working directory. */
  readonly isExtract: boolean;
  readonly isDebug: boolean;
  readonly isJson: boolean;
  readonly user: string | null;
  readonly tty: string | null;
}

export const USAGE =
  'usage: aulast [--bad] [--debug] [--stdin] [--proof] [--extract] [-f file] [--user name] [--tty tty]';

export const HELP = `usage: aulast [OPTION]...
Lists logins and reboots, the latest last, as the audit logs tell of them.

  -f FILE        read FILE instead of the daemon's logs
  --stdin        read standard input
  --user NAME    only sessions of that account
  --tty TERMINAL only sessions whose terminal contains TERMINAL
  --bad          failed logins instead of sessions
  --proof        with the serial numbers, and the search that finds the events
  --extract      write the records that were used to aulast.log
  --debug        tell what each record does to the sessions
  --json         one object a line
  --help, --version
`;

/** @returns the options, or what is told on standard error. */
export function parseOptions(words: readonly string[]): Options | { readonly refusal: string } {
  const options = {
    file: null as string | null,
    isStdin: false,
    isBad: false,
    isProof: false,
    isExtract: false,
    isDebug: false,
    isJson: false,
    user: null as string | null,
    tty: null as string | null,
  };
  for (let at = 0; at < words.length; at++) {
    const argument = words[at + 1];
    switch (words[at]) {
      case '-f':
        if (options.isStdin) return { refusal: 'stdin already given' };
        options.file = argument ?? null;
        at++;
        break;
      case '--stdin':
        if (options.file !== null) return { refusal: 'file already given' };
        options.isStdin = true;
        break;
      case '--user':
        if (options.user !== null || argument === undefined) return { refusal: USAGE };
        options.user = argument;
        at++;
        break;
      case '--tty':
        if (options.tty !== null || argument === undefined) return { refusal: USAGE };
        options.tty = argument;
        at++;
        break;
      case '--bad':
        options.isBad = true;
        break;
      case '--proof':
        options.isProof = true;
        break;
      case '--extract':
        options.isExtract = true;
        break;
      case '--debug':
        options.isDebug = true;
        break;
      case '--json':
        options.isJson = true;
        break;
      default:
        return { refusal: USAGE };
    }
  }
  return options;
}
