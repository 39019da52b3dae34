import type { AuditdConfig, SpaceThreshold } from '../config/auditdConfig.ts';
import type { NodeAuditdConfig } from '../config/nodeAuditdConfKeys.ts';
import type { PartitionFacts } from './facts.ts';
import { type Answer, type Finding, type Level, shellWord, unchecked } from './findings.ts';

const MEGABYTE = 1 << 20;
/** The daemon's "no space": fewer free blocks than this. */
const FEWEST_BLOCKS = 5;
const FEW_INODES = 100;

/** Where everybody writes. */
const SHARED_MOUNTS: readonly string[] = ['/', '/home', '/opt', '/run', '/srv', '/tmp', '/usr', '/var', '/var/log'];
const NETWORK_TYPES: readonly string[] = [
  ...['9p', 'afs', 'ceph', 'cifs', 'fuse.glusterfs', 'fuse.sshfs', 'glusterfs', 'lustre', 'nfs', 'nfs4', 'smb3'],
  ...['smbfs', 'virtiofs'],
];
const VOLATILE_TYPES: readonly string[] = ['overlay', 'ramfs', 'tmpfs'];
/** After these, records no longer reach the log. */
const STOPPING: readonly string[] = ['suspend', 'single', 'halt'];

/** Which archives stay, and how: node-auditd.conf. */
type Retention = Pick<
  NodeAuditdConfig,
  'compressesArchives' | 'plainArchives' | 'mostArchiveAgeSeconds' | 'mostArchiveBytes' | 'leastArchives'
>;

/** Records are much alike: what gzip leaves of them is less than this, most often by far. */
const COMPRESSED_PART = 1 / 5;

/** Whether the log has a place, and room in it until rotation starts to delete. */
export function partitionFindings(
  config: AuditdConfig,
  node: Retention,
  answer: Answer<PartitionFacts> | null,
): Finding[] {
  if (answer === null) return [];
  if (answer.kind === 'unknown') return [unchecked('partition', `The file system of ${config.logFile}`, answer)];
  const facts = answer.value;
  return [
    ...readOnly(facts),
    ...space(config, node, facts),
    ...endlessGrowth(config, node),
    ...inodes(facts),
    ...nature(facts),
    ...shared(facts),
  ];
}

function readOnly({ directory, mount, isReadOnly }: PartitionFacts): Finding[] {
  if (!isReadOnly) return [];
  return [
    finding(
      'problem',
      `${directory} lies on a file system that is mounted read-only (${mount})`,
      'The log cannot be opened, and the daemon does not start. A kernel remounts a file system so after an error.',
      `Look for its errors with \`dmesg\`, then \`mount -o remount,rw ${shellWord(mount)}\`, or set another log_file.`,
    ),
  ];
}

function space(config: AuditdConfig, node: Retention, facts: PartitionFacts): Finding[] {
  const { freeBlocks, blockBytes, mount } = facts;
  const free = Math.floor((freeBlocks * blockBytes) / MEGABYTE);
  if (freeBlocks < FEWEST_BLOCKS) {
    return [
      finding(
        'problem',
        `${mount} is full`,
        `No record can be written; disk_full_action = ${config.diskFullAction.kind} is taken with the first one.`,
        `Make room on ${mount}.`,
      ),
    ];
  }
  const watermarks = [
    watermark('admin_space_left', config.adminSpaceLeft, config.adminSpaceLeftAction.kind, facts),
    watermark('space_left', config.spaceLeft, config.spaceLeftAction.kind, facts),
  ];
  return [
    ...percentages(config, facts),
    ...passed(watermarks, free, mount),
    ...archives(config, node, facts, watermarks),
  ];
}

interface Watermark {
  readonly key: string;
  readonly megabytes: number;
  readonly action: string;
}

function watermark(key: string, threshold: SpaceThreshold, action: string, facts: PartitionFacts): Watermark {
  return { key, megabytes: megabytesOf(threshold, facts), action };
}

