/** Where the pipeline's records end: the log, standard output, or nowhere. */
export interface RecordSink {
  /**
   * Bytes the sink takes before it must do something first, a rotation: the pipeline ends a run with the record that
   * reaches them. At least 1.
   */
  readonly roomBytes: number;
  /**
   * Takes whole lines, newlines included. The bytes are borrowed until the promise settles.
   *
   * @throws {SinkError} Part of the lines may have been kept; it says how much.
   */
  write(bytes: Uint8Array, lines: number): Promise<void>;
}

/** The sink could not take all of a run. What it took are whole lines, and stays. */
export class SinkError extends Error {
  override readonly name = 'SinkError';
  /** Of the run's bytes, how many need not be written again. Ends a line. */
  readonly keptBytes: number;

  constructor(message: string, keptBytes: number, cause: unknown) {
    super(message, { cause });
    this.keptBytes = keptBytes;
  }
}
