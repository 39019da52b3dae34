import { closeSync } from 'node:fs';
import { isErrno, reasonOf } from '../base/errors.ts';
import type { Messages } from '../base/messages.ts';
import type { ReaderSource, RingMemory } from '../binding/addon.ts';
import { type HeldDescriptors, type HeldSocket, RING_NAME, WINDOW_NAME } from './heldDescriptors.ts';
import type { RecordPath } from './recordPath.ts';
import { type Recovery, recoverLog } from './recovery.ts';
import type { ServiceManager } from './serviceManager.ts';

/** How often it is looked whether a take-over has ended. */
const LOOK_MILLISECONDS = 20;

/** The kernel's source, with what an earlier process left of it. */
export type KernelSource = Extract<ReaderSource, { kind: 'kernel' }>;

/**
 * What this process got from the one before it, and leaves to the one after it: the ring and the audit sockets. They are
 * with the service manager while nobody runs; see docs/recovery.md.
 */
export class Succession {
  readonly #held: HeldDescriptors;
  readonly #manager: ServiceManager;
  readonly #messages: Messages;
  #path: RecordPath | null = null;
  #timer: NodeJS.Timeout | null = null;
  #isRingNew = true;
  #lostRing: string | null = null;
  #recoveredUntil = 0;
  #socketName: string;
  /** Names that the manager has, and that a later process must not find once this one has ended in order. */
  readonly #stored = new Set<string>();

