// A program for the tests that kill it: writes numbered records as fast as it can, rotates and compresses, and prints
// the number of each record that the log has taken.
import { writeSync } from 'node:fs';
import { LoggingDaemon } from './loggingDaemon.ts';

const [logFile = '', first = '1', compresses = 'no'] = process.argv.slice(2);
const IN_RUN = 64;

const daemon = new LoggingDaemon(
  logFile,
  {
    log: {
      maxAction: { kind: 'keep_logs' },
      flush: 'incremental_async',
      flushEveryRecords: 100,
      compression: compresses === 'yes' ? { level: 1, plainArchives: 0 } : null,
    },
  },
  Number(first),
);
await daemon.log.open();
writeSync(1, 'open\n');
for (;;) {
  await daemon.write(IN_RUN);
  writeSync(1, `${daemon.given}\n`);
}
