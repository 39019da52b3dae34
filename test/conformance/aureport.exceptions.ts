const UNNAMED_SOCKET =
  'for a socket without a path the reference names a file 0, read from behind the address; an event in which it finds none there is left out';
const OTHER_MEMORY = 'for a system call whose machine is unknown the reference prints memory that is something else';

/** Logs, and reports of them, in which ours differs on purpose: the end of a case's name, and why. */
export const exceptions: readonly { readonly log: string; readonly cases: RegExp; readonly reason: string }[] = [
  {
    log: 'pub-elastic-mixed',
    cases: /-if log( -i| -ts \S+ \S+)?$|aureport --summary < log$|-f( -i| --summary)?$/,
    reason: UNNAMED_SOCKET,
  },
  {
    log: 'syn-sockaddr-a',
    cases:
      /-if log( -i| --success| -ts \S+ \S+)?$|aureport --summary < log$| -f( -i| --summary| --summary -i| --success)?$/,
    reason: UNNAMED_SOCKET,
  },
  { log: 'syn-arches-a', cases: /-s --summary -i$/, reason: OTHER_MEMORY },
];
