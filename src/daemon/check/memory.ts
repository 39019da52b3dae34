import type { NodeAuditdConfig } from '../config/nodeAuditdConfKeys.ts';
import type { MemoryFacts, PrivilegeFacts } from './facts.ts';
import { type Finding, type Level, unchecked } from './findings.ts';
import { mayForceBuffers } from './privilege.ts';

const MEGABYTE = 1 << 20;
/** Program, heap and the log's buffers, beside what the configuration asks for. */
const OWN_MEGABYTES = 100;

type Sizes = Pick<NodeAuditdConfig, 'ringBytes' | 'kernelReceiveBufferBytes'>;

/** Whether what the daemon may come to use is there. It takes that much only while the disk stalls. */
export function memoryFindings(sizes: Sizes, facts: MemoryFacts, privilege: PrivilegeFacts): Finding[] {
  return [...limitFindings(sizes, facts), ...bufferFindings(sizes, facts, privilege)];
}

function limitFindings(sizes: Sizes, { available, cgroup }: MemoryFacts): Finding[] {
  const needed = Math.ceil((sizes.ringBytes + sizes.kernelReceiveBufferBytes) / MEGABYTE) + OWN_MEGABYTES;
  const sum = `up to ${needed} MiB: [ring] size, [kernel] receive_buffer and ${OWN_MEGABYTES} MiB of its own`;
  const remedy = 'Lower [ring] size in node-auditd.conf';
  if (cgroup !== null && cgroup.limitBytes < needed * MEGABYTE) {
    const limit = Math.floor(cgroup.limitBytes / MEGABYTE);
    return [
      finding(
        'problem',
        `The cgroup ${cgroup.path} allows ${limit} MiB, the daemon may use ${sum}`,
        'Beyond the limit the kernel kills it, and the records that wait in the ring are gone.',
        `${remedy}, or raise the limit (MemoryMax= of the unit, \`--memory\` of the container).`,
      ),
    ];
  }
  if (available.kind === 'unknown') return [unchecked('memory', 'Available memory', available)];
  if (available.value >= needed * MEGABYTE) return [];
  return [
    finding(
      'advice',
      `${Math.floor(available.value / MEGABYTE)} MiB of memory are available, the daemon may use ${sum}`,
      'It uses that much while the disk stalls. Then other processes are killed for it, or the machine swaps.',
      `${remedy}.`,
    ),
  ];
}

function bufferFindings(sizes: Sizes, { rmemMaxBytes }: MemoryFacts, privilege: PrivilegeFacts): Finding[] {
  if (!privilege.isRoot || mayForceBuffers(privilege) || rmemMaxBytes === null) return [];
  if (rmemMaxBytes >= sizes.kernelReceiveBufferBytes) return [];
  const wanted = sizes.kernelReceiveBufferBytes;
  return [
    finding(
      'advice',
      `CAP_NET_ADMIN is missing, and net.core.rmem_max (${rmemMaxBytes}) is less than receive_buffer (${wanted})`,
      'The daemon’s socket takes fewer records while it is busy; the kernel drops what does not fit.',
      `\`sysctl -w net.core.rmem_max=${wanted}\`, or give CAP_NET_ADMIN`,
    ),
  ];
}

function finding(level: Level, found: string, why: string, remedy: string): Finding {
  return { level, subject: 'memory', found, why, remedy };
}
