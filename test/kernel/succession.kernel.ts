import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { compileFlood, DAEMON, DaemonHome, KernelAudit } from '../support/daemonProcess.ts';
import { KeptDaemon, type KeptScene } from '../support/keptDaemon.ts';
import { WHOLE } from '../support/numberedLog.ts';

// A daemon under its keeper that is killed, restarted, upgraded and stopped while numbered events pour in: each is in
// the log once. AUDITD_TEST_KILLS says how often at random moments; bench/crash.bench.ts does the same beside the C
// daemon. What is damaged or full meanwhile: recovery.kernel.ts.
if (process.getuid?.() !== 0) {
  t.fail('needs root: registering with the kernel needs its capabilities');
  process.exit();
}

const KILLS = Number(process.env['AUDITD_TEST_KILLS'] ?? 4);
// Many lives of a daemon, one after the other.
t.setTimeout(300_000 + KILLS * 10_000);

const root = fileURLToPath(new URL('../../../', import.meta.url));
const UPGRADE = 36;
const RESTART = 37;
const RATE = 10_000;
const KEY = 'node-auditd-succession-test';
const kernel = new KernelAudit();
const tools = new DaemonHome();
t.teardown(() => {
  kernel.restore();
  tools.remove();
});
const flood = compileFlood(tools.directory);
kernel.load(`-a always,exit -F arch=b64 -S getppid -F exe=${flood} -F key=${KEY}`);
const scene: KeptScene = { kernel, flood, key: KEY };

for (const rate of [2000, RATE]) {
  t.test(`A daemon killed at random moments, at ${rate} events/s, loses, repeats and tears nothing`, async t => {
    // Rotation goes on, about once a second.
    const kept = new KeptDaemon(t, scene, { settings: { max_log_file: rate < RATE ? '1' : '5' } });
    let pid = await kept.registered();
    await kept.underLoad(rate, async () => {
      for (let time = 0; time < KILLS; time++) {
        await pause(Math.random() * 1300);
        kept.signal('SIGKILL');
        pid = await kept.registered(pid);
      }
    });
    t.strictSame(await kept.verdict(), WHOLE);
    t.ok(existsSync(`${kept.home.log}.1`), 'it rotated');
  });
}

t.test('A crash loop: each is killed in the midst of its start, and the last one has it all', async t => {
  const kept = new KeptDaemon(t, scene);
  await kept.registered();
  await kept.underLoad(RATE, async () => {
    let last = kernel.daemonPid;
    const began = Date.now();
    process.kill(last, 'SIGKILL');
    last = await kept.registered(last);
    const startMilliseconds = Date.now() - began;
    process.kill(last, 'SIGKILL');
    for (let time = 0; time < 4; time++) {
      await kept.until('it was started again', () => kept.child !== 0 && kept.child !== last);
      last = kept.child;
      if (time === 3) break;
      await pause(Math.random() * startMilliseconds);
      process.kill(last, 'SIGKILL');
    }
    await kept.until('the last one was registered', () => kernel.daemonPid === last);
  });
  t.strictSame(await kept.verdict(), WHOLE);
});

t.test('A keeper that is late costs nothing', async t => {
  const kept = new KeptDaemon(t, scene);
  const pid = await kept.registered();
  await kept.underLoad(RATE / 2, async () => {
    kept.keeper.kill('SIGSTOP');
    kept.signal('SIGKILL');
    await pause(3000);
    kept.keeper.kill('SIGCONT');
    await kept.registered(pid);
  });
  t.strictSame(await kept.verdict(), WHOLE);
});

t.test('A restart says who asked for it, and loses nothing', async t => {
  const kept = new KeptDaemon(t, scene);
  const pid = await kept.registered();
  t.equal(pid, kept.child, 'the registered pid is the daemon’s, not the keeper’s');
  t.equal(readFileSync(`${kept.home.run}/auditd.pid`, 'utf8'), `${pid}\n`);
  t.notMatch(readFileSync(`/proc/${pid}/environ`, 'latin1'), 'NODE_OPTIONS', 'a shell’s settings are not for it');
  await kept.underLoad(RATE, async () => {
    kept.signal(RESTART);
    await kept.registered(pid);
  });
  t.strictSame(await kept.verdict(), WHOLE);
  t.match(kept.log.own.join('\n'), new RegExp(`DAEMON_END .*op=terminate .*pid=${process.pid} `));
});

