import { readdirSync, readFileSync } from 'node:fs';

/** Microseconds that all threads of a process have spent on a processor. */
export function cpuMicroseconds(pid: number): number {
  const directory = `/proc/${pid}/task`;
  return readdirSync(directory)
    .map(thread => Number(readFileSync(`${directory}/${thread}/schedstat`, 'latin1').split(' ')[0]) / 1000)
    .reduce((sum, microseconds) => sum + microseconds, 0);
}

/**
 * Resident memory now (VmRSS), or the most there was so far (VmHWM), as proc(5) counts it; RssAnon and RssShmem are the
 * parts of VmRSS that lie in heaps and in the ring.
 */
export function residentKilobytes(pid: number, which: 'VmRSS' | 'VmHWM' | 'RssAnon' | 'RssShmem'): number {
  const found = new RegExp(`^${which}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
  if (found === null) throw new Error(`/proc/${pid}/status has no ${which}`);
  return Number(found[1]);
}

export function openDescriptors(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}
