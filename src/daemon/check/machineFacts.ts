import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  type Stats,
  statfsSync,
  statSync,
} from 'node:fs';
import { release } from 'node:os';
import { dirname, normalize, resolve } from 'node:path';
import { isErrno, reasonOf, SystemError } from '../../base/errors.ts';
import { addon } from '../../binding/addon.ts';
import { openAuditControl } from '../../control/openAuditControl.ts';
import { requireSafeDirectory } from '../../sinks/log/logDirectory.ts';
import type { AuditdConfig } from '../config/auditdConfig.ts';
import { type ConfigLoad, loadAuditdConfig } from '../config/loadAuditdConfig.ts';
import { loadNodeAuditdConfig } from '../config/loadNodeAuditdConfig.ts';
import { checkMailDomain } from '../config/mailDomain.ts';
import type { NodeAuditdConfig } from '../config/nodeAuditdConfKeys.ts';
import { systemFacts } from '../config/systemFacts.ts';
import { logFiles } from '../logFiles.ts';
import { scanPluginDirectory } from '../plugins/pluginDirectory.ts';
import { pluginFacts } from '../plugins/pluginFacts.ts';
import { findAuditReaders, holdsAuditSocket, programOf } from './auditSockets.ts';
import { cgroupLimit } from './cgroupLimit.ts';
import type {
  ConfigFile,
  ConfigurationFacts,
  KernelFacts,
  ListenerFacts,
  LogPathFacts,
  LookedAt,
  Machine,
  MemoryFacts,
  PartitionFacts,
  PathFacts,
  PermissionFacts,
  PluginFileFacts,
  PrivilegeFacts,
  RegisteredDaemon,
} from './facts.ts';
import { type Answer, known } from './findings.ts';

const TMPFS_MAGIC = 0x01021994;
/** The package asks for the host's full name, which can wait for a name server. */
const DESCRIPTION_MILLISECONDS = 2000;
const JOURNALD_SOCKET = 'systemd-journald-audit.socket';
/** Where systemd looks for units, the first one wins. */
const UNIT_DIRECTORIES = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
];

/** This machine. Partitions, memory and the system's name come from `systeminformation`, loaded when first asked. */
export class ThisMachine implements Machine {
  readonly #directory: string;
  readonly #allowsLinks: boolean;
  readonly #isRoot = process.geteuid?.() === 0;

  constructor(options: { readonly configDirectory: string; readonly allowsLinks: boolean }) {
    this.#directory = resolve(options.configDirectory);
    this.#allowsLinks = options.allowsLinks;
  }

  async configuration(): Promise<ConfigurationFacts> {
    const load = { allowsLinks: this.#allowsLinks, facts: systemFacts(name => addon.groupNumber(name)) };
    const auditd = this.#configFile('auditd.conf', path => loadAuditdConfig(path, load));
    const nodeAuditd = this.#configFile('node-auditd.conf', path => loadNodeAuditdConfig(path, load));
    const isUsable = auditd.load.kind === 'known' && auditd.load.value.kind === 'loaded';
    const mailFault = isUsable ? await checkMailDomain(auditd.path, auditd.load.value.config) : null;
    return { isRoot: this.#isRoot, auditd, nodeAuditd, mailFault };
  }

  #configFile<Config>(name: string, load: (path: string) => ConfigLoad<Config>): ConfigFile<Config> {
    const path = `${this.#directory}/${name}`;
    // The loader refuses a file that does not open; to somebody who is not root that says nothing of it.
    const opened = this.#ask(() => closeSync(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)));
    return { path, load: opened.kind === 'unknown' && opened.needsRoot ? opened : known(load(path)) };
  }

  async permissions(config: AuditdConfig, { runDirectory }: NodeAuditdConfig): Promise<PermissionFacts> {
    return {
      configDirectory: this.#look(this.#directory, statSync),
      configFiles: ['auditd.conf', 'node-auditd.conf'].map(name => this.#look(`${this.#directory}/${name}`, statSync)),
      log: config.writesLogs ? await this.#logPaths(config) : null,
      pluginDirectory: this.#look(withoutSlash(config.pluginDirectory), statSync),
      runDirectory: this.#look(runDirectory, statSync),
      runParentExists: existsSync(dirname(runDirectory)),
    };
  }

  async #logPaths({ logFile, numLogs }: AuditdConfig): Promise<LogPathFacts> {
    const archives: PathFacts[] = [];
    for (let number = 1; number < numLogs; number++) {
      const { facts } = this.#look(`${logFile}.${number}`, lstatSync);
      if (facts.kind === 'known' && facts.value !== null) archives.push(facts.value);
    }
    return {
      refusal: await this.#directoryRefusal(logFile),
      directory: this.#look(dirname(logFile), lstatSync),
      file: this.#look(logFile, lstatSync),
      archives,
    };
  }

  async #directoryRefusal(logFile: string): Promise<Answer<SystemError | null>> {
    try {
      await requireSafeDirectory(logFiles, logFile);
      return known(null);
    } catch (error) {
      if (error instanceof SystemError) return known(error);
      const answer = this.#unanswered(error);
      if (answer.needsRoot || !isSystemFailure(error)) return answer;
      const { syscall = 'lstat', errno = 0, path = null } = error;
      return known(new SystemError({ syscall, errno: -errno, path, cause: error }));
    }
  }

