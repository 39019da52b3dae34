import { dirname } from 'node:path';

/** Beyond any memory: how version 1 says that there is no limit. */
const NO_LIMIT = 2 ** 60;

/**
 * The tightest memory limit on the way from this process's cgroup up to the root; null when there is none.
 *
 * @param read  The text of a file, null when it cannot be read.
 * @see cgroups(7): memory.max of version 2, memory.limit_in_bytes of version 1
 */
export function cgroupLimit(read: (path: string) => string | null): { path: string; limitBytes: number } | null {
  let tightest: { path: string; limitBytes: number } | null = null;
  for (const line of (read('/proc/self/cgroup') ?? '').split('\n')) {
    const [number, controllers, path] = line.split(':');
    if (path === undefined || !path.startsWith('/')) continue;
    const isVersion2 = number === '0';
    if (!isVersion2 && controllers?.split(',').includes('memory') !== true) continue;
    for (let group = path; ; group = dirname(group)) {
      const own = group === '/' ? '' : group;
      const file = isVersion2 ? `/sys/fs/cgroup${own}/memory.max` : `/sys/fs/cgroup/memory${own}/memory.limit_in_bytes`;
      const limitBytes = limitIn(read(file));
      if (limitBytes !== null && (tightest === null || limitBytes < tightest.limitBytes)) {
        tightest = { path: group, limitBytes };
      }
      if (group === '/') break;
    }
  }
  return tightest;
}

function limitIn(text: string | null): number | null {
  const number = text === null || text.trim() === 'max' ? Number.NaN : Number(text);
  return Number.isFinite(number) && number > 0 && number < NO_LIMIT ? number : null;
}
