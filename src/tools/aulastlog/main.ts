#!/usr/bin/env node
import { isatty } from 'node:tty';
import { readDescriptor, readLogs } from '../../auparse/auditLog.ts';
import { reportTime } from '../../auparse/logReport.ts';
import { argumentBytes } from '../auditctl/argumentBytes.ts';
import { standardStreams } from '../logs/standardStreams.ts';
import { localAccounts } from './localAccounts.ts';
import { run } from './run.ts';

run(argumentBytes(), {
  ...standardStreams,
  outputIsTerminal: isatty(1),
  accounts: localAccounts,
  openLogs: () => readLogs(),
  openStandardInput: () => readDescriptor(0),
  dateTime: reportTime,
}).then(code => {
  process.exitCode = code;
});