  plugins({ pluginDirectory }: AuditdConfig): PluginFileFacts {
    return {
      isRoot: this.#isRoot,
      scan: scanPluginDirectory(pluginDirectory, pluginFacts, directory => readdirSync(directory)),
    };
  }

  async partition(config: AuditdConfig): Promise<Answer<PartitionFacts> | null> {
    const directory = normalize(dirname(config.logFile));
    try {
      const space = statfsSync(directory);
      const { mount, type } = await mountOf(directory);
      const log = sizeIfThere(config.logFile);
      let logBytes = log ?? 0;
      for (let number = 1; number < config.numLogs; number++)
        logBytes += sizeIfThere(`${config.logFile}.${number}`) ?? 0;
      return known({
        directory,
        mount,
        type,
        blockBytes: space.bsize,
        blocks: space.blocks,
        freeBlocks: space.bavail,
        inodes: space.files,
        freeInodes: space.ffree,
        isReadOnly: isReadOnly(directory),
        logExists: log !== null,
        logBytes,
      });
    } catch (error) {
      return isErrno(error, 'ENOENT') ? null : this.#unanswered(error);
    }
  }

  kernel(): KernelFacts {
    return { status: this.#status(), commandLine: this.#ask(() => readFileSync('/proc/cmdline', 'latin1')) };
  }

  #status(): KernelFacts['status'] {
    try {
      const { control, close } = openAuditControl();
      try {
        return { kind: 'answered', status: control.status() };
      } finally {
        close();
      }
    } catch (error) {
      if (isErrno(error, 'EPROTONOSUPPORT') || isErrno(error, 'EINVAL')) return { kind: 'absent' };
      if (isErrno(error, 'ECONNREFUSED')) return { kind: 'refused' };
      return this.#unanswered(error);
    }
  }

  listeners(registeredPid: number | null, runDirectory: string | null): ListenerFacts {
    return {
      registered: registeredPid === null || registeredPid === 0 ? null : registeredDaemon(registeredPid, runDirectory),
      readers: this.#ask(findAuditReaders),
      journaldReadsAtBoot: isJournaldSocketEnabled(),
    };
  }

  privilege(): PrivilegeFacts {
    const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readIfThere('/proc/self/status') ?? '')?.[1];
    return {
      isRoot: this.#isRoot,
      pidNamespace: inodeIfThere('/proc/self/ns/pid'),
      userNamespace: inodeIfThere('/proc/self/ns/user'),
      capabilities: effective === undefined ? null : BigInt(`0x${effective}`),
    };
  }

  async memory(): Promise<MemoryFacts> {
    const { mem } = await import('systeminformation');
    const { available } = await mem();
    const rmemMax = readIfThere('/proc/sys/net/core/rmem_max');
    return {
      available: known(available),
      cgroup: cgroupLimit(readIfThere),
      rmemMaxBytes: rmemMax === null ? null : Number(rmemMax),
    };
  }

  async describe(): Promise<string> {
    const { osInfo } = await import('systeminformation');
    const kernel = `Linux ${release()}`;
    const timeLimit = new Promise<string>(done => setTimeout(done, DESCRIPTION_MILLISECONDS, kernel).unref());
    const system = osInfo().then(({ distro, release }) => `${distro} ${release}, ${kernel}`);
    return Promise.race([system, timeLimit]);
  }

  #look(path: string, stat: (path: string) => Stats): LookedAt {
    const facts = this.#ask(() => {
      try {
        return pathFacts(path, stat(path));
      } catch (error) {
        if (isErrno(error, 'ENOENT')) return null;
        throw error;
      }
    });
    return { path, facts };
  }

  #ask<T>(question: () => T): Answer<T> {
    try {
      return known(question());
    } catch (error) {
      return this.#unanswered(error);
    }
  }

  // Only what the machine answered; a fault of our own goes on.
  #unanswered(error: unknown): Extract<Answer<never>, { kind: 'unknown' }> {
    if (!isSystemFailure(error)) throw error;
    const isRefused = isErrno(error, 'EACCES') || isErrno(error, 'EPERM');
    return { kind: 'unknown', reason: reasonOf(error), needsRoot: isRefused && !this.#isRoot };
  }
}

