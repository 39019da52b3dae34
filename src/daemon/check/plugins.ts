import type { Fault } from '../../base/keyValueFile.ts';
import { isRefusal, remedyFor, uncheckedFile } from './configuration.ts';
import type { PluginFileFacts } from './facts.ts';
import type { Finding } from './findings.ts';

/** Every fault that the daemon would report of the files in plugin_dir. */
export function pluginFindings({ scan, isRoot }: PluginFileFacts): Finding[] {
  return scan.faults.map(fault => faultFinding(fault, isRoot));
}

function faultFinding({ severity, error }: Fault, isRoot: boolean): Finding {
  if (!isRoot && isRefusal(error)) return uncheckedFile('plugins', error);
  const isFatal = severity === 'fatal';
  return {
    level: isFatal ? 'problem' : 'advice',
    subject: 'plugins',
    found: error.message,
    why: isFatal
      ? 'The daemon runs without this plugin, which gets no record; the log and the other plugins get theirs.'
      : `The daemon reports this at each start and reload (level ${severity}).`,
    remedy: remedyFor(error),
  };
}
