#!/usr/bin/env node
import { closeSync, openSync, writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { readDescriptor, readFile, readLogs } from '../../auparse/auditLog.ts';
import { ctime, reportTime } from '../../auparse/logReport.ts';
import { isErrno } from '../../base/errors.ts';
import { argumentBytes } from '../auditctl/argumentBytes.ts';
import { standardStreams } from '../logs/standardStreams.ts';
import { run } from './run.ts';

run(argumentBytes(), {
  ...standardStreams,
  outputIsTerminal: isatty(1),
  isRoot: () => process.getuid?.() === 0,
  now: () => Math.floor(Date.now() / 1000),
  ctime,
  dateTime: reportTime,
  openLog: file => (file === null ? readLogs() : readFile(Buffer.from(file, 'latin1').toString())),
  openStandardInput: () => readDescriptor(0),
  createExtract,
}).then(code => {
  process.exitCode = code;
});

function createExtract(): ((line: Uint8Array) => void) | null {
  let descriptor: number;
  try {
    descriptor = openSync('aulast.log', 'w', 0o600);
  } catch (error) {
    // As the reference: a directory that cannot be written to gives no extract, and the report all the same.
    if (error instanceof Error && 'errno' in error) return null;
    throw error;
  }
  process.on('exit', () => closeSync(descriptor));
  return line => {
    try {
      writeSync(descriptor, Buffer.concat([line, Buffer.from('\n')]));
    } catch (error) {
      if (!isErrno(error, 'ENOSPC')) throw error;
    }
  };
}
