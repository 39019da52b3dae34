/** A report as the command line, its headings and the native side know it. */
export interface ReportType {
  /** Its place in native/report/report_kind.h. */
  readonly kind: number;
  /** In JSON, and in messages of ours. */
  readonly name: string;
  readonly options: readonly string[];
  readonly title: string;
  /** The line of `=` above and below the columns. */
  readonly rule: string;
  /** Null: it has no lines for events. */
  readonly columns: string | null;
  /** Where it is not the same as `rule`. */
  readonly lowerRule?: string;
  /** Null: it has no summary. */
  readonly summary: { readonly title: string; readonly ruleWidth: number; readonly column: string } | null;
  /** A plain word after the option is refused, for the reports that once were to take one. */
  readonly refusesWord: boolean;
}

interface Row {
  options: string[];
  title: string;
  rule: number;
  columns?: string;
  lowerRule?: number;
  summary?: [title: string, ruleWidth: number, column: string];
  refusesWord?: true;
}

// In the order of ReportKind.
const rows: Record<string, Row> = {
  overview: { options: [], title: 'Summary Report', rule: 22, summary: ['Summary Report', 22, ''] },
  avc: {
    options: ['-a', '--avc'],
    title: 'AVC Report',
    rule: 63,
    columns: 'comm subj syscall class permission obj result event',
    summary: ['Avc Object Summary Report', 33, 'obj'],
  },
  auth: {
    options: ['-au', '--auth'],
    title: 'Authentication Report',
    rule: 44,
    columns: 'acct host term exe success event',
    summary: ['Authentication Summary Report', 29, 'acct'],
  },
  command: {
    options: ['--comm'],
    title: 'Command Report',
    rule: 36,
    lowerRule: 37,
    columns: 'comm term host auid event',
    summary: ['Command Summary Report', 33, 'command'],
    refusesWord: true,
  },
  config: {
    options: ['-c', '--config'],
    title: 'Config Change Report',
    rule: 35,
    columns: 'type auid success event',
    summary: ['Config Change Summary Report', 28, 'type'],
  },
  crypto: {
    options: ['-cr', '--crypto'],
    title: 'Crypto Report',
    rule: 35,
    columns: 'auid type success event',
    summary: ['Crypto Summary Report', 21, 'type'],
  },
  event: {
    options: ['-e', '--event'],
    title: 'Event Report',
    rule: 35,
    columns: 'event type auid success',
    summary: ['Event Summary Report', 22, 'type'],
  },
  file: {
    options: ['-f', '--file'],
    title: 'File Report',
    rule: 47,
    columns: 'file syscall success exe auid event',
    summary: ['File Summary Report', 27, 'file'],
    refusesWord: true,
  },
  host: {
    options: ['-h', '--host'],
    title: 'Host Report',
    rule: 35,
    columns: 'host syscall auid event',
    summary: ['Host Summary Report', 27, 'host'],
    refusesWord: true,
  },
  integrity: {
    options: ['--integrity'],
    title: 'Integrity Report',
    rule: 30,
    columns: 'type success event',
    summary: ['Integrity Summary Report', 24, 'type'],
  },
  key: {
    options: ['-k', '--key'],
    title: 'Key Report',
    rule: 47,
    columns: 'key success exe auid event',
    summary: ['Key Summary Report', 27, 'key'],
    refusesWord: true,
  },
  login: {
    options: ['-l', '--login'],
    title: 'Login Report',
    rule: 44,
    columns: 'auid host term exe success event',
    summary: ['Login Summary Report', 28, 'auid'],
  },
  mods: {
    options: ['-m', '--mods'],
    title: 'Account Modifications Report',
    rule: 49,
    columns: 'auid addr term exe acct success event',
    summary: ['Acct Modification Summary Report', 32, 'type'],
  },
  mac: {
    options: ['-ma', '--mac'],
    title: 'MAC Report',
    rule: 35,
    columns: 'auid type success event',
    summary: ['MAC Summary Report', 18, 'type'],
  },
  anomaly: {
    options: ['-n', '--anomaly'],
    title: 'Anomaly Report',
    rule: 41,
    columns: 'type exe term host auid event',
    summary: ['Anomaly Summary Report', 22, 'type'],
    refusesWord: true,
  },
  pid: {
    options: ['-p', '--pid'],
    title: 'Process ID Report',
    rule: 38,
    columns: 'pid exe syscall auid event',
    summary: ['Pid Summary Report', 26, 'pid'],
    refusesWord: true,
  },
  response: {
    options: ['-r', '--response'],
    title: 'Response to Anomaly Report',
    rule: 30,
    columns: 'type success event',
    summary: ['Anomaly Response Summary Report', 31, 'type'],
    refusesWord: true,
  },
  syscall: {
    options: ['-s', '--syscall'],
    title: 'Syscall Report',
    rule: 39,
    columns: 'syscall pid comm auid event',
    summary: ['Syscall Summary Report', 26, 'syscall'],
    refusesWord: true,
  },
  log: { options: ['-t', '--log'], title: 'Log Time Range Report', rule: 21 },
  terminal: {
    options: ['-tm', '--terminal'],
    title: 'Terminal Report',
    rule: 36,
    columns: 'term host exe auid event',
    summary: ['Terminal Summary Report', 31, 'terminal'],
    refusesWord: true,
  },
  tty: { options: ['--tty'], title: 'TTY Report', rule: 47, columns: 'event auid term sess comm data' },
  user: {
    options: ['-u', '--user'],
    title: 'User ID Report',
    rule: 36,
    columns: 'auid term host exe event',
    summary: ['User Summary Report', 27, 'auid'],
    refusesWord: true,
  },
  virt: {
    options: ['--virt'],
    title: 'Virtualization Report',
    rule: 30,
    columns: 'type success event',
    summary: ['Virtualization Summary Report', 29, 'type'],
  },
  executable: {
    options: ['-x', '--executable'],
    title: 'Executable Report',
    rule: 36,
    columns: 'exe term host auid event',
    summary: ['Executable Summary Report', 33, 'file'],
    refusesWord: true,
  },
};

