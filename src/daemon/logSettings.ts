import type { LogSettings } from '../sinks/log/logSettings.ts';
import type { AuditdConfig } from './config/auditdConfig.ts';
import type { NodeAuditdConfig } from './config/nodeAuditdConfKeys.ts';

/** What the configuration says of the log, in the log's own terms. */
export function logSettings(config: AuditdConfig, node: NodeAuditdConfig): LogSettings {
  return {
    writesLogs: config.writesLogs,
    path: config.logFile,
    gid: config.logGroupId,
    flush: config.flush,
    flushEveryRecords: config.flushEveryRecords,
    numLogs: config.numLogs,
    maxMegabytes: config.maxLogFileMegabytes,
    maxAction: config.maxLogFileAction,
    space: {
      spaceLeft: config.spaceLeft,
      spaceLeftAction: config.spaceLeftAction,
      adminSpaceLeft: config.adminSpaceLeft,
      adminSpaceLeftAction: config.adminSpaceLeftAction,
      diskFullAction: config.diskFullAction,
    },
    rotationTime: node.rotationTime.kind === 'off' ? null : node.rotationTime,
    compression: node.compressesArchives ? { level: node.compressionLevel, plainArchives: node.plainArchives } : null,
    retention: retention(node),
    indexes: node.indexesLogs,
  };
}

function retention(node: NodeAuditdConfig): LogSettings['retention'] {
  const { mostArchiveAgeSeconds, mostArchiveBytes, leastArchives } = node;
  if (mostArchiveAgeSeconds === 0 && mostArchiveBytes === 0) return null;
  return {
    maxAgeSeconds: mostArchiveAgeSeconds === 0 ? null : mostArchiveAgeSeconds,
    maxTotalBytes: mostArchiveBytes === 0 ? null : mostArchiveBytes,
    leastArchives,
  };
}