function isSystemFailure(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'errno' in error;
}

function pathFacts(path: string, stats: Stats): PathFacts {
  const kind = stats.isFile() ? 'file' : stats.isDirectory() ? 'directory' : stats.isSymbolicLink() ? 'link' : 'other';
  return { path, kind, ownerId: stats.uid, groupId: stats.gid, mode: stats.mode & 0o7777 };
}

/** `systeminformation` leaves out tmpfs and its like; then the file system's own number has to tell. */
async function mountOf(directory: string): Promise<{ mount: string; type: string }> {
  const { fsSize } = await import('systeminformation');
  const above = (await fsSize()).filter(({ mount }) => isBelow(directory, mount));
  const listed = above.toSorted((a, b) => b.mount.length - a.mount.length)[0];
  const kind = statfsSync(directory).type;
  // Equal kinds with another device number: a subvolume, which shares its file system's space.
  if (listed !== undefined && (isSameDevice(directory, listed.mount) || kind === statfsSync(listed.mount).type)) {
    return { mount: listed.mount, type: listed.type };
  }
  let mount = directory;
  while (mount !== '/' && isSameDevice(mount, dirname(mount))) mount = dirname(mount);
  return { mount, type: kind === TMPFS_MAGIC ? 'tmpfs' : '' };
}

function isBelow(path: string, directory: string): boolean {
  return directory === '/' || path === directory || path.startsWith(`${directory}/`);
}

function isSameDevice(a: string, b: string): boolean {
  return statSync(a).dev === statSync(b).dev;
}

/** access(2) says so to root too. */
function isReadOnly(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK);
    return false;
  } catch (error) {
    if (isErrno(error, 'EROFS')) return true;
    if (isErrno(error, 'EACCES')) return false; // another user's directory, on a file system that takes writes
    throw error;
  }
}

function registeredDaemon(pid: number, runDirectory: string | null): RegisteredDaemon {
  const program = programOf(pid);
  const isInPidFile = runDirectory === null || readIfThere(`${runDirectory}/auditd.pid`)?.trim() === String(pid);
  return {
    pid,
    program,
    holdsAuditSocket: holdsAuditSocket(pid),
    isOurs: program === 'auditd' && isInPidFile && runsNode(pid),
  };
}

function runsNode(pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/exe`) === process.execPath;
  } catch (error) {
    if (isSystemFailure(error)) return false; // it has ended, or is another user's
    throw error;
  }
}

function isJournaldSocketEnabled(): boolean {
  if (!existsSync('/run/systemd/system')) return false;
  const unit = UNIT_DIRECTORIES.map(directory => `${directory}/${JOURNALD_SOCKET}`).find(isThere);
  if (unit === undefined || linkTarget(unit) === '/dev/null') return false;
  return UNIT_DIRECTORIES.some(directory => isThere(`${directory}/sockets.target.wants/${JOURNALD_SOCKET}`));
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function linkTarget(path: string): string | null {
  return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : null;
}

function sizeIfThere(path: string): number | null {
  return lstatSync(path, { throwIfNoEntry: false })?.size ?? null;
}

function inodeIfThere(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.ino ?? null;
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    // A kernel without it, a container that hides it.
    if (isSystemFailure(error)) return null;
    throw error;
  }
}

function withoutSlash(path: string): string {
  return path.length > 1 ? path.replace(/\/+$/, '') : path;
}