  constructor(held: HeldDescriptors, manager: ServiceManager, messages: Messages) {
    this.#held = held;
    this.#manager = manager;
    this.#messages = messages;
    this.#socketName = held.nextSocketName;
    for (const { name } of held.sockets) this.#stored.add(name);
    if (held.ring !== null) this.#stored.add(RING_NAME);
    if (held.window !== null) this.#stored.add(WINDOW_NAME);
    for (const { name, fd } of held.unknown) {
      messages.notice(`Letting go of a stored descriptor that is not ours: ${JSON.stringify(name)}`);
      closeSync(fd);
      if (name !== '' && !this.#stored.has(name)) manager.forget(name);
    }
  }

  /** An earlier process left its ring: records may wait in it, and the kernel knows a socket of ours. */
  get hasPredecessor(): boolean {
    return this.#held.ring !== null || this.#held.sockets.length > 0;
  }

  /** This process is that earlier one, under another program: it is registered. */
  get isSameProcess(): boolean {
    return this.#held.isSameProcess;
  }

  /** The file that tells of the plugins that go on; null when there are none. */
  get pluginsDescriptor(): number | null {
    return this.#held.plugins;
  }

  /** Why the records of the held ring are lost; null when none are. */
  get lostRing(): string | null {
    return this.#lostRing;
  }

  /** The kernel's records, from whoever has them. */
  source(receiveBytes: number): KernelSource {
    const { sockets, window, isSameProcess } = this.#held;
    const registered = isSameProcess ? (sockets.at(-1)?.fd ?? null) : null;
    const held = sockets.filter(({ fd }) => fd !== registered).map(({ fd }) => fd);
    return { kind: 'kernel', receiveBytes, registered, held, window };
  }

  /**
   * Opens the record path over what was left, or anew where that cannot be used, and has it kept.
   *
   * @param open  Makes the path.
   */
  openPath(ringBytes: number, open: (ring: RingMemory) => RecordPath): RecordPath {
    const path = this.#attach(ringBytes, open) ?? open({ bytes: ringBytes, memfd: null });
    this.#path = path;
    const { ring, reader } = path;
    if (ring === null || reader === null) return path;
    if (!this.#isRingNew && ring.textBytes !== ringBytes) {
      this.#messages.notice('[ring] size takes effect when the daemon has been stopped and is started again');
    }
    this.#recoveredUntil = ring.head;
    const { ring: ringFd, socket, window, windowIsNew } = reader.descriptors();
    if (this.#isRingNew) this.#store(RING_NAME, ringFd);
    if (this.#held.isSameProcess) this.#socketName = this.#held.sockets.at(-1)?.name ?? this.#socketName;
    else this.#store(this.#socketName, socket);
    if (windowIsNew && this.#held.window !== null) this.#manager.forget(WINDOW_NAME);
    if (windowIsNew) this.#store(WINDOW_NAME, window);
    return path;
  }

  /**
   * Brings the log and the ring into agreement, before anything is written.
   *
   * @returns What is to be written first, of the dead daemon's own; null for nothing.
   */
  recover(logFile: string | null): Uint8Array | null {
    const ring = this.#path?.ring ?? null;
    if (ring === null || this.#isRingNew) return null;
    const recovery = logFile === null ? null : this.#recoverLog(logFile);
    const staged = this.#path?.reader?.stagedFound ?? 0;
    const torn =
      recovery === null || recovery.tornBytes === 0 ? '' : `, ${recovery.tornBytes} bytes of a torn one cut off`;
    const already = recovery?.alreadyWritten ?? 0;
    this.#messages.notice(
      `Going on where an earlier process ended: ${ring.usedLines} records from its ring, ${staged} received and not ` +
        `yet in it; ${already} were in the log already${torn}`,
    );
    return recovery?.ownRecord ?? null;
  }

  /** Looks until the take-over has ended and the recovered records are written; then lets go of what it needed. */
  watch(): void {
    this.#timer = setInterval(() => this.#look(), LOOK_MILLISECONDS);
    this.#look();
  }

  /** The daemon has ended in order: nobody is to go on from here. */
  forgetAll(): void {
    this.stop();
    for (const name of this.#stored) this.#manager.forget(name);
    this.#stored.clear();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  /** What a program needs that takes this one's place; the reader thread must not run. */
  get descriptors(): HeldSocket[] {
    const own = this.#path?.reader?.descriptors() ?? null;
    if (own === null) {
      const { ring, window, sockets } = this.#held;
      return [...pair(RING_NAME, ring ?? -1), ...sockets, ...pair(WINDOW_NAME, window ?? -1)];
    }
    const held = this.#path?.reader?.isSettled === true ? [] : this.#held.sockets;
    return [
      ...pair(RING_NAME, own.ring),
      ...held.filter(({ name }) => name !== this.#socketName),
      ...pair(this.#socketName, own.socket),
      ...pair(WINDOW_NAME, own.window),
    ];
  }

  // Null when there is nothing to attach to, or it is of no use; that was said.
  #attach(bytes: number, open: (ring: RingMemory) => RecordPath): RecordPath | null {
    const memfd = this.#held.ring;
    if (memfd === null) return null;
    try {
      const path = open({ bytes, memfd });
      this.#isRingNew = false;
      return path;
    } catch (error) {
      const reason = whyUnusable(error);
      if (reason === null) throw error;
      this.#lostRing = reason;
      this.#messages.error(`The records that an earlier process had not written are lost: its ring ${reason}`);
      closeSync(memfd);
      this.#manager.forget(RING_NAME);
      return null;
    }
  }

  #recoverLog(logFile: string): Recovery | null {
    const ring = this.#path?.ring ?? null;
    if (ring === null) return null;
    try {
      return recoverLog(ring, logFile);
    } catch (error) {
      // What was written may then be written twice, which loses nothing.
      this.#messages.warning(`Cannot compare ${logFile} with the ring (${reasonOf(error)})`);
      return null;
    }
  }

  #store(name: string, descriptor: number): void {
    if (descriptor < 0) return;
    this.#manager.store(name, descriptor);
    this.#stored.add(name);
  }

  #look(): void {
    const path = this.#path;
    if (path === null || path.reader === null) {
      this.stop();
      return;
    }
    if (!path.reader.isSettled || path.ring?.isPast(this.#recoveredUntil) === false) return;
    path.reader.cameUp();
    for (const name of [...this.#held.sockets.map(socket => socket.name), WINDOW_NAME]) {
      if (name === this.#socketName || !this.#stored.delete(name)) continue;
      this.#manager.forget(name);
    }
    this.stop();
  }
}

function whyUnusable(error: unknown): string | null {
  if (isErrno(error, 'EPROTO')) return 'has a layout that this version does not know';
  if (isErrno(error, 'EBADMSG')) return 'contradicts itself';
  if (isErrno(error, 'ELOOP')) return 'was given up, as the processes died that read it';
  return null;
}

function pair(name: string, fd: number): HeldSocket[] {
  return fd < 0 ? [] : [{ name, fd }];
}
