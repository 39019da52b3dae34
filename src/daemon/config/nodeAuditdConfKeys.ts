/** Syslog's levels by their number, 0 to 7. */
export const messageLevels = ['emergency', 'alert', 'critical', 'error', 'warning', 'notice', 'info', 'debug'] as const;

const BYTES_PER_UNIT: Readonly<Record<string, number>> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };
const SECONDS_PER_UNIT: Readonly<Record<string, number>> = { h: 3600, d: 86_400, w: 604_800, y: 31_536_000 };

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

/** When the log is rotated beside its size; `off`: by size and signal alone. */
export type RotationSetting =
  | { readonly kind: 'off' }
  | { readonly kind: 'hourly'; readonly minute: number }
  | { readonly kind: 'daily'; readonly hour: number; readonly minute: number };

/** Which plugins have a spool. */
export type SpooledPlugins =
  | { readonly kind: 'none' }
  | { readonly kind: 'all' }
  | { readonly kind: 'named'; readonly names: readonly string[] };

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
  rotationTime: setting({
    section: 'rotation',
    key: 'time',
    absentText: 'off',
    accepts: 'off, hourly, daily, :MM for a minute of every hour, or HH:MM for a time of the day',
    purpose: 'Time at which the log is rotated, beside the rotation by size.',
    read: rotationTime,
  }),
  compressesArchives: setting({
    section: 'archives',
    key: 'compress',
    absentText: 'no',
    accepts: 'yes or no',
    purpose: 'Whether rotated logs are compressed, each to its name with .gz at the end.',
    read: yesOrNo,
  }),
  compressionLevel: setting({
    section: 'archives',
    key: 'compress_level',
    absentText: '6',
    accepts: 'a number from 1 to 9',
    purpose: 'How hard gzip tries: 1 is fast, 9 is small.',
    read: wholeNumber(1, 9),
  }),
  plainArchives: setting({
    section: 'archives',
    key: 'keep_plain',
    absentText: '1',
    accepts: 'a number from 0 to 999',
    purpose: 'How many of the newest rotated logs stay uncompressed.',
    read: wholeNumber(0, 999),
  }),
  mostArchiveAgeSeconds: setting({
    section: 'archives',
    key: 'max_age',
    absentText: 'off',
    accepts: 'off, or a time from 1 hour to 100 years: a number with h, d, w or y for the unit',
    purpose: 'Age from which rotated logs are deleted.',
    read: age,
  }),
  mostArchiveBytes: setting({
    section: 'archives',
    key: 'max_total',
    absentText: 'off',
    accepts: 'off, or bytes from 1M to 1024T, with K, M, G or T for the unit',
    purpose: 'Size of the log and all rotated logs together from which the oldest are deleted.',
    read: text => (text.toLowerCase() === 'off' ? 0 : byteCount('1M', '1024T')(text)),
  }),
  leastArchives: setting({
    section: 'archives',
    key: 'keep_least',
    absentText: '2',
    accepts: 'a number from 0 to 999',
    purpose: 'How many of the newest rotated logs max_age and max_total never delete.',
    read: wholeNumber(0, 999),
  }),
  indexesLogs: setting({
    section: 'search',
    key: 'index',
    absentText: 'no',
    accepts: 'yes or no',
    purpose: 'Whether each rotated log gets an index, with which ausearch reads only parts of it.',
    read: yesOrNo,
  }),
  spooledPlugins: setting({
    section: 'plugins',
    key: 'spool',
    absentText: 'off',
    accepts: 'off, all, or names of plugins with commas between them, each its file without .conf',
    purpose: 'Plugins whose records wait on the disk, so that they survive restarts of the plugin and of the daemon.',
    read: spooledPlugins,
  }),
  spoolDirectory: setting({
    section: 'plugins',
    key: 'spool_directory',
    absentText: '/var/spool/audit',
    accepts: 'an absolute path without a blank',
    purpose: 'Directory in which each of these plugins has a directory of its own.',
    read: absolutePath,
  }),
  spoolBytes: setting({
    section: 'plugins',
    key: 'spool_size',
    absentText: '256M',
    accepts: 'bytes from 1M to 1024T, with K, M, G or T for the unit',
    purpose: 'How many bytes may wait on the disk for one plugin; what comes when it is full is lost to it.',
    read: byteCount('1M', '1024T'),
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

function spooledPlugins(text: string): SpooledPlugins | null {
  if (text.toLowerCase() === 'off') return { kind: 'none' };
  if (text.toLowerCase() === 'all') return { kind: 'all' };
  const names = text.split(',').map(name => name.trim());
  return names.every(name => /^[^\s/.]+$/.test(name)) ? { kind: 'named', names } : null;
}

function absolutePath(text: string): string | null {
  return /^\/\S+$/.test(text) && !text.endsWith('/') ? text : null;
}

function yesOrNo(text: string): boolean | null {
  const word = text.toLowerCase();
  return word === 'yes' ? true : word === 'no' ? false : null;
}

function wholeNumber(least: number, most: number): (text: string) => number | null {
  return text => (/^[0-9]{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most ? Number(text) : null);
}

/** Seconds; 0 is off. */
function age(text: string): number | null {
  if (text.toLowerCase() === 'off') return 0;
  const parts = /^([0-9]{1,6})([hdwy])$/.exec(text);
  const seconds = parts === null ? 0 : Number(parts[1]) * (SECONDS_PER_UNIT[parts[2] ?? ''] ?? 0);
  return seconds >= 3600 && seconds <= 100 * 31_536_000 ? seconds : null;
}

function rotationTime(text: string): RotationSetting | null {
  const word = text.toLowerCase();
  if (word === 'off') return { kind: 'off' };
  if (word === 'hourly') return { kind: 'hourly', minute: 0 };
  if (word === 'daily') return { kind: 'daily', hour: 0, minute: 0 };
  const parts = /^([01][0-9]|2[0-3])?:([0-5][0-9])$/.exec(text);
  if (parts === null) return null;
  const minute = Number(parts[2]);
  return parts[1] === undefined ? { kind: 'hourly', minute } : { kind: 'daily', hour: Number(parts[1]), minute };
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
  const parts = /^([0-9]+)([KMGT]?)$/i.exec(text);
  return parts === null ? null : Number(parts[1]) * (BYTES_PER_UNIT[(parts[2] ?? '').toUpperCase()] ?? 1);
}
