import { readFileSync, readlinkSync, statSync } from 'node:fs';
import { hostname, machine } from 'node:os';
import { isatty } from 'node:tty';
import { interpretArgument } from '../../auparse/syscallArgument.ts';
import { isErrno } from '../../base/errors.ts';
import type { AuditControl } from '../../control/auditControl.ts';
import { openAuditControl } from '../../control/openAuditControl.ts';
import type { ArgumentInterpreter, RuleArgument } from '../../control/ruleText.ts';
import { type MachineName, machineByName } from '../../tables/machines.ts';
import { groupLookup, userLookup } from './accounts.ts';
import { type DaemonSignal, signalNumber } from './daemonSignal.ts';
import { type Output, standardOutput } from './output.ts';
import { identifyProcess, waitForExit } from './waitForExit.ts';

/** Everything of the machine that auditctl touches. Byte strings throughout. */
export interface Host {
  output: Output;
  /** Whether CAP_AUDIT_CONTROL is effective. */
  hasAuditControl(): boolean;
  isRoot(): boolean;
  /** @throws {SystemError} when the kernel gives no audit socket. */
  openControl(): AuditControl;
  nativeMachine(): MachineName | null;
  userId(name: string): number | null;
  groupId(name: string): number | null;
  isDirectory(path: string): boolean;
  /** Who sends a user message. */
  sender(): { exe: string | null; hostname: string | null; terminal: string | null };
  /** Sends the signal; for SIGTERM, returns when the process has ended. @throws {Error} ESRCH, EPERM */
  signal(pid: number, signal: DaemonSignal): void;
  /** Null where nobody can say what an argument means. */
  interpretArgument: ArgumentInterpreter | null;
}

const CAP_AUDIT_CONTROL = 30n; // linux/capability.h

/** The machine this process runs on. */
export function thisHost(): Host {
  return {
    output: standardOutput,
    hasAuditControl: () => (effectiveCapabilities() & (1n << CAP_AUDIT_CONTROL)) !== 0n,
    isRoot: () => process.geteuid?.() === 0,
    openControl: () => openAuditControl().control,
    nativeMachine: () => machineByName(machine())?.name ?? null,
    userId: userLookup(),
    groupId: groupLookup(),
    isDirectory,
    sender,
    signal: (pid, signal) => {
      const daemon = identifyProcess(pid);
      process.kill(pid, signalNumber(signal));
      if (signal === 'SIGTERM') waitForExit(daemon);
    },
    interpretArgument: argumentText,
  };
}

/** As records' arguments are interpreted. Without a machine or a system call nothing is known but the number. */
export function argumentText({ name, value, syscall, machine, a0, a1 }: RuleArgument): string {
  return interpretArgument({
    arch: machine === null ? 0 : (machineByName(machine)?.arch ?? 0),
    syscall: syscall ?? -1,
    index: Number(name.slice(1)),
    value: value.toString(16),
    a0: a0 ?? 0,
    a1: a1 ?? 0,
  });
}

function effectiveCapabilities(): bigint {
  const [, hex = '0'] = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'latin1')) ?? [];
  return BigInt(`0x${hex}`);
}

function isDirectory(path: string): boolean {
  try {
    return statSync(Buffer.from(path, 'latin1')).isDirectory();
  } catch (error) {
    // What cannot be looked at is taken for a file that will be created; the kernel has the last word.
    if (error instanceof Error && 'errno' in error) return false;
    throw error;
  }
}

function sender(): ReturnType<Host['sender']> {
  const terminal = terminalName();
  const isLocal = terminal !== null && /^(pts|tty)/.test(terminal);
  return { exe: process.execPath, hostname: isLocal ? hostname().slice(0, 63) : null, terminal };
}

/** The first of the standard streams that is a terminal, without /dev/. */
function terminalName(): string | null {
  for (const descriptor of [0, 1, 2]) {
    if (!isatty(descriptor)) continue;
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`).replace(/^\/dev\//, '');
    } catch (error) {
      // Without /proc there is no name to be had.
      if (!isErrno(error, 'ENOENT')) throw error;
    }
  }
  return null;
}
