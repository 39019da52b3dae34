/**
 * What events are searched for; null, or empty: whatever it is. All that is given must hold. Texts are byte strings and
 * must be part of the event's, or with `matchesWholeWords` equal to it. Numbers are unsigned but for pids and calls.
 *
 * @see native/search/criteria.h
 */
export interface Criteria {
  serial: number | null;
  nodes: string[];
  types: number[];
  uid: number | null;
  euid: number | null;
  auid: number | null;
  /** Users by name. As soon as one is given, the numbers do not count. */
  uidName: string | null;
  euidName: string | null;
  auidName: string | null;
  /** Whether one of the users is enough. */
  users: 'all' | 'any';
  gid: number | null;
  egid: number | null;
  groups: 'all' | 'any';
  pid: number | null;
  ppid: number | null;
  arch: number | null;
  syscall: number | null;
  session: number | null;
  exit: bigint | null;
  success: boolean | null;
  matchesWholeWords: boolean;
  file: string | null;
  host: string | null;
  terminal: string | null;
  exe: string | null;
  comm: string | null;
  key: string | null;
  vm: string | null;
  uuid: string | null;
  subject: string | null;
  object: string | null;
  acceptsEitherContext: boolean;
}

export function noCriteria(): Criteria {
  return {
    serial: null,
    nodes: [],
    types: [],
    uid: null,
    euid: null,
    auid: null,
    uidName: null,
    euidName: null,
    auidName: null,
    users: 'all',
    gid: null,
    egid: null,
    groups: 'all',
    pid: null,
    ppid: null,
    arch: null,
    syscall: null,
    session: null,
    exit: null,
    success: null,
    matchesWholeWords: false,
    file: null,
    host: null,
    terminal: null,
    exe: null,
    comm: null,
    key: null,
    vm: null,
    uuid: null,
    subject: null,
    object: null,
    acceptsEitherContext: false,
  };
}
