/** One end of a stream to a plugin or a client. Writing to it never waits. */
export interface Outlet {
  /**
   * Writes what the reader takes now: the buffers one behind the other, from `offset` of the first on. When that is
   * less than all, `onWritable` runs once it takes more.
   *
   * @returns Bytes taken.
   * @throws {Error} EPIPE or ECONNRESET when nobody reads any more.
   */
  write(buffers: readonly Uint8Array[], offset: number): number;
  /** The reader gets what was written, then the end of its input. */
  finish(): void;
  close(): void;
  /** Ends this object without closing the stream, whose descriptor is returned. */
  detach(): number;
  /** At most this much of what was written is still unread. Never too low; infinite once the reader has gone. */
  readonly unreadBytes: number;
}

export interface OutletEvents {
  /** The reader takes bytes again. */
  onWritable(): void;
  /** Nobody reads any more. */
  onGone(): void;
}
