import { reasonOf } from '../../base/errors.ts';
import { SinkError } from '../recordSink.ts';

/** What failed, in the words that messages about disk errors start with. rotate: an archive; rotate2: the live log. */
export type DiskOperation = 'write' | 'fsync' | 'rotate' | 'rotate2' | 'reopen' | 'resume' | 'reconfig';

/** The log's file system let the log down. What was written are whole lines, and the log can be tried again. */
export class LogFailure extends SinkError {
  readonly operation: DiskOperation;
  /** Every byte of the run was written: something around the write failed. */
  readonly isWritten: boolean;
  /** Failures since the last write that had none, this one included. */
  readonly failuresInRow: number;

  constructor(fields: {
    operation: DiskOperation;
    cause: unknown;
    keptBytes: number;
    isWritten: boolean;
    failuresInRow: number;
  }) {
    super(`the log failed to ${fields.operation}: ${reasonOf(fields.cause)}`, fields.keptBytes, fields.cause);
    this.operation = fields.operation;
    this.isWritten = fields.isWritten;
    this.failuresInRow = fields.failuresInRow;
  }
}

/** Logging is suspended: by configuration, nothing reaches the log until it is resumed. */
export class LogSuspended extends SinkError {
  constructor() {
    super('logging is suspended', 0, null);
  }
}

/** One step failed; the writer turns it into a LogFailure. */
export class StepFailure extends Error {
  override readonly name = 'StepFailure';
  readonly operation: DiskOperation;

  constructor(operation: DiskOperation, cause: unknown) {
    super(reasonOf(cause), { cause });
    this.operation = operation;
  }
}

/** Runs a step; whatever fails in it fails as that operation, unless it has a name of its own already. */
export async function runStep<T>(operation: DiskOperation, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw error instanceof StepFailure ? error : new StepFailure(operation, error);
  }
}

const ENOSPC = 28;
const EDQUOT = 122;

/** Whether a write failed for want of space. By number: libuv has no name for EDQUOT, and Node's errors carry it negative. */
export function isFull(error: unknown): boolean {
  if (!(error instanceof Error && 'errno' in error && typeof error.errno === 'number')) return false;
  const errno = Math.abs(error.errno);
  return errno === ENOSPC || errno === EDQUOT;
}
