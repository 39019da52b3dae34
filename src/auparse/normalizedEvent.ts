import type { FieldPlace, NativeNormalized } from '../binding/auparse.ts';
import type { AuditEvent, AuditField } from './auditEvent.ts';

/** Who did what to which object, how, and with what result: the same words for every kind of event. */
export interface NormalizedEvent {
  /** `user-login`, `audit-rule` …; null: unknown. */
  readonly eventKind: string | null;
  readonly session: AuditField | null;
  readonly subject: {
    /** Who: normally the login user. */
    readonly primary: AuditField | null;
    /** As whom: normally the user of the process. */
    readonly secondary: AuditField | null;
    readonly attributes: readonly AuditField[];
    /** `user-acct`, `privileged-acct` …; null: not known. */
    readonly kind: string | null;
  };
  /** `opened-file`; null: none. */
  readonly action: string | null;
  readonly object: {
    readonly primary: AuditField | null;
    readonly secondary: AuditField | null;
    /** The other one: a file's new name. */
    readonly primary2: AuditField | null;
    readonly attributes: readonly AuditField[];
    readonly kind: string;
  };
  /** The field that says whether it succeeded. */
  readonly results: AuditField | null;
  /** By what: a program, mostly. */
  readonly how: string | null;
  readonly key: AuditField | null;
}

export interface NormalizeOptions {
  /** Whether the lists of attributes are wanted, and the objects of most MAC decisions; true by default. */
  readonly attributes?: boolean;
  /**
   * Where the object of a call stands when a record before the call's shifts the others: `reference`, the default, as the
   * C library notes it, which then is another field; `true`: where it is.
   */
  readonly places?: 'reference' | 'true';
}

/** For this room: the native result with fields for places. */
export function normalizedEvent(event: AuditEvent, native: NativeNormalized): NormalizedEvent {
  const field = (place: FieldPlace | null) =>
    place === null ? null : (event.records[place[0]]?.fields[place[1]] ?? null);
  const fields = (places: readonly FieldPlace[]) => places.map(field).filter(found => found !== null);
  return {
    eventKind: native.eventKind,
    session: field(native.session),
    subject: {
      primary: field(native.subjectPrimary),
      secondary: field(native.subjectSecondary),
      attributes: fields(native.subjectAttributes),
      kind: native.subjectKind,
    },
    action: native.action,
    object: {
      primary: field(native.objectPrimary),
      secondary: field(native.objectSecondary),
      primary2: field(native.objectPrimary2),
      attributes: fields(native.objectAttributes),
      kind: native.objectKind,
    },
    results: field(native.results),
    how: native.how,
    key: field(native.key),
  };
}
