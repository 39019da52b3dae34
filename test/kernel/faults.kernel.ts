import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import { compileFlood, DaemonHome, DaemonProcess, KernelAudit, runProgram } from '../support/daemonProcess.ts';
import { LoopDisk } from '../support/loopDisk.ts';

// What breaks around a registered daemon while the kernel's records pour in: what is on the disk, what the counters
// say, which action ran, and how it goes on. A clock that is set back would be the whole machine's: for that see
// src/sinks/log/rotationSchedule.test.ts.
if (process.getuid?.() !== 0) {
  t.fail('needs root: registering with the kernel and loop mounts need its capabilities');
  process.exit();
}

const kernel = new KernelAudit();
const tools = new DaemonHome();
t.teardown(() => {
  kernel.restore(); // while the program that the rule names is there
  tools.remove();
});
const flood = compileFlood(tools.directory);
const KEY = 'node-auditd-faults-test';
kernel.load(`-a always,exit -F arch=b64 -S getppid -F exe=${flood} -F key=${KEY}`);

interface Scene {
  readonly home: DaemonHome;
  readonly daemon: DaemonProcess;
}

async function registered(t: Test, settings: Record<string, string> = {}, nodeSettings = ''): Promise<Scene> {
  const home = new DaemonHome(settings, nodeSettings).makeLogDirectory();
  t.teardown(() => home.remove());
  const daemon = new DaemonProcess(['-n', '-c', home.directory]);
  t.teardown(() => daemon.stop());
  await daemon.until('it was registered', () => kernel.daemonPid === daemon.pid);
  return { home, daemon };
}

/** The numbers that flood gave its calls, in all generations of a log, oldest first. */
function numbersIn(directory: string): number[] {
  const generation = (name: string) => Number(/\.(\d+)$/.exec(name)?.[1] ?? 0);
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter(name => /\.log(\.\d+)?$/.test(name))
    .sort((a, b) => generation(b) - generation(a))
    .flatMap(name => readFileSync(`${directory}/${name}`, 'latin1').split('\n'))
    .flatMap(line => {
      const match = line.includes(`key="${KEY}"`) ? /^type=SYSCALL .* a0=([0-9a-f]+) /.exec(line) : null;
      return match?.[1] === undefined ? [] : [Number.parseInt(match[1], 16)];
    });
}

/** As text: a structural comparison of thousands of numbers takes seconds. */
const numbers = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i).join();

/** What the daemon answers to SIGCONT. */
async function report({ home, daemon }: Scene): Promise<string> {
  const path = `${home.run}/auditd.state`;
  rmSync(path, { force: true });
  daemon.child.kill('SIGCONT');
  await daemon.until('the report was there', () => existsSync(path));
  return readFileSync(path, 'utf8');
}

/** The first report that fits: a record is on its way for a while, and so is what a disk says to it. */
async function reportWhen(scene: Scene, fits: (text: string) => boolean): Promise<string> {
  for (let left = 500; ; left--) {
    const text = await report(scene);
    if (fits(text)) return text;
    if (left === 0) throw new Error(`no report fits:\n${text}`);
  }
}

const claim = (text: string, name: string) => new RegExp(`^${name} = (.*)$`, 'm').exec(text)?.[1];

function losesNothing(t: Test, text: string): void {
  for (const name of ['records discarded', 'receive buffer drops', 'serials missing'])
    t.equal(claim(text, name), '0', name);
}

t.test('A disk that turns read-only: the records wait, and go into the log of a reload', async t => {
  const disk = new LoopDisk(16);
  t.teardown(() => disk.remove());
  mkdirSync(`${disk.path}/audit`, { mode: 0o700 });
  const scene = await registered(t, { log_file: `${disk.path}/audit/audit.log` });
  const { home, daemon } = scene;
  await runProgram(flood, '1', '100');
  await daemon.until('records were written', () => numbersIn(`${disk.path}/audit`).length === 100);
  // What the kernel does itself when it finds a file system damaged.
  disk.remount('abort');
  await runProgram(flood, '101', '400');
  let text = await reportWhen(scene, text => claim(text, 'disk error detected') === 'yes');
  t.not(claim(text, 'ring use'), '0 KiB', 'they wait in the ring');
  losesNothing(t, text);
  const configuration = readFileSync(`${home.directory}/auditd.conf`, 'utf8');
  writeFileSync(`${home.directory}/auditd.conf`, configuration.replace(/^log_file = .*$/m, `log_file = ${home.log}`));
  daemon.child.kill('SIGHUP');
  await daemon.until('the rest was written', () => numbersIn(`${home.directory}/log`).length === 400);
  text = await report(scene);
  t.equal((await daemon.stop()).code, 0);
  t.equal(numbersIn(`${disk.path}/audit`).join(), numbers(1, 100));
  t.equal(numbersIn(`${home.directory}/log`).join(), numbers(101, 500));
  losesNothing(t, text);
});

t.test('disk_error_action suspend on a read-only disk: what is not written is counted and said', async t => {
  const disk = new LoopDisk(16);
  t.teardown(() => disk.remove());
  mkdirSync(`${disk.path}/audit`, { mode: 0o700 });
  const scene = await registered(t, { log_file: `${disk.path}/audit/audit.log`, disk_error_action: 'SUSPEND' });
  const { daemon } = scene;
  await runProgram(flood, '1', '50');
  await daemon.until('records were written', () => numbersIn(`${disk.path}/audit`).length === 50);
  disk.remount('abort');
  await runProgram(flood, '51', '100');
  // SYSCALL and PROCTITLE of each event.
  const text = await reportWhen(scene, text => Number(claim(text, 'records discarded')) >= 200);
  t.equal(claim(text, 'logging suspended'), 'yes');
  t.equal((await daemon.stop()).code, 0);
  t.equal(numbersIn(`${disk.path}/audit`).join(), numbers(1, 50));
});

