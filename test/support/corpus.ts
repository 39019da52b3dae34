import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** The recorded behaviour of the reference: ../shared, or what NODE_AUDITD_SHARED names. */
export const shared = process.env['NODE_AUDITD_SHARED'] ?? join(import.meta.dirname, '../../../../shared');
const logs = join(shared, 'corpus/logs');

/** What one command line printed. */
export interface CorpusCase {
  /** Name of the log: a directory under corpus/logs. */
  readonly log: string;
  /** The program first; the input is called `log`. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The log is piped in. */
  readonly stdin: boolean;
  readonly exit: number;
  readonly stdout: Buffer;
  /** Null: it was not recorded. */
  readonly stderr: string | null;
  /** Times of the run itself, which are replaced before the comparison. */
  readonly normalize: unknown;
}

export function hasCorpus(): boolean {
  return existsSync(logs);
}

/** Names of the logs that have cases. */
export function corpusLogs(): string[] {
  return readdirSync(logs)
    .filter(name => existsSync(join(logs, name, 'cases.jsonl')))
    .sort();
}

/** The cases of one program, in the order of their recording. */
export function casesOf(log: string, program: string): CorpusCase[] {
  const directory = join(logs, log);
  const lines = readFileSync(join(directory, 'cases.jsonl'), 'utf8').trimEnd().split('\n');
  return lines
    .map(line => JSON.parse(line))
    .filter(({ argv }) => argv[0] === program)
    .map(({ argv, env, stdin, exit, stdout, stdout_hex, file, stderr, normalize }) => ({
      log,
      argv: argv.map((word: string) => word.replaceAll('@LOG@', 'log')),
      env,
      stdin,
      exit,
      stdout:
        file !== undefined
          ? gunzipSync(readFileSync(join(directory, file)))
          : stdout_hex !== undefined
            ? Buffer.from(stdout_hex, 'hex')
            : Buffer.from(stdout, 'utf8'),
      stderr: stderr ?? null,
      normalize: normalize ?? null,
    }));
}

/**
 * A new directory that holds the log under the name `log`: a file, or a directory of a rotated set.
 *
 * @returns its path; the caller removes it.
 */
export function unpackLog(name: string): string {
  const directory = mkdtempSync(join(tmpdir(), `corpus-${name}-`));
  const packed = join(logs, name, 'log.gz');
  if (existsSync(packed)) {
    writeFileSync(join(directory, 'log'), gunzipSync(readFileSync(packed)));
    return directory;
  }
  const source = join(logs, name, 'log');
  if (!statSync(source).isDirectory()) {
    cpSync(source, join(directory, 'log'));
    return directory;
  }
  mkdirSync(join(directory, 'log'));
  for (const file of readdirSync(source)) cpSync(join(source, file), join(directory, 'log', file));
  return directory;
}

export function removeLog(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
}

/**
 * Makes the corpus' accounts those of this process: names were resolved with them. Runs this very program again in a
 * mount namespace of its own, in which they lie over /etc, and ends with its exit code. Needs root.
 *
 * @returns only in the second run.
 */
export function withCorpusAccounts(): void {
  if (process.env['CORPUS_ACCOUNTS'] === '1') return;
  const etc = join(shared, 'corpus/etc');
  const mounts = readdirSync(etc).map(file => `mount --bind '${join(etc, file)}' /etc/${file}`);
  const { status, error } = spawnSync(
    'unshare',
    ['-m', 'sh', '-c', `${mounts.join(' && ')} && exec "$@"`, 'sh', process.execPath, ...process.argv.slice(1)],
    { stdio: 'inherit', env: { ...process.env, CORPUS_ACCOUNTS: '1' } },
  );
  if (error !== undefined) throw error;
  process.exit(status ?? 1);
}
