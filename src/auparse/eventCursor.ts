import type { NativeEventView } from '../binding/auparse.ts';
import type { AuditEvent, AuditField, AuditRecord } from './auditEvent.ts';

/**
 * A place in an event: a record, and in each record a field. Movements and their side effects are those of the C
 * library, for code that comes from there; new code reads `event.records` and `record.fields`.
 *
 * Cursors of the same event share their place.
 */
export class EventCursor {
  readonly event: AuditEvent;
  readonly #view: NativeEventView;
  #wanted: string | null = null;

  /** For this room; others call `event.cursor()`. */
  constructor(event: AuditEvent, view: NativeEventView) {
    this.event = event;
    this.#view = view;
  }

  /** Null past the last record: then only `firstRecord` and `gotoRecord` bring it back. */
  get record(): AuditRecord | null {
    return this.event.records[this.#view.recordNumber()] ?? null;
  }

  /** Null past the last record, and in a record without fields. */
  get field(): AuditField | null {
    return this.record?.fields[this.#view.fieldNumber()] ?? null;
  }

  /** To record 0 and its field 0. */
  firstRecord(): boolean {
    return this.#view.firstRecord();
  }

  /** The new record keeps the field it was on. False: that was the last one. */
  nextRecord(): boolean {
    return this.#view.nextRecord();
  }

  /** To a record's field 0. False: there is no such record; the cursor stays. */
  gotoRecord(number: number): boolean {
    return this.#view.gotoRecord(number);
  }

  firstField(): boolean {
    return this.#view.firstField();
  }

  /** False: that was the record's last one; the cursor stays. */
  nextField(): boolean {
    return this.#view.nextField();
  }

  /** False: there is no such field; the cursor stays. */
  gotoField(number: number): boolean {
    return this.#view.gotoField(number);
  }

  /**
   * The field under the cursor when it has that name, else the next one that has, in this record and those behind it.
   *
   * @returns null when there is none. The cursor is then past the last record, unless it was on its record's last
   *          field: from there nothing is searched, and it stays.
   */
  findField(name: string): AuditField | null {
    this.#wanted = name;
    return this.#view.findField(name) ? this.field : null;
  }

  /** The next one of the name that was searched last. Null: there is none, or nothing was searched. */
  findNextField(): AuditField | null {
    return this.#wanted !== null && this.#view.findNext(this.#wanted) ? this.field : null;
  }
}
