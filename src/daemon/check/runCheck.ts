import { isErrno, reasonOf } from '../../base/errors.ts';
import { configurationFindings } from './configuration.ts';
import type { ConfigurationFacts, Machine } from './facts.ts';
import { exitCodeFor, type Finding, worstFirst } from './findings.ts';
import { kernelFindings } from './kernel.ts';
import { listenerFindings } from './listeners.ts';
import { ThisMachine } from './machineFacts.ts';
import { memoryFindings } from './memory.ts';
import { partitionFindings } from './partition.ts';
import { permissionFindings } from './permissions.ts';
import { pluginFindings } from './plugins.ts';
import { isInContainer, privilegeFindings } from './privilege.ts';
import { formatReport, wantsColour } from './report.ts';

export interface CheckOptions {
  readonly configDirectory: string;
  readonly allowsLinks: boolean;
}

/** Prints what to change on this machine, and changes nothing. Returns the exit code. */
export async function runCheck(options: CheckOptions): Promise<0 | 1 | 2> {
  const machine = new ThisMachine(options);
  const findings = await checkMachine(machine);
  const inColour = wantsColour(process.stdout.isTTY === true, process.env);
  try {
    await print(formatReport(await machine.describe(), findings, inColour));
  } catch (error) {
    // Whoever reads the exit code alone must not take it for mere advice.
    process.stderr.write(`auditd: Cannot write what the check has found (${reasonOf(error)})\n`);
    return 2;
  }
  return exitCodeFor(findings);
}

/** Everything to say about a machine, worst first. */
export async function checkMachine(machine: Machine): Promise<Finding[]> {
  const configuration = await machine.configuration();
  const findings = configurationFindings(configuration);
  const privilege = machine.privilege();
  const configs = usableConfigs(configuration);
  if (configs !== null) {
    const { config, nodeConfig } = configs;
    findings.push(...permissionFindings(await machine.permissions(config, nodeConfig)));
    findings.push(...pluginFindings(machine.plugins(config)));
    if (config.writesLogs) findings.push(...partitionFindings(config, nodeConfig, await machine.partition(config)));
  }
  // With local_events = no the daemon takes no record of this kernel.
  if (configs?.config.receivesLocalEvents !== false) {
    const kernel = machine.kernel();
    const registeredPid = kernel.status.kind === 'answered' ? kernel.status.status.pid : null;
    findings.push(
      ...privilegeFindings(privilege),
      ...kernelFindings(kernel, isInContainer(privilege)),
      ...listenerFindings(machine.listeners(registeredPid, configs?.nodeConfig.runDirectory ?? null)),
    );
  }
  if (configs !== null) findings.push(...memoryFindings(configs.nodeConfig, await machine.memory(), privilege));
  return worstFirst(findings);
}

function usableConfigs({ auditd, nodeAuditd }: ConfigurationFacts) {
  if (auditd.load.kind === 'unknown' || nodeAuditd.load.kind === 'unknown') return null;
  if (auditd.load.value.kind === 'refused' || nodeAuditd.load.value.kind === 'refused') return null;
  return { config: auditd.load.value.config, nodeConfig: nodeAuditd.load.value.config };
}

// A reader that has seen enough, as head(1), closes the pipe: that is no fault.
function print(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error | null) => {
      if (error instanceof Error && !isErrno(error, 'EPIPE')) reject(error);
      else resolve();
    };
    process.stdout.once('error', settle);
    process.stdout.write(text, settle);
  });
}