/** A percentage of the whole file system, rounded down twice as the daemon does. */
function megabytesOf({ kind, value }: SpaceThreshold, { blocks, blockBytes }: PartitionFacts): number {
  return kind === 'megabytes' ? value : Math.floor((blockBytes * Math.floor((blocks * value) / 100)) / MEGABYTE);
}

/** In megabytes alone this is a fault of the file; with a percentage it depends on the file system. */
function percentages({ spaceLeft, adminSpaceLeft }: AuditdConfig, facts: PartitionFacts): Finding[] {
  if (spaceLeft.kind === 'megabytes' && adminSpaceLeft.kind === 'megabytes') return [];
  const [first, last] = [megabytesOf(spaceLeft, facts), megabytesOf(adminSpaceLeft, facts)];
  if (first > last) return [];
  return [
    finding(
      'advice',
      `On ${facts.mount}, space_left is ${first} MiB and admin_space_left is ${last} MiB`,
      'The first is to warn before the second acts; as it is the warning comes too late.',
      'Set space_left in auditd.conf to more than admin_space_left.',
    ),
  ];
}

/** The worst one alone: below admin_space_left, free space is below space_left too. */
function passed(watermarks: readonly Watermark[], free: number, mount: string): Finding[] {
  const low = watermarks.filter(({ megabytes }) => free < megabytes);
  const worst = low.find(({ action }) => STOPPING.includes(action)) ?? low[0];
  if (worst === undefined) return [];
  const { key, megabytes, action } = worst;
  return [
    finding(
      levelOf(action),
      `${mount} has ${free} MiB free, less than ${key} (${megabytes} MiB)`,
      `${key}_action = ${action} is taken with the first record${consequence(action)}.`,
      `Make room on ${mount}, or lower ${key} in auditd.conf.`,
    ),
  ];
}

function archives(
  config: AuditdConfig,
  node: Retention,
  facts: PartitionFacts,
  watermarks: readonly Watermark[],
): Finding[] {
  const whole = wholeMegabytes(config, node);
  if (!Number.isFinite(whole)) return [];
  const { freeBlocks, blockBytes, logBytes, mount } = facts;
  const { numLogs, maxLogFileMegabytes } = config;
  const free = Math.floor((freeBlocks * blockBytes) / MEGABYTE);
  const growth = Math.max(0, whole - Math.floor(logBytes / MEGABYTE));
  const reached = watermarks.filter(({ megabytes }) => megabytes > 0 && free >= megabytes && free - growth < megabytes);
  const worst = reached.find(({ action }) => STOPPING.includes(action)) ?? reached[0];
  const isTooMuch = growth > free;
  if (worst === undefined && !isTooMuch) return [];
  const limit = worst === undefined ? 'the disk is full' : `${worst.key} (${worst.megabytes} MiB) is reached`;
  const action = worst?.action ?? config.diskFullAction.kind;
  const isPlain = whole === numLogs * maxLogFileMegabytes;
  // Only rotation makes room on a full disk.
  const isLoss = worst === undefined && action !== 'rotate';
  return [
    finding(
      isLoss ? 'problem' : levelOf(action),
      isPlain
        ? `${numLogs} logs of ${maxLogFileMegabytes} MiB do not fit: ${mount} has ${free} MiB free for ${growth} MiB more`
        : `Logs of ${whole} MiB, archives included, do not fit: ${mount} has ${free} MiB free for ${growth} MiB more`,
      `${isPlain ? `Rotation deletes the oldest log only when all ${numLogs} are there` : 'Only then archives are deleted'}. Before that ${limit}, and ${action} is done${consequence(action)}.`,
      `Lower ${isPlain ? 'num_logs or max_log_file in auditd.conf' : 'num_logs or max_log_file in auditd.conf, or max_total in node-auditd.conf'}, or make room on ${mount}.`,
    ),
  ];
}

