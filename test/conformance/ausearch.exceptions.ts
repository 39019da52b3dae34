const CONTROL_BYTES =
  'bytes below 0x20 in what should be the name of a field reach the terminal as they are; ours are escaped like those in ' +
  'values, unless the escape mode is raw';
const CUT_LINES =
  'of a line that ends inside its time stamp the reference prints the beginning without a newline: the separator and the ' +
  `next event are glued to it, and a reader of lines misses that event. In the same log, ${CONTROL_BYTES}`;
/**
 * Cases of the corpus in which ausearch deliberately answers otherwise than the reference, and why ours is right. Keys as
 * ausearch.conformance.ts names its cases, with the log in front.
 */
export const exceptions: ReadonlyMap<string, string> = new Map([
  ['der-corrupt-a: TZ=UTC ausearch -if log -i', CUT_LINES],
  ['der-corrupt-a: TZ=UTC ausearch -if log -i --escape raw', CUT_LINES],
  ['der-corrupt-a: TZ=UTC ausearch -i < log', CUT_LINES],
  ['der-corrupt-a: TZ=UTC ausearch -if log -gi 0 -i', CONTROL_BYTES],
  ['der-corrupt-a: TZ=UTC ausearch -if log --session 4294967295 -i', CONTROL_BYTES],
  ['der-corrupt-c: TZ=UTC ausearch -if log -i', CUT_LINES],
  ['der-corrupt-c: TZ=UTC ausearch -if log -i --escape shell', CUT_LINES],
  ['der-corrupt-c: TZ=UTC ausearch -i < log', CUT_LINES],
  ['der-corrupt-c: TZ=UTC ausearch -if log -sc 1 -i', CONTROL_BYTES],
  ['der-corrupt-c: TZ=UTC ausearch -if log -e 4 -i', CONTROL_BYTES],
]);
