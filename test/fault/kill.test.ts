import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { action, LoggingDaemon, writtenIn } from '../support/loggingDaemon.ts';

const program = fileURLToPath(new URL('../support/loggingProcess.js', import.meta.url));
const skip = process.getuid?.() === 0 ? false : 'needs root: a log belongs to root';
/** More of them hit rarer moments. */
const KILLS = Number(process.env['LOG_TEST_KILLS'] ?? 8);

/** Runs the program until it says that it has taken some records more, then kills it. Gives the last it said. */
async function runAndKill(logFile: string, first: number, compresses: boolean, more: number): Promise<number> {
  const child = spawn(process.execPath, [program, logFile, String(first), compresses ? 'yes' : 'no'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  let taken = first - 1;
  for await (const line of createInterface(child.stdout)) {
    if (line === 'open') continue;
    taken = Number(line);
    if (taken >= first + more) child.kill('SIGKILL');
  }
  const [, signal] = await exited;
  if (signal !== 'SIGKILL') throw new Error(`it ended by itself: ${signal}`);
  return taken;
}

for (const compresses of [false, true]) {
  const how = compresses ? 'rotating and compressing' : 'rotating';
  t.test(`Killed while ${how}, the log misses nothing it took and has no generation twice`, { skip }, async t => {
    const directory = mkdtempSync('/run/node-auditd-fault-');
    t.teardown(() => rmSync(directory, { recursive: true }));
    const logFile = join(directory, 'audit', 'audit.log');
    mkdirSync(join(directory, 'audit'));
    const wishes = {
      log: { maxAction: action('keep_logs'), compression: compresses ? { level: 1, plainArchives: 0 } : null },
    };
    let first = 1;
    for (let kill = 0; kill < KILLS; kill++) {
      const taken = await runAndKill(logFile, first, compresses, 3000 + kill * 777);
      // The next daemon ends what was begun: a torn line, a half done compression.
      const next = new LoggingDaemon(logFile, wishes);
      await next.log.open();
      await next.write(0);
      await next.log.close();
      // The run that was under way may have reached the file, in part: the one that follows begins behind it.
      const written = writtenIn(logFile, true);
      const last = written.at(-1) ?? 0;
      t.ok(last >= taken, `record ${taken} was taken, ${last} is the last in the log`);
      t.strictSame(
        written.findIndex((number, index) => number !== index + 1),
        -1,
        'every record once, in order',
      );
      first = last + 1;
    }
    const names = readdirSync(join(directory, 'audit'));
    t.ok(names.length > KILLS);
    if (compresses) t.ok(names.some(name => name.endsWith('.gz')));
  });
}
