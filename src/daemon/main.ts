#!/usr/bin/env node
import { readSync } from 'node:fs';
import { resolve } from 'node:path';
import { reasonOf } from '../base/errors.ts';
import { addon } from '../binding/addon.ts';
import { Ring } from '../ring/ring.ts';
import { runInBackground, takeReadiness } from './background.ts';
import { readConfiguration } from './configuration.ts';
import { Daemon, StartFailure } from './daemon.ts';
import { takeHeldDescriptors } from './heldDescriptors.ts';
import { type DaemonMessages, openMessages, openSyslog } from './messages.ts';
import { type DaemonOptions, parseDaemonOptions } from './options.ts';
import { ensureRunDirectory } from './pidFile.ts';
import { Priority } from './priority.ts';
import { mayControlAudit } from './processFacts.ts';
import { ServiceManager } from './serviceManager.ts';
import { Signals } from './signals.ts';
import { Succession } from './succession.ts';
import { PREFLIGHT_RING_VARIABLE, Successor, takeDescent } from './successor.ts';
import { becomeKeeper } from './supervised.ts';
import { PACKAGE_VERSION, REFERENCE_VERSION } from './version.ts';

const EXIT_STARTUP = 1;
const EXIT_PRIVILEGE = 4;
const EXIT_CONFIGURATION = 6;
const NO_PRIVILEGE = 'You must be root or have capabilities to run this program.';

async function main(): Promise<number> {
  const commandLine = parseDaemonOptions(process.argv.slice(2));
  switch (commandLine.kind) {
    case 'help':
      process.stdout.write(commandLine.text);
      return 0;
    case 'version':
      process.stdout.write(`auditd ${REFERENCE_VERSION} (node-auditd ${PACKAGE_VERSION})\n`);
      return 0;
    case 'usage':
      process.stderr.write(commandLine.text);
      return commandLine.exitCode;
    case 'run':
      return start(commandLine.options);
    case 'preflight':
      return preflight(commandLine.options);
    case 'check': {
      // Loaded here alone: the daemon needs nothing of it.
      const { runCheck } = await import('./check/runCheck.ts');
      return runCheck(commandLine.options);
    }
  }
}

async function start(options: DaemonOptions): Promise<number> {
  if (options.isSupervised) return supervise(options);
  // In a daemon that an upgrade tries, whatever fails from here on leads back to the version before.
  const descent = takeDescent(process.env);
  const held = takeHeldDescriptors(process.env, process.pid, addon.isOpen);
  const ready = takeReadiness();
  if (!options.isForeground && options.forks && ready === null) {
    return runInBackground(import.meta.filename, absoluteArguments(options));
  }
  // First of all: before the handlers are in place, a SIGUSR1 would open Node's inspector.
  const stopsOnInterrupt = options.source.kind !== 'daemon';
  const signals = new Signals([
    'SIGTERM',
    'SIGHUP',
    'SIGUSR1',
    'SIGUSR2',
    'SIGCONT',
    'SIGRTMIN+2',
    'SIGRTMIN+3',
    ...(stopsOnInterrupt ? (['SIGINT'] as const) : []),
  ]);
  addon.setCommandName('auditd');
  addon.raiseFileLimits();
  addon.keepDescriptorsFromChildren();
  const messages = openMessages(options.isForeground ? 'stderr' : 'syslog', 'info');
  openSyslog(false);
  if (!options.isForeground) process.umask(process.umask() | 0o022);

  const manager = new ServiceManager(process.env, messages);
  const succession = new Succession(held, manager, messages);
  const script = process.argv[1] ?? import.meta.filename;
  const successor = new Successor(script, [...absoluteArguments(options), '-n'], manager);
  let isUp = false;
  const fallBack = (error: unknown) => {
    if (isUp || descent.fallback === null) return;
    const reason = error instanceof Error ? error.message : String(error);
    messages.error(`The installed version does not come up, going back to ${descent.fallback}: ${reason}`);
    try {
      successor.becomeFallback(descent.fallback, reason, succession.descriptors, []);
    } catch (failure) {
      messages.error(`Cannot go back either (${reasonOf(failure)})`);
    }
  };

  const configDirectory = resolve(options.configDirectory);
  const configuration = readConfiguration(configDirectory, options.allowsLinks, messages);
  if (configuration === null) {
    fallBack(new Error('its configuration is faulty'));
    return EXIT_CONFIGURATION;
  }
  const { auditd, node } = configuration;
  messages.setLevel(options.isForeground ? 'debug' : node.messageLevel);

  if (options.source.kind === 'daemon' && !mayControlAudit()) {
    // Without the kernel's records no capability is needed, only the files of root.
    if (auditd.receivesLocalEvents || process.getuid?.() !== 0) {
      process.stderr.write(`${NO_PRIVILEGE}\n--observe needs CAP_AUDIT_READ; --replay FILE needs no privilege.\n`);
      return EXIT_PRIVILEGE;
    }
  }
  // A fault of ours must not end in silence: in the background nobody sees standard error.
  process.on('uncaughtException', error => {
    fallBack(error);
    messages.emergency(`auditd has failed, exiting: ${error.stack ?? error.message}`);
    process.exit(EXIT_STARTUP);
  });
  const priority = new Priority();
  if (!becomeDaemon(options, () => priority.boost(auditd.priorityBoost), messages)) return EXIT_STARTUP;
  try {
    const daemon = new Daemon({
      options,
      configDirectory,
      configuration,
      messages,
      signals,
      priority,
      ready: () => {
        isUp = true;
        ready?.();
      },
      manager,
      succession,
      successor,
      failedUpgrade: descent.failure,
      fallBack,
    });
    return await daemon.run();
  } catch (error) {
    if (error instanceof StartFailure) return error.exitCode;
    throw error;
  } finally {
    signals.close();
  }
}

