// What `node-auditd/auparse` exports.
export { AuditEvent, AuditField, AuditRecord, type Stamp } from './auditEvent.ts';
export {
  AuditLog,
  type DamagedInput,
  type ReadOptions,
  readBuffer,
  readBuffers,
  readDescriptor,
  readFile,
  readFiles,
  readLogs,
} from './auditLog.ts';
export { compareNodes, compareTimestamps } from './compare.ts';
export { type DaemonLog, readDaemonLog } from './daemonLog.ts';
export { EventCursor } from './eventCursor.ts';
export { EventFeed } from './eventFeed.ts';
export { Expression, type Match, search } from './expression/expression.ts';
export { ExpressionError } from './expression/expressionError.ts';
export { FIELD_TYPE, type FieldType } from './fieldType.ts';
export type { NormalizedEvent, NormalizeOptions } from './normalizedEvent.ts';
export type { EscapeMode, ParseOptions } from './parseOptions.ts';
export { metricsText, type ReadCounts } from './readCounts.ts';
export { readStream } from './readStream.ts';
export { forgetNames, interpretArgument, type SyscallArgument } from './syscallArgument.ts';