export const reportTypes: readonly ReportType[] = Object.entries(rows).map(([name, row], kind) => ({
  kind,
  name,
  options: row.options,
  title: row.title,
  rule: '='.repeat(row.rule),
  columns: row.columns === undefined ? null : `# date time ${row.columns}`,
  ...(row.lowerRule === undefined ? {} : { lowerRule: '='.repeat(row.lowerRule) }),
  summary:
    row.summary === undefined ? null : { title: row.summary[0], ruleWidth: row.summary[1], column: row.summary[2] },
  refusesWord: row.refusesWord ?? false,
}));

const byOption = new Map(reportTypes.flatMap(type => type.options.map(option => [option, type])));

/** The report that an option asks for, or null. */
export function reportOfOption(option: string): ReportType | null {
  return byOption.get(option) ?? null;
}

/** What is printed when no report is chosen. */
export const overview: ReportType = byName('overview');

export function byName(name: string): ReportType {
  const type = reportTypes.find(type => type.name === name);
  if (type === undefined) throw new RangeError(`no report ${name}`);
  return type;
}

/** What stands before the titles of summaries of some events only. */
export function resultPrefix(result: 'yes' | 'no'): string {
  return result === 'yes' ? 'Success ' : 'Failed ';
}

/** What stands above the lines of a report, as text. */
export function heading(type: ReportType, isSummary: boolean, result: 'yes' | 'no' | null): string {
  const prefix = result === null ? '' : resultPrefix(result);
  if (type.columns === null) {
    return `\n${type.name === 'overview' ? prefix : ''}${type.title}\n${type.rule}\n`;
  }
  if (isSummary && type.summary !== null) {
    const rule = '='.repeat(type.summary.ruleWidth);
    return `\n${prefix}${type.summary.title}\n${rule}\ntotal  ${type.summary.column}\n${rule}\n`;
  }
  return `\n${type.title}\n${type.rule}\n${type.columns}\n${type.lowerRule ?? type.rule}\n`;
}

/** The first line of a CSV. */
export function csvHeading(type: ReportType, isSummary: boolean): string {
  if (type.name === 'overview') return 'name,value\n';
  if (type.name === 'log') return 'file,first,last\n';
  if (isSummary && type.summary !== null) return `total,${type.summary.column}\n`;
  return `time,${(type.columns ?? '').replace('# date time ', '').replaceAll(' ', ',')}\n`;
}
