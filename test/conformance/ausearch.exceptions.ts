const CUT_LINES =
  'of a line that ends inside its time stamp the reference prints the beginning without a newline, so that the next ' +
  "separator is glued to it and an event seems to be missing; and it pads a program's title with blanks for bytes that " +
  'the damaged record does not hold';
const PADDED = "the reference pads a program's title with blanks for bytes that the damaged record does not hold";
const CONTROL_BYTES =
  'a control byte in the name of a field would reach the terminal; ours is escaped like those in values';
const NO_TIME = 'an event whose time stamp is damaged still says what it is';

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
  ['der-corrupt-a: TZ=UTC ausearch -if log -a 4320904 -i', PADDED],
  ['der-corrupt-a: TZ=UTC ausearch -if log -te 02/10/26 14:44:31 --format text', NO_TIME],
  ['der-corrupt-c: TZ=UTC ausearch -if log -i', CUT_LINES],
  ['der-corrupt-c: TZ=UTC ausearch -if log -i --escape shell', CUT_LINES],
  ['der-corrupt-c: TZ=UTC ausearch -i < log', CUT_LINES],
  ['der-corrupt-c: TZ=UTC ausearch -if log -sc 1 -i', CONTROL_BYTES],
  ['der-corrupt-c: TZ=UTC ausearch -if log -e 4 -i', CONTROL_BYTES],
]);
