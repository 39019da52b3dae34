import { errnoText, type FieldError } from '../../base/errors.ts';
import type { Fault } from '../../base/keyValueFile.ts';
import type { ConfigFile, ConfigurationFacts } from './facts.ts';
import { type Finding, type Subject, unchecked } from './findings.ts';

const EACCES = 13;

/** Every fault that the daemon would report of its two files, and what keeps them from being read. */
export function configurationFindings(facts: ConfigurationFacts): Finding[] {
  const findings = [facts.auditd, facts.nodeAuditd].flatMap(file => fileFindings(file, facts.isRoot));
  if (facts.mailFault !== null) findings.push(mailFinding(facts.mailFault));
  if (isUnusable(facts.auditd) || isUnusable(facts.nodeAuditd)) {
    findings.push({
      level: 'advice',
      subject: 'configuration',
      found: 'The log, its partition, the other directories and the memory were not looked at',
      why: 'Where they are, and what they should be, is known only from a configuration that can be used.',
      remedy: needsRoot(facts) ? 'Run `auditd --check` as root.' : 'Correct the configuration, then check again.',
    });
  }
  return findings;
}

function isUnusable({ load }: ConfigFile<unknown>): boolean {
  return load.kind === 'unknown' || load.value.kind === 'refused';
}

function needsRoot({ auditd, nodeAuditd, isRoot }: ConfigurationFacts): boolean {
  return !isRoot && [auditd, nodeAuditd].some(({ load }) => load.kind === 'unknown' && load.needsRoot);
}

function fileFindings({ path, load }: ConfigFile<unknown>, isRoot: boolean): Finding[] {
  if (load.kind === 'unknown') return [unchecked('configuration', path, load)];
  return load.value.faults.map(fault => faultFinding(fault, isRoot));
}

function faultFinding({ severity, error }: Fault, isRoot: boolean): Finding {
  if (!isRoot && isRefusal(error)) return uncheckedFile('configuration', error);
  const isFatal = severity === 'fatal';
  return {
    level: isFatal ? 'problem' : 'advice',
    subject: 'configuration',
    found: error.message,
    why: isFatal
      ? 'The daemon refuses the whole file: it exits with code 6, and on a reload keeps the configuration it has.'
      : `The daemon starts all the same, and reports this at each start and reload (level ${severity}).`,
    remedy: remedyFor(error),
  };
}

/** What root may open is no fault of the file. */
export function isRefusal(error: FieldError): boolean {
  return error.expected.includes(errnoText(EACCES));
}

export function uncheckedFile(subject: Subject, error: FieldError): Finding {
  const what = error.field === null ? error.file : `${where(error)}: ${error.field}`;
  return unchecked(subject, what, { reason: errnoText(EACCES), needsRoot: true });
}

export function remedyFor(error: FieldError): string {
  const key = error.field === null ? '' : ` (${error.field})`;
  return `Correct ${where(error)}${key}: expected ${error.expected}`;
}

function where({ file, line }: FieldError): string {
  return line === null ? file : `line ${line} of ${file}`;
}

function mailFinding({ error }: Fault): Finding {
  return {
    level: 'advice',
    subject: 'configuration',
    found: error.message,
    why: 'The mail of an EMAIL action would reach nobody; neither the start nor a record depends on it.',
    remedy: `Set action_mail_acct in ${error.file} to root, or to an address whose domain this machine can look up.`,
  };
}
