import type { AuditStatus } from '../control/status.ts';
import type { RecordPathState } from '../sinks/state/stateReport.ts';
import { receiveDrops } from './receiveDrops.ts';
import type { RecordPath } from './recordPath.ts';

/** Where each record is, and where one may have been lost: what the state report says of the record path. */
export function recordPathState(source: string, path: RecordPath, kernel: AuditStatus | null): RecordPathState {
  const { pipeline, ring, reader } = path;
  const counters = ring?.counters();
  const inode = reader?.socketInode ?? 0;
  return {
    source,
    recordsReceived: counters?.records ?? 0,
    recordsWritten: pipeline.writtenLines,
    recordsDiscarded: pipeline.discardedLines,
    recordsAbandoned: counters?.abandoned ?? 0,
    recordsMalformed: counters?.malformed ?? 0,
    recordsCut: counters?.cut ?? 0,
    recordsCleaned: counters?.cleaned ?? 0,
    messagesSpoofed: counters?.spoofed ?? 0,
    messagesUnreadable: counters?.unreadable ?? 0,
    receiveErrors: counters?.receiveErrors ?? 0,
    ringBytes: ring?.textBytes ?? 0,
    ringUsedBytes: ring?.usedBytes ?? 0,
    ringMostUsedBytes: counters?.highWaterBytes ?? 0,
    ringTimesFull: counters?.timesFull ?? 0,
    ringFullMilliseconds: Math.floor((counters?.fullNanoseconds ?? 0) / 1e6),
    receiveBufferDrops: inode === 0 ? null : receiveDrops(inode),
    kernel: kernel === null ? null : { lost: kernel.lost, backlog: kernel.backlog, backlogLimit: kernel.backlogLimit },
    serialsMissing: counters?.missingSerials ?? 0,
  };
}
