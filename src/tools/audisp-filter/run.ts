import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AuditEvent, Expression } from '../../auparse/index.ts';
import type { Plugin, PluginOptions } from '../../auplugin/plugin.ts';
import { SYSLOG_FACILITY, SYSLOG_PRIORITY, type Syslog } from '../../auplugin/syslog.ts';
import { isErrno } from '../../base/errors.ts';
import { type FilterMode, parseOptions } from './options.ts';
import { RulesError, readRules } from './rules.ts';

export interface Surroundings {
  readonly openSyslog: (ident: string, facility: number) => Syslog;
  readonly openPlugin: (options: PluginOptions) => Plugin;
  /** For --check, which a person runs. */
  readonly complain: (line: string) => void;
}

const END_PATIENCE_MILLISECONDS = 3000;
const NEWLINE = Buffer.from('\n');

/** @returns The exit code, once the daemon has ended the plugin or the program behind it has ended. */
export async function run(words: readonly string[], around: Surroundings): Promise<number> {
  const options = parseOptions(words);
  const syslog = around.openSyslog('audisp-filter', SYSLOG_FACILITY.LOG_USER);
  const fail = (message: string) => syslog.say(SYSLOG_PRIORITY.LOG_ERR, message);
  const warn = (message: string) => syslog.say(SYSLOG_PRIORITY.LOG_WARNING, message);
  if (options.kind === 'wrong') {
    fail(options.message);
    return 1;
  }
  const { configuration } = options;
  let rules: Expression | null;
  try {
    rules = readRules(configuration, options.kind === 'check' ? around.complain : warn);
  } catch (error) {
    if (!(error instanceof RulesError)) throw error;
    if (options.kind === 'check') around.complain(error.message);
    else fail(error.message);
    return 1;
  }
  if (options.kind === 'check') return 0;

  const program = spawn(options.program, options.args, { env: {}, stdio: ['pipe', 'inherit', 'inherit'] });
  const plugin = around.openPlugin({
    onReload: () => {
      try {
        rules = readRules(configuration, warn);
        syslog.say(SYSLOG_PRIORITY.LOG_INFO, 'Successfully reloaded rules');
      } catch (error) {
        if (!(error instanceof RulesError)) throw error;
        fail(error.message);
        syslog.say(SYSLOG_PRIORITY.LOG_INFO, 'The rules were not reloaded because of a syntax error');
      }
      program.kill('SIGHUP');
    },
  });
  let exitCode = 0;
  program.once('error', error => {
    fail(`Error running ${options.program} (${error.message})`);
    exitCode = 1;
    plugin.stop();
  });
  program.once('exit', () => plugin.stop());
  // It went away while it was being fed: its end is what stops the plugin.
  program.stdin.on('error', error => {
    if (!isErrno(error, 'EPIPE')) fail(`Error writing to ${options.program} (${error.message})`);
  });
  for await (const event of plugin.events({ endOfEventTimeoutSeconds: 2 })) {
    if (passes(event, options.mode, rules)) await feed(program, recordsOf(event));
  }
  await endProgram(program);
  return exitCode;
}

/** Without a rule nothing matches: an allowlist that is empty lets everything through, a blocklist nothing. */
export function passes(event: AuditEvent, mode: FilterMode, rules: Expression | null): boolean {
  const isMatch = rules !== null && rules.match(event) !== null;
  return mode === 'allowlist' ? !isMatch : isMatch;
}

/** The event's records, one a line, without their enrichment: what is behind may know nothing of it. */
function recordsOf(event: AuditEvent): Buffer {
  const lines: Uint8Array[] = [];
  for (const record of event.records) lines.push(record.textBytes, NEWLINE);
  return Buffer.concat(lines);
}

/** Settles when the program has taken what was written, or has ended. */
async function feed(program: ChildProcess, bytes: Buffer): Promise<void> {
  const { stdin } = program;
  if (stdin === null || stdin.destroyed || stdin.write(bytes)) return;
  // A slow program slows this plugin, whose queue in the daemon then fills, and is counted there.
  await new Promise<void>(resolve => {
    const done = () => {
      stdin.off('drain', done).off('close', done);
      resolve();
    };
    stdin.on('drain', done).on('close', done);
  });
}

/** The end of its input ends a plugin, once it has read what is left; one that goes on is told to. */
async function endProgram(program: ChildProcess): Promise<void> {
  program.stdin?.end();
  if (program.pid === undefined || program.exitCode !== null || program.signalCode !== null) return;
  const patience = setTimeout(() => program.kill('SIGTERM'), END_PATIENCE_MILLISECONDS);
  await once(program, 'exit');
  clearTimeout(patience);
}