t.test('A log directory that is removed: the records wait until it is there again', async t => {
  const scene = await registered(t);
  const { home, daemon } = scene;
  const directory = `${home.directory}/log`;
  await runProgram(flood, '1', '10');
  await daemon.until('records were written', () => numbersIn(directory).length === 10);
  rmSync(directory, { recursive: true });
  await runProgram(flood, '11', '500');
  await reportWhen(scene, text => claim(text, 'disk error detected') === 'yes');
  t.not(claim(await report(scene), 'ring use'), '0 KiB', 'they wait in the ring');
  mkdirSync(directory, { mode: 0o700 });
  await daemon.until('they were written', () => numbersIn(directory).at(-1) === 510);
  await runProgram(flood, '511', '10');
  const text = await report(scene);
  t.equal((await daemon.stop()).code, 0);
  t.equal(numbersIn(directory).join(), numbers(11, 520));
  losesNothing(t, text);
});

t.test('A state directory that is gone costs the report, not a record', async t => {
  const scene = await registered(t);
  const { home, daemon } = scene;
  rmSync(home.run, { recursive: true });
  const load = runProgram(flood, '1', '2000');
  for (let i = 0; i < 20; i++) {
    daemon.child.kill('SIGCONT');
    await new Promise(resolve => setTimeout(resolve, 5));
  }
  await load;
  await daemon.until('records were written', () => numbersIn(`${home.directory}/log`).length === 2000);
  t.notOk(existsSync(home.run), 'it is not made anew');
  mkdirSync(home.run);
  losesNothing(t, await report(scene));
  rmSync(home.run, { recursive: true });
  t.equal((await daemon.stop()).code, 0, 'nor does its absence stop the stop');
  t.equal(numbersIn(`${home.directory}/log`).join(), numbers(1, 2000));
});

const skip = existsSync('/usr/lib/sendmail') ? 'this machine has a sendmail: it would get a mail' : false;

t.test('space_left_action email without a sendmail: the action is done, logging goes on', { skip }, async t => {
  const scene = await registered(t, { space_left: '99%', space_left_action: 'EMAIL', action_mail_acct: 'root' });
  const { home, daemon } = scene;
  await runProgram(flood, '1', '200');
  await daemon.until('records were written', () => numbersIn(`${home.directory}/log`).length === 200);
  const text = await report(scene);
  t.equal(claim(text, 'file system space action performed'), 'yes');
  losesNothing(t, text);
  t.equal((await daemon.stop()).code, 0);
  t.equal(numbersIn(`${home.directory}/log`).join(), numbers(1, 200));
});

t.test('A script that hangs holds up no record and no stop, and is run again once it has ended', async t => {
  const started = `${tools.directory}/started`;
  const script = `${tools.directory}/hangs`;
  writeFileSync(script, `#!/bin/sh\necho $$ >> ${started}\nexec /bin/sleep 100\n`);
  chmodSync(script, 0o750);
  const pids = () => (existsSync(started) ? readFileSync(started, 'utf8').trim().split('\n').map(Number) : []);
  t.teardown(() => {
    for (const pid of pids()) if (existsSync(`/proc/${pid}`)) process.kill(pid);
  });
  const scene = await registered(t, { max_log_file: '1', max_log_file_action: `EXEC ${script}` });
  const { home, daemon } = scene;
  await runProgram(flood, '1', '6000');
  await daemon.until('records were written', () => numbersIn(`${home.directory}/log`).length === 6000);
  const [first = 0] = pids();
  t.equal(pids().length, 1, 'one at a time');
  process.kill(first);
  await daemon.until('the script had ended', () => !existsSync(`/proc/${first}`));
  await runProgram(flood, '6001', '4000');
  await daemon.until('it was run again', () => pids().length === 2);
  losesNothing(t, await report(scene));
  t.equal((await daemon.stop()).code, 0, 'beside the script that hangs');
  t.equal(numbersIn(`${home.directory}/log`).join(), numbers(1, 10_000));
});

t.test('A full inode table: the rotated log goes on taking records until there is a new one', async t => {
  const disk = new LoopDisk(16, 32);
  t.teardown(() => disk.remove());
  const directory = `${disk.path}/audit`;
  mkdirSync(directory, { mode: 0o700 });
  const scene = await registered(t, { log_file: `${directory}/audit.log`, max_log_file: '1', num_logs: '99' });
  const { daemon } = scene;
  let files = 0;
  const fill = () => {
    for (;;) writeFileSync(`${disk.path}/file${files++}`, '');
  };
  t.throws(fill, { code: 'ENOSPC' });
  await runProgram(flood, '1', '3000');
  await daemon.until('records were written', () => numbersIn(directory).length === 3000);
  t.strictSame(readdirSync(directory), ['audit.log.1'], 'there is no room for a new one');
  losesNothing(t, await report(scene));
  for (let file = 0; file < files - 1; file++) rmSync(`${disk.path}/file${file}`);
  await new Promise(resolve => setTimeout(resolve, 1500)); // it is tried once a second
  await runProgram(flood, '3001', '500');
  await daemon.until('there was a new log', () => existsSync(`${directory}/audit.log`));
  await daemon.until('all was written', () => numbersIn(directory).length === 3500);
  losesNothing(t, await report(scene));
  t.equal((await daemon.stop()).code, 0);
  t.equal(numbersIn(directory).join(), numbers(1, 3500));
});
