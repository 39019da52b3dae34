/**
 * Types of the records that an audit daemon writes of its own accord.
 *
 * @see libaudit.h, AUDIT_DAEMON_START and on; AUDIT_CRYPTO_SESSION and AUDIT_CRYPTO_KEY_USER for its TLS clients
 */
export const DAEMON_RECORD_TYPES = {
  START: 1200,
  END: 1201,
  ABORT: 1202,
  CONFIG: 1203,
  ROTATE: 1205,
  RESUME: 1206,
  ACCEPT: 1207,
  CLOSE: 1208,
  ERR: 1209,
  CRYPTO_KEY_USER: 2404,
  CRYPTO_SESSION: 2407,
} as const;

export type DaemonRecordType = keyof typeof DAEMON_RECORD_TYPES;

/** A record's text may be this long after its stamp: the reference cuts the payload at 495 characters. */
const MOST_PAYLOAD = 495;
const FIRST_SERIALS = 10_000;

/** Who sent the daemon a signal, as the kernel noted it: AUDIT_SIGNAL_INFO. */
export interface Sender {
  readonly auid: number;
  readonly uid: number;
  /** Text of /proc/PID/sessionid. */
  readonly ses: string;
  readonly pid: number;
  /** Security context; null without a security module. */
  readonly subj: string | null;
}

/** This process, as it describes itself in DAEMON_START and DAEMON_ABORT. */
export interface Self {
  readonly auid: number;
  readonly uid: number;
  readonly ses: number;
  readonly pid: number;
  readonly subj: string | null;
}

/** Stamps the daemon's own records: wall clock, and serials of their own, which start anywhere below 10,000. */
export class DaemonRecordStamps {
  readonly #now: () => number;
  #serial: number;

  /** @param now  Milliseconds since the epoch. */
  constructor(now: () => number, random: () => number = Math.random) {
    this.#now = now;
    this.#serial = Math.floor(random() * FIRST_SERIALS);
  }

  /** `audit(SEC.MSEC:SERIAL): TEXT`, as the kernel would send it. */
  stamp(text: string): string {
    const milliseconds = this.#now();
    const seconds = Math.floor(milliseconds / 1000);
    const rest = String(Math.floor(milliseconds % 1000)).padStart(3, '0');
    const payload = `audit(${seconds}.${rest}:${this.#serial++}): ${text}`;
    return payload.slice(0, MOST_PAYLOAD);
  }
}

export function startText(fields: { version: string; format: string; kernel: string; self: Self }): string {
  const { version, format, kernel, self } = fields;
  const start = `op=start ver=${version} format=${format} kernel=${kernel.slice(0, 56)}`;
  return `${start} auid=${self.auid} pid=${self.pid} uid=${self.uid} ses=${self.ses} ${subject(self)}res=success`;
}

/** `op` is what failed: set-enable, set-pid, network-init. */
export function abortText(op: string, self: Self): string {
  return `op=${op} auid=${self.auid} pid=${self.pid} uid=${self.uid} ses=${self.ses} ${subject(self)}res=failed`;
}

export function endText(sender: Sender | null): string {
  if (sender === null) return 'op=terminate auid=-1 uid=-1 ses=-1 pid=-1 subj=? res=success';
  return `op=terminate ${senderFields(sender)}res=success`;
}

/**
 * SIGHUP. What changed names no uid and no session, as in the reference; a refused file does.
 *
 * @param sender  Null when the kernel did not tell: the reload is then refused.
 */
export function configText(outcome: 'changed' | 'no-change', sender: Sender | null): string {
  const op = `op=reconfigure state=${outcome}`;
  if (sender === null) return `${op} auid=-1 pid=-1 subj=? res=failed`;
  if (outcome === 'no-change') return `${op} ${senderFields(sender)}res=failed`;
  return `${op} auid=${sender.auid} pid=${sender.pid} subj=${sender.subj ?? '?'} res=success`;
}

/** SIGUSR1. Without a sender the rotation happens all the same. */
export function rotateText(sender: Sender | null): string {
  if (sender === null) return 'op=rotate-logs auid=-1 pid=-1 subj=? res=failed';
  return `op=rotate-logs ${senderFields(sender)}res=success`;
}

/** SIGUSR2. */
export function resumeText(sender: Sender | null): string {
  if (sender === null) return 'op=resume-logging auid=-1 pid=-1 subj=? res=success';
  return `op=resume-logging ${senderFields(sender)}res=success`;
}

/** Another version takes this one's place, or did not come up. */
export function upgradeText(sender: Sender | null, outcome: 'success' | 'failed'): string {
  const who = sender === null ? 'auid=-1 uid=-1 ses=-1 pid=-1 ' : senderFields(sender);
  return `op=upgrade ${who}res=${outcome}`;
}

/** Records were lost: by how much each of the counters has moved since the last such record. */
export function lossText(moved: readonly { readonly name: string; readonly by: number }[]): string {
  return `op=lost-records ${moved.map(({ name, by }) => `${name}=${by} `).join('')}res=failed`;
}

function senderFields(sender: Sender): string {
  const { auid, uid, ses, pid } = sender;
  return `auid=${auid} uid=${uid} ses=${ses} pid=${pid} ${subject(sender)}`;
}

function subject({ subj }: { readonly subj: string | null }): string {
  return subj === null ? '' : `subj=${subj} `;
}
