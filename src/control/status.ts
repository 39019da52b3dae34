import { AnswerError } from './answerError.ts';
import { readWord, writeWord } from './nativeWords.ts';

/** The kernel's audit status. A field is null where a kernel older than the field answered. */
export interface AuditStatus {
  /** 0 off, 1 on, 2 on and locked until reboot. */
  enabled: number;
  /** What the kernel does on an audit failure: 0 nothing, 1 printk, 2 panic. */
  failure: number;
  /** Process that holds the registration of the audit daemon; 0 when there is none. */
  pid: number;
  /** Records a second; 0 is without limit. */
  rateLimit: number;
  /** Records the kernel queues before it makes processes wait. */
  backlogLimit: number;
  /** Records lost since the counter was reset. */
  lost: number;
  /** Records queued now. */
  backlog: number;
  /** Bits of FEATURE_BITMAP. */
  featureBitmap: number | null;
  /** Jiffies a process waits for room in the backlog: 60000 is 60 s where HZ is 1000. */
  backlogWaitTime: number | null;
  /** Jiffies that processes waited since the counter was reset. */
  backlogWaitTimeActual: number | null;
}

/** Bits of AuditStatus.featureBitmap. @see AUDIT_FEATURE_BITMAP_BACKLOG_LIMIT and after in linux/audit.h */
export const FEATURE_BITMAP = {
  backlogLimit: 0x01,
  backlogWaitTime: 0x02,
  executablePath: 0x04,
  excludeExtend: 0x08,
  sessionIdFilter: 0x10,
  lostReset: 0x20,
  filterFilesystem: 0x40,
} as const;

/** What AUDIT_SET can change; the two resets take 0. */
export type StatusField =
  | 'enabled'
  | 'failure'
  | 'pid'
  | 'rateLimit'
  | 'backlogLimit'
  | 'backlogWaitTime'
  | 'lost'
  | 'backlogWaitTimeActual';

/** sizeof(struct audit_status) of linux/audit.h, and where its fields lie. */
const STATUS_BYTES = 44;
const STATUS_BYTES_LEAST = 32; // up to and with backlog: Linux 2.6
const SETTABLE: Readonly<Record<StatusField, { mask: number; offset: number }>> = {
  enabled: { mask: 0x0001, offset: 4 },
  failure: { mask: 0x0002, offset: 8 },
  pid: { mask: 0x0004, offset: 12 },
  rateLimit: { mask: 0x0008, offset: 16 },
  backlogLimit: { mask: 0x0010, offset: 20 },
  backlogWaitTime: { mask: 0x0020, offset: 36 },
  lost: { mask: 0x0040, offset: 24 },
  backlogWaitTimeActual: { mask: 0x0080, offset: 40 },
};

/**
 * The status in an AUDIT_GET reply's payload.
 *
 * @throws {AnswerError} when the payload is shorter than any kernel's structure.
 */
export function decodeStatus(bytes: Uint8Array): AuditStatus {
  if (bytes.length < STATUS_BYTES_LEAST) {
    throw new AnswerError(`audit status: ${bytes.length} bytes, expected at least ${STATUS_BYTES_LEAST}`);
  }
  const optional = (offset: number): number | null => (bytes.length >= offset + 4 ? readWord(bytes, offset) : null);
  return {
    enabled: readWord(bytes, 4),
    failure: readWord(bytes, 8),
    pid: readWord(bytes, 12),
    rateLimit: readWord(bytes, 16),
    backlogLimit: readWord(bytes, 20),
    lost: readWord(bytes, 24),
    backlog: readWord(bytes, 28),
    featureBitmap: optional(32),
    backlogWaitTime: optional(36),
    backlogWaitTimeActual: optional(40),
  };
}

/** Payload of the AUDIT_SET request that gives one field a value, 0 to 2^32 - 1; all else stays. */
export function encodeStatusChange(field: StatusField, value: number): Uint8Array {
  const bytes = new Uint8Array(STATUS_BYTES);
  const { mask, offset } = SETTABLE[field];
  writeWord(bytes, 0, mask);
  writeWord(bytes, offset, value);
  return bytes;
}

const ENABLED_WORDS = ['disable', 'enabled', 'enabled+immutable'];
const FAILURE_WORDS = ['silent', 'printk', 'panic'];

/** The status as `auditctl -s` prints it, newline at the end; with words for numbers when `interpret`. */
export function formatStatus(status: AuditStatus, interpret: boolean): string {
  const word = (words: string[], value: number): string => (interpret ? (words[value] ?? 'unknown') : String(value));
  const lines = [
    `enabled ${word(ENABLED_WORDS, status.enabled)}`,
    `failure ${word(FAILURE_WORDS, status.failure)}`,
    `pid ${status.pid}`,
    `rate_limit ${status.rateLimit}`,
    `backlog_limit ${status.backlogLimit}`,
    `lost ${status.lost}`,
    `backlog ${status.backlog}`,
    `backlog_wait_time ${status.backlogWaitTime ?? 0}`,
  ];
  if (status.backlogWaitTimeActual !== null) lines.push(`backlog_wait_time_actual ${status.backlogWaitTimeActual}`);
  return `${lines.join('\n')}\n`;
}
