import { addon } from '../binding/addon.ts';
import type { NativeEvent, NativeEventView } from '../binding/auparse.ts';
import { EventCursor } from './eventCursor.ts';
import type { FieldType } from './fieldType.ts';
import { type NormalizedEvent, type NormalizeOptions, normalizedEvent } from './normalizedEvent.ts';
import { escapeModeNumber, type ParseOptions } from './parseOptions.ts';

/** Seconds, milliseconds and serial: what `audit(1700000000.123:45)` says. */
export interface Stamp {
  readonly seconds: number;
  readonly milliseconds: number;
  readonly serial: number;
}

/**
 * Records that belong together. It holds a copy of its lines and nothing else, so it may be kept; records are split
 * and fields interpreted when they are first looked at.
 */
export class AuditEvent implements Stamp {
  readonly seconds: number;
  readonly milliseconds: number;
  readonly serial: number;
  /** Who wrote the record, when the log says so. */
  readonly node: string | null;
  /** The records as logged, enrichment included, a newline between two. Any bytes. */
  readonly lines: Uint8Array;
  readonly #places: readonly number[];
  readonly #files: readonly (string | null)[];
  readonly #options: ParseOptions;
  #view: NativeEventView | null = null;
  #records: readonly AuditRecord[] | null = null;

  /** For this room: an event as the reader gives it, and the names of the inputs. */
  constructor(event: NativeEvent, files: readonly (string | null)[], options: ParseOptions) {
    this.seconds = event.seconds;
    this.milliseconds = event.milliseconds;
    this.serial = event.serial;
    this.node = event.node;
    this.lines = event.lines;
    this.#places = event.places;
    this.#files = files;
    this.#options = options;
  }

  /**
   * The event of some lines that are known to belong together. Those without a good head are left out.
   *
   * @returns null when no line has one.
   */
  static parse(lines: Uint8Array | string, options: ParseOptions = {}): AuditEvent | null {
    const bytes = typeof lines === 'string' ? Buffer.from(lines) : lines;
    const view = newView(bytes, options);
    const head = view.head();
    if (head === null) return null;
    const event = new AuditEvent({ ...head, lines: bytes, places: [] }, [], options);
    event.#view = view;
    return event;
  }

  get time(): Date {
    return new Date(this.seconds * 1000 + this.milliseconds);
  }

  get records(): readonly AuditRecord[] {
    if (this.#records === null) {
      const view = this.#nativeView();
      this.#records = Array.from({ length: view.recordCount() }, (_, number) => {
        const input = this.#places[2 * number];
        const file = input === undefined ? null : (this.#files[input] ?? null);
        return new AuditRecord(this, view, number, file, this.#places[2 * number + 1] ?? null);
      });
    }
    return this.#records;
  }

  /** The first field of this name, in any record. */
  field(name: string): AuditField | null {
    for (const record of this.records) {
      const field = record.field(name);
      if (field !== null) return field;
    }
    return null;
  }

  /** The first record of this type, by name (`SYSCALL`) or number. */
  record(type: string | number): AuditRecord | null {
    const number = typeof type === 'number' ? type : addon.recordTypeNumber(type);
    return this.records.find(record => record.type === number) ?? null;
  }

  /**
   * What the event says in terms that are the same for all of them.
   *
   * @returns null when it is not understood: several records, and none of them a SYSCALL.
   */
  normalize(options: NormalizeOptions = {}): NormalizedEvent | null {
    const native = this.#nativeView().normalize(options.attributes !== false, options.places === 'true');
    return native === null ? null : normalizedEvent(this, native);
  }

  /** A cursor on this event, with the movements of the C library. What was interpreted, here or there, stays. */
  cursor(): EventCursor {
    return new EventCursor(this, this.#nativeView());
  }

  #nativeView(): NativeEventView {
    this.#view ??= newView(this.lines, this.#options);
    return this.#view;
  }
}

function newView(lines: Uint8Array, options: ParseOptions): NativeEventView {
  return new addon.EventView(lines, escapeModeNumber(options.escape), options.machines === 'all');
}