/** What the logs may take before one of them is deleted; infinite when none is for its size. */
function wholeMegabytes(config: AuditdConfig, node: Retention): number {
  const { numLogs, maxLogFileMegabytes, maxLogFileAction } = config;
  const makesArchives = rotates(config) || maxLogFileAction.kind === 'keep_logs';
  if (!makesArchives) return Number.POSITIVE_INFINITY;
  const count = rotates(config) ? numLogs - 1 : Number.POSITIVE_INFINITY;
  // One more than stay so: the one that is being compressed.
  const plain = node.compressesArchives ? Math.min(count, node.plainArchives + 1) : count;
  const compressed = count === plain ? 0 : (count - plain) * COMPRESSED_PART;
  const byCount = Math.ceil((1 + plain + compressed) * maxLogFileMegabytes);
  if (node.mostArchiveBytes === 0) return byCount;
  const kept = (1 + node.leastArchives) * maxLogFileMegabytes;
  return Math.min(byCount, Math.max(kept, Math.floor(node.mostArchiveBytes / MEGABYTE)));
}

function rotates({ maxLogFileAction, numLogs }: AuditdConfig): boolean {
  return maxLogFileAction.kind === 'rotate' && numLogs >= 2;
}

function endlessGrowth(config: AuditdConfig, node: Retention): Finding[] {
  const { kind } = config.maxLogFileAction;
  if (rotates(config) || kind === 'exec') return [];
  if (kind === 'keep_logs' && (node.mostArchiveBytes !== 0 || node.mostArchiveAgeSeconds !== 0)) return [];
  const setting =
    kind === 'rotate'
      ? `max_log_file_action = rotate with num_logs = ${config.numLogs} rotates nothing`
      : `max_log_file_action = ${kind}`;
  const why =
    kind === 'suspend'
      ? `Beyond max_log_file (${config.maxLogFileMegabytes} MiB) no more records are written.`
      : `Nothing ever deletes a log: the disk fills up, and disk_full_action = ${config.diskFullAction.kind} is taken.`;
  const remedy = 'Set max_log_file_action = ROTATE and num_logs = 5 in auditd.conf, or see to it that logs are moved.';
  return [finding('advice', setting, why, remedy)];
}

function inodes({ inodes, freeInodes, mount, logExists }: PartitionFacts): Finding[] {
  if (inodes === 0) return [];
  const remedy = `Delete files on ${mount}; \`df -i ${shellWord(mount)}\` shows how many there are.`;
  if (freeInodes === 0) {
    const why = logExists
      ? 'Rotation cannot make a new log.'
      : 'The log cannot be made, and the daemon does not start.';
    return [finding('problem', `${mount} has no inode left`, why, remedy)];
  }
  if (freeInodes >= FEW_INODES) return [];
  const why = 'Each rotation needs one; without it the log cannot be rotated.';
  return [finding('advice', `${mount} has ${freeInodes} of ${inodes} inodes left`, why, remedy)];
}

function nature({ directory, mount, type }: PartitionFacts): Finding[] {
  const remedy = 'Set log_file in auditd.conf to a path on a local disk.';
  if (NETWORK_TYPES.includes(type)) {
    const why = 'While its server or the network hangs no record is written; what the ring cannot hold is lost.';
    return [finding('advice', `${directory} lies on a network file system (${type} at ${mount})`, why, remedy)];
  }
  if (VOLATILE_TYPES.includes(type)) {
    const why = 'The records are gone with the next boot, or with the container.';
    return [
      finding('advice', `${directory} lies on a file system that does not last (${type} at ${mount})`, why, remedy),
    ];
  }
  return [];
}

function shared({ directory, mount }: PartitionFacts): Finding[] {
  if (mount === directory || !SHARED_MOUNTS.includes(mount)) return [];
  return [
    finding(
      'advice',
      `${directory} is not on a partition of its own: it shares ${mount}`,
      'Whoever can fill that file system stops the log, and a flood of records stops everything else there.',
      `Mount a partition at ${directory}.`,
    ),
  ];
}

function levelOf(action: string): Level {
  return STOPPING.includes(action) ? 'problem' : 'advice';
}

function consequence(action: string): string {
  if (action === 'suspend') return ': from then on no record is written';
  return STOPPING.includes(action) ? ': the machine goes down' : '';
}

function finding(level: Level, found: string, why: string, remedy: string): Finding {
  return { level, subject: 'partition', found, why, remedy };
}
