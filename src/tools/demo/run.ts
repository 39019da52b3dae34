import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { machine, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { commandFile } from '../../base/commandFile.ts';
import { reasonOf } from '../../base/errors.ts';
import { packageDirectory } from '../../base/packageDirectory.ts';
import type { AuditControl } from '../../control/auditControl.ts';
import { openAuditControl } from '../../control/openAuditControl.ts';
import type { AuditRule } from '../../control/rule.ts';
import type { RuleEnvironment } from '../../control/ruleEnvironment.ts';
import { parseRuleLine } from '../../control/ruleLine.ts';
import { machineByName } from '../../tables/machines.ts';
import { followLog } from './follow.ts';
import { showLine } from './show.ts';

const DIRECTORY = '/run/node-auditd-demo';
const LOCKED = 2;

const conf = (name: string) => join(packageDirectory, 'conf/demo', name);
const daemon = commandFile('auditd');

/** What this machine allows. */
type Mode =
  | { readonly kind: 'register'; readonly control: AuditControl }
  | { readonly kind: 'observe'; readonly why: string }
  | { readonly kind: 'replay'; readonly why: string };

/**
 * `npm run demo`: the daemon in the foreground on this machine's kernel, each record shown as it is written. Where
 * another daemon has the kernel it observes, where there is no audit or no privilege it replays a recorded log.
 * Leaves the machine as it was.
 *
 * @returns The exit code.
 */
export async function runDemo(): Promise<number> {
  const mode = chooseMode();
  switch (mode.kind) {
    case 'register':
      return showKernel(mode.control);
    case 'observe':
      say(`OBSERVING: ${mode.why}. Its records are shown as they pass; nothing is written. Ctrl-C ends it.`);
      return showOutput(['--observe']);
    case 'replay':
      say(`REPLAYING a recorded log: ${mode.why}.`);
      return showOutput(['--replay', conf('sample.log')]);
  }
}

function chooseMode(): Mode {
  const { username } = userInfo();
  if (process.getuid?.() !== 0) {
    return { kind: 'replay', why: `${username} may not read the kernel's audit records; run it as root for those` };
  }
  try {
    const { control } = openAuditControl();
    const status = control.status();
    if (status.pid !== 0 && existsSync(`/proc/${status.pid}`)) {
      const name = readFileSync(`/proc/${status.pid}/comm`, 'latin1').trim();
      return { kind: 'observe', why: `another audit daemon is registered, pid ${status.pid} (${name})` };
    }
    if (status.enabled === LOCKED) return { kind: 'observe', why: 'the audit configuration is locked' };
    return { kind: 'register', control };
  } catch (error) {
    if (!(error instanceof Error && 'errno' in error)) throw error;
    return { kind: 'replay', why: `this kernel's audit cannot be used here (${reasonOf(error)})` };
  }
}

async function showKernel(control: AuditControl): Promise<number> {
  if (existsSync(DIRECTORY)) {
    say(`${DIRECTORY} exists: another demonstration is running, or one was killed. Remove it to go on.`);
    return 1;
  }
  const before = control.status();
  const loaded: AuditRule[] = [];
  makeDirectory();
  const child = startDaemon(['-n', '-c', DIRECTORY]);
  const ended = once(child, 'exit');
  let isOver = false;
  const stop = () => child.kill('SIGTERM');
  endWith(stop);
  try {
    const shown = show(followLog(`${DIRECTORY}/audit.log`, () => isOver));
    if (!(await registered(control, child))) return 1;
    for (const rule of rules(control)) {
      control.addRule(rule);
      loaded.push(rule);
    }
    say(`REGISTERED with this kernel as its audit daemon (pid ${child.pid}), ${loaded.length} rules loaded.`);
    say(`Log: ${DIRECTORY}/audit.log. Run any command elsewhere, or touch ${DIRECTORY}/watched/x. Ctrl-C ends it.`);
    spawn('/bin/sh', ['-c', `id -un; echo demo > ${DIRECTORY}/watched/hello`], { stdio: 'ignore' });
    const [exitCode] = await ended;
    isOver = true;
    await shown;
    return exitCode ?? 1;
  } finally {
    isOver = true;
    if (child.exitCode === null && child.signalCode === null) {
      stop();
      await ended;
    }
    for (const rule of loaded) control.deleteRule(rule);
    if (before.enabled !== LOCKED) control.setStatus('enabled', before.enabled);
    rmSync(DIRECTORY, { recursive: true, force: true });
    say('Rules deleted, files removed: the machine is as it was.');
  }
}

// Root's own directory, so that the daemon trusts what lies in it wherever this clone is.
function makeDirectory(): void {
  mkdirSync(`${DIRECTORY}/plugins.d`, { recursive: true, mode: 0o700 });
  mkdirSync(`${DIRECTORY}/watched`);
  for (const name of ['auditd.conf', 'node-auditd.conf']) copyFileSync(conf(name), `${DIRECTORY}/${name}`);
  writeFileSync(`${DIRECTORY}/README`, 'Made by the demonstration of node-auditd, which removes it.\n');
}

function startDaemon(args: readonly string[], stdout: 'ignore' | 'pipe' = 'ignore'): ChildProcess {
  // Away from the terminal's Ctrl-C: the daemon is stopped by a signal whose sender it records.
  return spawn(process.execPath, [daemon, ...args], { stdio: ['ignore', stdout, 'inherit'], detached: true });
}

async function registered(control: AuditControl, child: ChildProcess): Promise<boolean> {
  while (control.status().pid !== child.pid) {
    if (child.exitCode !== null || child.signalCode !== null) {
      say('The daemon did not start; its messages are in the system log.');
      return false;
    }
    await new Promise(resolve => setTimeout(resolve, 10));
  }
  return true;
}

function* rules(control: AuditControl): Generator<AuditRule> {
  const environment: RuleEnvironment = {
    nativeMachine: () => machineByName(machine())?.name ?? null,
    userId: () => null,
    groupId: () => null,
    isDirectory: path => existsSync(path),
    featureBitmap: () => control.status().featureBitmap ?? 0,
    warn: () => undefined,
  };
  for (const line of readFileSync(conf('demo.rules'), 'latin1').split('\n')) {
    const request = parseRuleLine(line, environment);
    if (request !== null) yield request.rule;
  }
}

async function showOutput(args: readonly string[]): Promise<number> {
  // Without a configuration: the machine's may be unreadable for us, and its settings are its own daemon's.
  const empty = mkdtempSync(join(tmpdir(), 'node-auditd-demo-'));
  const child = startDaemon(['-f', '-c', empty, ...args], 'pipe');
  const stop = () => child.kill('SIGTERM');
  endWith(stop);
  if (child.stdout !== null) await show(createInterface({ input: child.stdout, crlfDelay: Number.POSITIVE_INFINITY }));
  if (child.exitCode === null) await once(child, 'exit');
  rmSync(empty, { recursive: true });
  return child.exitCode ?? 1;
}

// By a signal, or because whoever watched has gone. Both may come again while the machine is put back as it was.
function endWith(stop: () => void): void {
  process.on('SIGINT', stop).on('SIGTERM', stop);
  for (const stream of [process.stdout, process.stderr]) stream.on('error', stop);
}

async function show(lines: AsyncIterable<string>): Promise<void> {
  const hasColour = process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined;
  for await (const line of lines) process.stdout.write(`${showLine(line, hasColour)}\n`);
}

function say(text: string): void {
  process.stderr.write(`== ${text}\n`);
}
