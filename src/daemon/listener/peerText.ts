import type { Peer } from '../../pipeline/connectionRecords.ts';

const ADDRESS_COLUMNS = 52;

/** A peer as messages have it, `ADDRESS:PORT`: the reference fills addresses with blanks, and scripts look for that. */
export function peerText({ address, port }: Peer): string {
  return `${address.padStart(ADDRESS_COLUMNS)}:${port}`;
}
