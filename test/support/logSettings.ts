import type { LogAction, LogSettings, SpaceSettings } from '../../src/sinks/log/logSettings.ts';

export const LOG = '/var/log/audit/audit.log';
export const ignore: LogAction = { kind: 'ignore' };

export const noSpaceLimits: SpaceSettings = {
  spaceLeft: { kind: 'megabytes', value: 0 },
  spaceLeftAction: ignore,
  adminSpaceLeft: { kind: 'megabytes', value: 0 },
  adminSpaceLeftAction: ignore,
  diskFullAction: ignore,
};

/** Rotation at 1 MiB with three archives, and nothing else that happens by itself. */
export function logSettings(changes: Partial<LogSettings> = {}): LogSettings {
  return {
    writesLogs: true,
    path: LOG,
    gid: 0,
    flush: 'none',
    flushEveryRecords: 0,
    numLogs: 4,
    maxMegabytes: 1,
    maxAction: { kind: 'rotate' },
    space: noSpaceLimits,
    rotationTime: null,
    compression: null,
    retention: null,
    indexes: false,
    ...changes,
  };
}
