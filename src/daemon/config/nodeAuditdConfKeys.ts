/** Syslog's levels by their number, 0 to 7. */
export const messageLevels = ['emergency', 'alert', 'critical', 'error', 'warning', 'notice', 'info', 'debug'] as const;

const BYTES_PER_UNIT: Readonly<Record<string, number>> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };

/** One key of node-auditd.conf. The manual page and the file as installed say the same; a test compares all three. */
export interface Setting<T> {
  readonly section: string;
  readonly key: string;
  /** As one would write it in the file. */
  readonly absentText: string;
  readonly absent: T;
  /** What is accepted, as errors and the manual page put it. */
  readonly accepts: string;
  /** One sentence for the manual page and the file as installed. */
  readonly purpose: string;
  /** Null for what is not accepted. */
  readonly read: (text: string) => T | null;
}

/** Every key of node-auditd.conf: what this daemon has and the file of the reference has no word for. */
const settings = {
  runDirectory: setting({
    section: 'daemon',
    key: 'run_directory',
    absentText: '/run/audit',
    accepts: 'an absolute path without a blank',
    purpose: 'Directory of the pid file auditd.pid and of the state report auditd.state.',
    read: absolutePath,
  }),
  kernelReceiveBufferBytes: setting({
    section: 'kernel',
    key: 'receive_buffer',
    absentText: '64M',
    accepts: 'bytes from 64K to 1G, with K, M or G for the unit',
    purpose: 'Memory in which the kernel keeps records until the daemon has read them from its socket.',
    read: byteCount('64K', '1G'),
  }),
  ringBytes: setting({
    section: 'ring',
    key: 'size',
    absentText: '256M',
    accepts: 'bytes from 1M to 1G, a power of two, with K, M or G for the unit',
    purpose:
      'Memory in which read records wait for the disk and the plugins; while it is full the daemon reads no more.',
    read: powerOfTwo(byteCount('1M', '1G')),
  }),
  messageLevel: setting({
    section: 'log',
    key: 'message_level',
    absentText: 'info',
    accepts: 'emergency, alert, critical, error, warning, notice, info or debug',
    purpose: 'Least severe level of the messages that the daemon writes about itself.',
    read: text => messageLevels.find(level => level === text.toLowerCase()) ?? null,
  }),
};

/** What node-auditd.conf says, parsed. */
export type NodeAuditdConfig = {
  readonly [P in keyof typeof settings]: (typeof settings)[P]['absent'];
};

export const nodeAuditdConfKeys: { readonly [P in keyof NodeAuditdConfig]: Setting<NodeAuditdConfig[P]> } = settings;

function setting<T>(fields: Omit<Setting<T>, 'absent'>): Setting<T> {
  const absent = fields.read(fields.absentText);
  if (absent === null) throw new Error(`the default of ${fields.key} is none: ${fields.absentText}`);
  return { ...fields, absent };
}

function absolutePath(text: string): string | null {
  return /^\/\S+$/.test(text) && !text.endsWith('/') ? text : null;
}

function byteCount(least: string, most: string): (text: string) => number | null {
  const leastBytes = bytesIn(least) ?? 0;
  const mostBytes = bytesIn(most) ?? 0;
  return text => {
    const bytes = bytesIn(text);
    return bytes === null || bytes < leastBytes || bytes > mostBytes ? null : bytes;
  };
}

function powerOfTwo(read: (text: string) => number | null): (text: string) => number | null {
  return text => {
    const bytes = read(text);
    return bytes !== null && Number.isInteger(Math.log2(bytes)) ? bytes : null;
  };
}

function bytesIn(text: string): number | null {
  const parts = /^([0-9]+)([KMG]?)$/i.exec(text);
  return parts === null ? null : Number(parts[1]) * (BYTES_PER_UNIT[(parts[2] ?? '').toUpperCase()] ?? 1);
}
