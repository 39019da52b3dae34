import { existsSync, readFileSync } from 'node:fs';
import { machine } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AuditControl } from '../src/control/auditControl.ts';
import { openAuditControl } from '../src/control/openAuditControl.ts';
import { parseRuleLine } from '../src/control/ruleLine.ts';
import type { AuditStatus } from '../src/control/status.ts';
import { machineByName } from '../src/tables/machines.ts';
import type { Undo } from './undo.ts';

/** On every record of a bench's load. */
export const BENCH_KEY = 'node-auditd-bench';
const BACKLOG_RECORDS = 8192;
const BACKLOG_WAIT_JIFFIES = 60_000;
const FREE_PATIENCE_MILLISECONDS = 60_000;
const LOCKED = 2;
const NETLINK_AUDIT = '9';

/** The kernel's audit during a trial: the same settings for every daemon, and as it was afterwards. */
export class AuditKernel {
  readonly #control: AuditControl;
  readonly #undo: Undo;

  private constructor(control: AuditControl, undo: Undo) {
    this.#control = control;
    this.#undo = undo;
  }

  /**
   * Waits until no audit daemon is registered, then makes processes wait for a full backlog instead of losing records.
   *
   * @throws {Error} when another daemon stays registered, or the kernel's audit cannot be changed.
   */
  static async claim(undo: Undo): Promise<AuditKernel> {
    if (process.getuid?.() !== 0) throw new Error('needs root: registering and rules need CAP_AUDIT_CONTROL');
    const { control, close } = openAuditControl();
    undo.add(close);
    await untilFree(control);
    const before = control.status();
    if (before.enabled === LOCKED) throw new Error('the audit configuration is locked until the next boot');
    undo.add(() => {
      control.setStatus('backlogLimit', before.backlogLimit);
      if (before.backlogWaitTime !== null) control.setStatus('backlogWaitTime', before.backlogWaitTime);
      control.setEnabled(before.enabled === 0 ? 0 : 1);
    });
    control.setStatus('backlogLimit', BACKLOG_RECORDS);
    control.setStatus('backlogWaitTime', BACKLOG_WAIT_JIFFIES);
    return new AuditKernel(control, undo);
  }

  status(): AuditStatus {
    return this.#control.status();
  }

  /**
   * Makes one record, CONFIG_CHANGE, by setting what is set already: for a load that fills the backlog for long. A
   * process that waits for room in it is woken when kauditd has emptied it. When that happens between its look at the
   * backlog and its going to sleep, it sleeps for all of backlog_wait_time beside an empty backlog, unless somebody else
   * makes a record.
   *
   * @see audit_log_start() and kauditd_thread() in the kernel's kernel/audit.c
   */
  nudge(): void {
    this.#control.setStatus('backlogLimit', BACKLOG_RECORDS);
  }

  /** From here on every getppid(2) of this program, and nothing else, is an event. */
  auditCallsOf(program: string): void {
    const line = `-a always,exit -F arch=b64 -S getppid -F exe=${program} -F key=${BENCH_KEY}`;
    const request = parseRuleLine(line, {
      nativeMachine: () => machineByName(machine())?.name ?? null,
      userId: () => null,
      groupId: () => null,
      isDirectory: () => false,
      featureBitmap: () => this.#control.status().featureBitmap ?? 0,
      warn: () => undefined,
    });
    if (request === null) throw new Error(`not a rule: ${line}`);
    const { rule } = request;
    this.#control.addRule(rule);
    this.#undo.add(() => this.#control.deleteRule(rule));
  }

  /** Whether records are on their way: in the backlog, or in the socket of whoever is registered. */
  get holdsRecords(): boolean {
    return this.status().backlog > 0 || queuedBytes() > 0;
  }
}

async function untilFree(control: AuditControl): Promise<void> {
  const deadline = Date.now() + FREE_PATIENCE_MILLISECONDS;
  for (;;) {
    const pid = control.daemonPid();
    // The kernel forgets a daemon that died when it has the next record for it.
    if (pid === null || !existsSync(`/proc/${pid}`)) return;
    if (Date.now() > deadline) throw new Error(`another audit daemon is registered: pid ${pid}`);
    await sleep(250);
  }
}

function queuedBytes(): number {
  const [header = '', ...sockets] = readFileSync('/proc/net/netlink', 'latin1').trimEnd().split('\n');
  const names = header.trim().split(/\s+/);
  const protocol = names.indexOf('Eth');
  const queued = names.indexOf('Rmem');
  return sockets
    .map(line => line.trim().split(/\s+/))
    .filter(words => words[protocol] === NETLINK_AUDIT)
    .reduce((sum, words) => sum + Number(words[queued]), 0);
}