t.test('A stop under load writes all that came before, and names its sender', async t => {
  for (const who of ['sender', 'keeper'] as const) {
    const kept = new KeptDaemon(t, scene);
    const pid = await kept.registered();
    let before = kept.first;
    await kept.underLoad(RATE, async () => {
      await kept.until('many events were written', () => kept.log.read().has(kept.first + 3000));
      // What is made from here on may come too late.
      while (kept.log.has(before)) before++;
      if (who === 'sender') process.kill(pid, 'SIGTERM');
      else kept.keeper.kill('SIGTERM');
      await once(kept.keeper, 'exit');
    });
    t.notOk(existsSync(`/proc/${pid}`), 'the keeper has waited for it');
    t.equal(kept.keeper.exitCode, 0);
    t.equal(kernel.daemonPid, 0);
    const { own } = kept.log.read();
    let last = kept.end - 1;
    while (!kept.log.has(last)) last--;
    t.ok(last >= before - 1, 'what was in the log is there');
    t.strictSame(kept.log.verdict(last, kept.first), WHOLE, 'no gap before the last event, and none twice');
    const asked = who === 'sender' ? process.pid : kept.keeper.pid;
    t.match(own.at(-1), new RegExp(`^type=DAEMON_END .*op=terminate .*pid=${asked} .*res=success`));
  }
});

t.test('An upgrade keeps pid and plugins, and loses nothing', async t => {
  const kept = new KeptDaemon(t, scene, {
    plugins: home => {
      const program = `${home.directory}/plugin`;
      const text = `#!/bin/sh\necho $$ >> ${home.directory}/plugin.pid\nexec cat > ${home.directory}/plugin.out\n`;
      writeFileSync(program, text, { mode: 0o755 });
      return { cat: `active = yes\npath = ${program}\nformat = string\n` };
    },
  });
  const pid = await kept.registered();
  await kept.underLoad(RATE, async () => {
    for (let time = 1; time <= 3; time++) {
      kept.signal(UPGRADE);
      await kept.until('the next version had started', () => kept.starts === time + 1);
      await pause(300); // until it listens to signals: before that they wait, or are the same request
    }
  });
  t.equal(kernel.daemonPid, pid);
  t.strictSame(await kept.verdict(), WHOLE);
  t.equal(await kept.stop(), 0);
  t.match(readFileSync(`${kept.home.directory}/plugin.pid`, 'latin1'), /^\d+\n$/, 'it was started once');
  const numbers = new Uint8Array(kept.end);
  let last = -1;
  let disordered = 0;
  for (const line of readFileSync(`${kept.home.directory}/plugin.out`, 'latin1').split('\n')) {
    const number = line.includes(KEY) ? Number.parseInt(/ a0=([0-9a-f]+) /.exec(line)?.[1] ?? '', 16) : -1;
    if (number < 0) continue;
    numbers[number] = (numbers[number] ?? 0) + 1;
    if (number < last) disordered++;
    last = number;
  }
  t.ok(
    numbers.subarray(kept.first).every(times => times === 1),
    'it got each event once',
  );
  t.equal(disordered, 0);
});

t.test('A version that does not come up is not tried, or gives way to the one before', async t => {
  const versions = `${tools.directory}/versions`;
  mkdirSync(versions);
  symlinkSync(`${root}dist`, `${versions}/dist`);
  symlinkSync(`${root}build`, `${versions}/build`);
  mkdirSync(`${versions}/broken`);
  const link = `${versions}/auditd.js`;
  const turnTo = (target: string) => {
    if (existsSync(link)) unlinkSync(link);
    symlinkSync(target, link);
  };
  turnTo(DAEMON);
  const kept = new KeptDaemon(t, scene, { script: link });
  const pid = await kept.registered();
  const failures = () => kept.log.read().own.filter(line => /^type=DAEMON_ERR .*op=upgrade .*res=failed/.test(line));
  await kept.underLoad(RATE, async () => {
    writeFileSync(`${versions}/broken/unloadable.js`, 'this is no program');
    turnTo(`${versions}/broken/unloadable.js`);
    kept.signal(UPGRADE);
    await kept.until('the refusal was recorded', () => failures().length === 1);
    // Passes the preflight; then its log cannot be opened.
    mkdirSync(`${versions}/next/dist/bin`, { recursive: true });
    cpSync(`${root}package.json`, `${versions}/next/package.json`);
    symlinkSync(`${root}build`, `${versions}/next/build`);
    symlinkSync(`${root}node_modules`, `${versions}/next/node_modules`);
    const program = readFileSync(DAEMON, 'utf8');
    const opening = /(LogWriter = class [\s\S]*?\n {2}async open\(\) \{)/;
    t.match(program, opening);
    writeFileSync(`${versions}/next/dist/bin/auditd.cjs`, program.replace(opening, "$1 throw new Error('no');"));
    turnTo(`${versions}/next/dist/bin/auditd.cjs`);
    kept.signal(UPGRADE);
    await kept.until('the fallback was recorded', () => failures().length === 2);
  });
  t.equal(kernel.daemonPid, pid);
  t.strictSame(await kept.verdict(), WHOLE);
});
