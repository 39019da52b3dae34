import type { Stamp } from './auditEvent.ts';

/** -1, 0 or 1 by seconds, milliseconds, serial. */
export function compareTimestamps(a: Stamp, b: Stamp): -1 | 0 | 1 {
  return sign(a.seconds - b.seconds) || sign(a.milliseconds - b.milliseconds) || sign(a.serial - b.serial);
}

/** By the bytes of the node names; an event with a name comes after one without. */
export function compareNodes(a: { readonly node: string | null }, b: { readonly node: string | null }): -1 | 0 | 1 {
  if (a.node === null || b.node === null) return sign(Number(a.node !== null) - Number(b.node !== null));
  return sign(Buffer.compare(Buffer.from(a.node), Buffer.from(b.node)));
}

function sign(difference: number): -1 | 0 | 1 {
  return difference < 0 ? -1 : difference > 0 ? 1 : 0;
}
