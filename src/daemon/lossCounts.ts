import type { AuditStatus } from '../control/status.ts';
import type { LossCounts } from '../pipeline/lossLedger.ts';
import type { KernelLog } from './kernelLog.ts';
import type { NetworkListener } from './listener/networkListener.ts';
import { receiveDrops } from './receiveDrops.ts';
import type { RecordPath } from './recordPath.ts';

/**
 * Asks every place at which a record can vanish how many it has counted.
 *
 * @param status        The kernel's, null when it could not be asked.
 * @param pluginLosses  Records that plugins did not get.
 */
export function countLosses(
  path: RecordPath,
  status: AuditStatus | null,
  kernelLog: KernelLog | null,
  network: NetworkListener | null,
  pluginLosses: number,
): LossCounts {
  const counters = path.ring?.counters();
  const inode = path.reader?.socketInode ?? 0;
  const drops = inode === 0 ? null : receiveDrops(inode);
  const printed = kernelLog?.count() ?? null;
  return {
    ...(status === null ? {} : { 'kernel-lost': status.lost }),
    ...(printed === null ? {} : { 'kernel-printed': printed }),
    ...(drops === null ? {} : { 'receive-buffer': drops }),
    'serials-missing': counters?.missingSerials ?? 0,
    'log-discarded': path.pipeline.discardedLines,
    'ring-abandoned': counters?.abandoned ?? 0,
    'remote-lost': network?.state.counters.recordsLost ?? 0,
    'plugin-overflow': pluginLosses,
  };
}