// Returns only when it fails; it has said why.
function supervise(options: DaemonOptions): number {
  const messages = openMessages('stderr', 'info');
  const configuration = readConfiguration(resolve(options.configDirectory), options.allowsLinks, messages);
  if (configuration === null) return EXIT_CONFIGURATION;
  if (!mayControlAudit()) {
    process.stderr.write(`${NO_PRIVILEGE}\n`);
    return EXIT_PRIVILEGE;
  }
  const script = process.argv[1] ?? import.meta.filename;
  const daemon = [process.execPath, ...process.execArgv, script, ...absoluteArguments(options), '-n'];
  const { runDirectory } = configuration.node;
  try {
    ensureRunDirectory(runDirectory);
    becomeKeeper(daemon, runDirectory, !options.isForeground && options.forks);
  } catch (error) {
    messages.error(`Cannot start the keeper (${reasonOf(error)})`);
  }
  return EXIT_STARTUP;
}

// Everything has been loaded when this runs: what is left to see is the configuration and the ring.
function preflight(options: Pick<DaemonOptions, 'configDirectory' | 'allowsLinks'>): number {
  const messages = openMessages('stderr', 'error');
  if (readConfiguration(resolve(options.configDirectory), options.allowsLinks, messages) === null) {
    return EXIT_CONFIGURATION;
  }
  const ring = process.env[PREFLIGHT_RING_VARIABLE];
  if (ring === undefined) return 0; // asked by hand
  const header = new Uint8Array(Ring.HEADER_BYTES);
  readSync(Number(ring), header, 0, header.length, 0);
  const fault = Ring.faultOf(header);
  if (fault === null) return 0;
  process.stderr.write(`${fault}\n`);
  return EXIT_STARTUP;
}

function becomeDaemon(options: DaemonOptions, boost: () => void, messages: DaemonMessages): boolean {
  try {
    if (options.source.kind === 'daemon') boost();
  } catch (error) {
    messages.error(`Cannot change priority (${reasonOf(error)})`);
    return false;
  }
  if (options.isForeground) return true;
  try {
    addon.leaveTerminal();
  } catch (error) {
    messages.error(`Cannot daemonize (${reasonOf(error)})`);
    return false;
  }
  openSyslog(true);
  return true;
}

// The child works in `/`: what was given relative to here would mean something else there.
function absoluteArguments(options: DaemonOptions): string[] {
  const args = [
    ...(options.isForeground ? ['-f'] : []),
    '-s',
    options.startupState,
    '-c',
    resolve(options.configDirectory),
  ];
  if (options.allowsLinks) args.push('-l');
  if (options.source.kind === 'observe') args.push('--observe');
  if (options.source.kind === 'replay') {
    args.push('--replay', options.source.file === null ? '-' : resolve(options.source.file));
  }
  return args;
}

main().then(code => process.exit(code));