/** One line of a log. */
export class AuditRecord {
  readonly event: AuditEvent;
  /** Its place in the event, from 0. */
  readonly number: number;
  /** Null for input that has no name. */
  readonly file: string | null;
  /** Its line in that file, from 1; null for events that were not read from an input. */
  readonly line: number | null;
  readonly #view: NativeEventView;
  #fields: readonly AuditField[] | null = null;

  /** For this room. */
  constructor(event: AuditEvent, view: NativeEventView, number: number, file: string | null, line: number | null) {
    this.event = event;
    this.number = number;
    this.file = file;
    this.line = line;
    this.#view = view;
  }

  /** 1300 for SYSCALL; -1 for a name that is none; 0 without a type. */
  get type(): number {
    return this.#view.recordType(this.number);
  }

  /** Null for a type without a name. */
  get typeName(): string | null {
    return addon.recordTypeName(this.type);
  }

  /** The line up to the enrichment. Bytes that are no UTF-8 read as U+FFFD. */
  get text(): string {
    return this.#view.recordText(this.number);
  }

  get textBytes(): Uint8Array {
    return this.#view.recordTextBytes(this.number);
  }

  /** The enrichment, byte 0x1D not included; null without one. */
  get interpretations(): string | null {
    return this.#view.recordInterpretations(this.number);
  }

  get fields(): readonly AuditField[] {
    if (this.#fields === null) {
      const flat = this.#view.fields(this.number).split('\0');
      const fields: AuditField[] = [];
      for (let at = 0; at + 3 < flat.length; at += 3) {
        const [name = '', value = ''] = [flat[at], flat[at + 1]];
        fields.push(new AuditField(this, this.#view, at / 3, name, value, Number(flat[at + 2]) as FieldType));
      }
      this.#fields = fields;
    }
    return this.#fields;
  }

  /** The first field of this name. */
  field(name: string): AuditField | null {
    return this.fields.find(field => field.name === name) ?? null;
  }
}

/** A name and its value. Whatever is interpreted first is what is said ever after: see `realPath`. */
export class AuditField {
  readonly record: AuditRecord;
  /** Its place in the record, from 0. */
  readonly number: number;
  readonly name: string;
  /** As logged: quotes and hexadecimal digits included. Bytes that are no UTF-8 read as U+FFFD. */
  readonly value: string;
  readonly type: FieldType;
  readonly #view: NativeEventView;

  /** For this room. */
  constructor(
    record: AuditRecord,
    view: NativeEventView,
    number: number,
    name: string,
    value: string,
    type: FieldType,
  ) {
    this.record = record;
    this.#view = view;
    this.number = number;
    this.name = name;
    this.value = value;
    this.type = type;
  }

  get valueBytes(): Uint8Array {
    return this.#view.valueBytes(this.record.number, this.number);
  }

  /** The value as a decimal number of 32 bits, sign included; what is no number is 0. */
  get integer(): number {
    const [, sign = '', digits = ''] = /^[ \t-\r]*([+-]?)(\d+)/.exec(this.value) ?? [];
    const saturated = BigInt(digits) > 0xffffffffffffffffn ? 0xffffffffffffffffn : BigInt(digits);
    return Number(BigInt.asIntN(32, sign === '-' ? -saturated : saturated));
  }

  /** What the value means: `openat`, `alice`, `EACCES(Permission denied)`, decoded text; the value itself otherwise. */
  get interpreted(): string {
    return this.#view.interpret(this.record.number, this.number);
  }

  get interpretedBytes(): Uint8Array {
    return this.#view.interpretBytes(this.record.number, this.number);
  }

  /** The full path of a file name, by the event's working directory; null for other fields. */
  get realPath(): string | null {
    return this.#view.realPath(this.record.number, this.number);
  }

  /** `inet` of a socket address; null for other fields. */
  get socketFamily(): string | null {
    return this.#view.socketPart(this.record.number, this.number, 0);
  }

  /** Null for other fields, and addresses without one. */
  get socketPort(): string | null {
    return this.#view.socketPart(this.record.number, this.number, 1);
  }

  /** Null for other fields, and addresses without one. */
  get socketAddress(): string | null {
    return this.#view.socketPart(this.record.number, this.number, 2);
  }
}
