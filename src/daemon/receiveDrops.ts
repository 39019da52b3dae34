import { readFileSync } from 'node:fs';

/**
 * Records that the kernel could not put into a netlink socket's receive buffer, from /proc/net/netlink: columns
 * `sk Eth Pid Groups Rmem Wmem Dump Locks Drops Inode`.
 *
 * @param inode  The socket's, by fstat(2).
 * @returns      Null when the table has no such socket.
 * @see netlink_seq_show() in the kernel's net/netlink/af_netlink.c
 */
export function receiveDrops(
  inode: number,
  table: string = readFileSync('/proc/net/netlink', 'latin1'),
): number | null {
  for (const line of table.split('\n')) {
    const columns = line.trim().split(/\s+/);
    if (columns[9] === String(inode)) return Number(columns[8]);
  }
  return null;
}
