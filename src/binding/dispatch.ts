/** What the dispatcher needs natively: native/dispatch. */
export interface DispatchAddon {
  /** A connected pair of stream sockets, close-on-exec: ours for an Outlet, and the reader's. */
  socketPair(): [ours: number, theirs: number];
  /**
   * True once the process, a child of this one, has ended and is reaped; also when it is none. For a child that Node
   * does not know of, as it was started before this program was replaced.
   */
  reapChild(pid: number): boolean;
  /** One end of a stream to a plugin or client. The descriptor then belongs to it. */
  readonly Outlet: new (
    fd: number,
    onWritable: () => void,
    onGone: () => void,
  ) => NativeOutlet;
  /** Binds; nobody can connect before `listen`. @throws EADDRINUSE, ENAMETOOLONG over 107 bytes. */
  readonly UnixListener: new (
    path: string,
    mode: number,
    onClient: (fd: number, pid: number, uid: number, gid: number) => void,
    /** Clients wait and cannot be accepted: EMFILE, ENFILE, ENOMEM. */
    onFailure: (errno: number) => void,
  ) => NativeUnixListener;
  /**
   * Writes the records of a ring from index number `start` up to `end` as a plugin reads them into `out`, as far as
   * whole ones fit: as the log has them (`wholeLines`, version 1), or as the kernel sent them (version 0).
   *
   * @param isBinary  Frames of the binary protocol; false: lines.
   * @param node      Empty: no node= prefix.
   * @param filling   Three words that are written: the index number of the first record that did not fit, how many
   *                  records did, and their bytes.
   */
  renderRecords(
    memory: ArrayBuffer,
    start: number,
    end: number,
    isBinary: boolean,
    wholeLines: boolean,
    node: string,
    out: Uint8Array,
    offset: number,
    filling: Uint32Array,
  ): void;
  /** The same for one line that comes from elsewhere. Bytes written, 0 when it does not fit. */
  renderLine(
    type: number,
    line: Uint8Array,
    isBinary: boolean,
    wholeLines: boolean,
    node: string,
    out: Uint8Array,
    offset: number,
  ): number;
}

export interface NativeOutlet {
  /**
   * Writes what the reader takes now: the buffers one behind the other, from `offset` of the first on. When that is
   * less than all, `onWritable` runs once it takes more.
   *
   * @returns Bytes taken; 0 when it takes none now.
   * @throws EPIPE or ECONNRESET when nobody reads any more.
   */
  write(buffers: readonly Uint8Array[], offset: number): number;
  /** The reader gets what was written, then the end of its input. */
  finish(): void;
  close(): void;
  /** Ends this object and gives the descriptor away. */
  detach(): number;
  /** At most this much of what was written is still unread: SIOCOUTQ. Never too low; infinite once the reader has gone. */
  readonly unreadBytes: number;
}

export interface NativeUnixListener {
  listen(): void;
  /** Nobody is accepted until `listen`. */
  pause(): void;
  close(): void;
}
