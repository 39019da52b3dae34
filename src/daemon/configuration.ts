import type { Fault } from '../base/keyValueFile.ts';
import type { Messages } from '../base/messages.ts';
import { addon } from '../binding/addon.ts';
import type { AuditdConfig } from './config/auditdConfig.ts';
import { loadAuditdConfig } from './config/loadAuditdConfig.ts';
import { loadNodeAuditdConfig } from './config/loadNodeAuditdConfig.ts';
import type { NodeAuditdConfig } from './config/nodeAuditdConfKeys.ts';
import { systemFacts } from './config/systemFacts.ts';

/** Both files, read and checked. */
export interface Configuration {
  readonly auditd: AuditdConfig;
  readonly node: NodeAuditdConfig;
}

/**
 * Reads auditd.conf and node-auditd.conf, and logs every fault.
 *
 * @param directory  Absolute.
 * @returns          Null when either file has a fatal fault: the daemon exits with 6, or keeps what is in force.
 */
export function readConfiguration(directory: string, allowsLinks: boolean, messages: Messages): Configuration | null {
  const options = { allowsLinks, facts: systemFacts(name => addon.groupNumber(name)) };
  const auditd = loadAuditdConfig(`${directory}/auditd.conf`, options);
  const node = loadNodeAuditdConfig(`${directory}/node-auditd.conf`, options);
  for (const fault of [...auditd.faults, ...node.faults]) say(fault, messages);
  return auditd.kind === 'loaded' && node.kind === 'loaded' ? { auditd: auditd.config, node: node.config } : null;
}

export function say({ severity, error }: Fault, messages: Messages): void {
  if (severity === 'warning') messages.warning(error.message);
  else if (severity === 'notice') messages.notice(error.message);
  else messages.error(error.message);
}
