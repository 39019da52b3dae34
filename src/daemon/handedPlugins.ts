import { closeSync, fstatSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import type { HandedProgram } from '../sinks/dispatch/programPlugin.ts';
import type { HandedPlugins } from './plugins/plugins.ts';

/**
 * Writes what the next program in this process needs of the plugins into a file without a name: they may have much to
 * get yet, more than an environment holds.
 *
 * @param directory  Where such a file may be made.
 * @returns          The file's descriptor.
 */
export function writeHandedPlugins(handed: HandedPlugins, directory: string): number {
  const path = `${directory}/handed-plugins.${process.pid}`;
  const fd = openSync(path, 'wx+', 0o600);
  unlinkSync(path);
  const programs = handed.programs.map(program => ({
    ...program,
    pending: Buffer.from(program.pending).toString('base64'),
  }));
  const events = handed.events.map(({ name, openRecords }) => ({
    name,
    openRecords: Buffer.from(openRecords).toString('base64'),
  }));
  const bytes = Buffer.from(JSON.stringify({ next: handed.next, programs, events }));
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at, at);
  return fd;
}

/** Reads it, and closes the file. Its writer was this same process, under another program. */
export function readHandedPlugins(fd: number): HandedPlugins {
  const bytes = Buffer.alloc(fstatSync(fd).size);
  for (let at = 0; at < bytes.length; ) {
    const count = readSync(fd, bytes, at, bytes.length - at, at);
    if (count === 0) break;
    at += count;
  }
  closeSync(fd);
  const state = JSON.parse(bytes.toString()) as {
    next: number;
    programs: (Omit<HandedProgram, 'pending'> & { pending: string })[];
    events?: { name: string; openRecords: string }[]; // an earlier version had none
  };
  const programs = state.programs.map(program => ({ ...program, pending: Buffer.from(program.pending, 'base64') }));
  const events = (state.events ?? []).map(({ name, openRecords }) => ({
    name,
    openRecords: Buffer.from(openRecords, 'base64'),
  }));
  return { next: state.next, programs, events };
}
