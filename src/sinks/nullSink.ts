import type { RecordSink } from './recordSink.ts';

/** write_logs = no: records reach the plugins and nothing else. */
export const nullSink: RecordSink = {
  roomBytes: Number.MAX_SAFE_INTEGER,
  write: () => Promise.resolve(),
};
