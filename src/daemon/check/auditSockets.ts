import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { AuditReader } from './facts.ts';

/** NETLINK_AUDIT of linux/netlink.h. */
const NETLINK_AUDIT = '9';
/** The bit of AUDIT_NLGRP_READLOG, group 1. */
const READLOG = 1;

export interface AuditSocket {
  readonly inode: number;
  readonly isInReadlogGroup: boolean;
}

/**
 * The audit sockets in the text of /proc/net/netlink: columns `sk Eth Pid Groups Rmem Wmem Dump Locks Drops Inode`.
 * The kernel's own, port 0, is left out.
 *
 * @see netlink_seq_show() in the kernel's net/netlink/af_netlink.c
 */
export function auditSockets(table: string): AuditSocket[] {
  const sockets: AuditSocket[] = [];
  for (const line of table.split('\n')) {
    const [, protocol, port, groups, , , , , , inode] = line.trim().split(/\s+/);
    if (protocol !== NETLINK_AUDIT || port === '0' || groups === undefined || inode === undefined) continue;
    sockets.push({ inode: Number(inode), isInReadlogGroup: (Number.parseInt(groups, 16) & READLOG) !== 0 });
  }
  return sockets;
}

/**
 * Who has a copy of the records: the sockets in the multicast group, and the processes that hold them.
 *
 * @throws {NodeJS.ErrnoException} where there is no /proc.
 */
export function findAuditReaders(): AuditReader[] {
  const inodes = auditSockets(readFileSync('/proc/net/netlink', 'latin1'))
    .filter(({ isInReadlogGroup }) => isInReadlogGroup)
    .map(({ inode }) => inode);
  if (inodes.length === 0) return [];
  const owners = new Map<number, { pid: number; program: string }[]>(inodes.map(inode => [inode, []]));
  for (const name of readdirSync('/proc')) {
    if (!/^[0-9]+$/.test(name)) continue;
    const held = socketsOf(Number(name)) ?? [];
    for (const inode of new Set(held))
      owners.get(inode)?.push({ pid: Number(name), program: programOf(Number(name)) ?? '?' });
  }
  return inodes.map(inode => ({ inode, owners: owners.get(inode) ?? [] }));
}

/** Whether the process holds an audit socket in its network namespace; null when that may not be looked at. */
export function holdsAuditSocket(pid: number): boolean | null {
  const held = socketsOf(pid);
  if (held === null) return null;
  const audit = new Set(auditSockets(readOr(`/proc/${pid}/net/netlink`, '')).map(({ inode }) => inode));
  return held.some(inode => audit.has(inode));
}

/** Null when there is no such process. */
export function programOf(pid: number): string | null {
  return readOr(`/proc/${pid}/comm`, null)?.replace(/\n$/, '') ?? null;
}

/** Inodes of the sockets among a process's descriptors. */
function socketsOf(pid: number): number[] | null {
  const links = unlessRefused(() =>
    readdirSync(`/proc/${pid}/fd`).map(fd => unlessRefused(() => readlinkSync(`/proc/${pid}/fd/${fd}`)) ?? ''),
  );
  return links?.flatMap(link => Number(/^socket:\[([0-9]+)\]$/.exec(link)?.[1] ?? Number.NaN)) ?? null;
}

function readOr<T>(path: string, otherwise: T): string | T {
  return unlessRefused(() => readFileSync(path, 'latin1')) ?? otherwise;
}

function unlessRefused<T>(call: () => T): T | null {
  try {
    return call();
  } catch (error) {
    // A process that has ended meanwhile, or one that is another user's.
    if (error instanceof Error && 'errno' in error) return null;
    throw error;
  }
}
