import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { addon } from '../../src/binding/addon.ts';
import { readHandedPlugins, writeHandedPlugins } from '../../src/daemon/handedPlugins.ts';
import type { Plugins } from '../../src/daemon/plugins/plugins.ts';
import type { PluginReport } from '../../src/sinks/dispatch/plugin.ts';
import { dispatchNumbers, eventually, numberedLines, numbersOf, PluginHome } from '../support/pluginHome.ts';

// What plugins and clients do to the daemon, with real processes and sockets: what reached the others, and what the
// counters say.

t.setTimeout(390_000); // processes and waits; seconds on a machine that is idle
const skip = process.getuid?.() === 0 ? false : 'needs root: plugins belong to root';
const spooling = fileURLToPath(new URL('../support/spoolingProcess.js', import.meta.url));

async function running(t: Test, home: PluginHome, ...settings: Parameters<PluginHome['open']>): Promise<Plugins> {
  const plugins = home.open(...settings);
  t.teardown(() => plugins.stop());
  await plugins.start();
  return plugins;
}

function newHome(t: Test): PluginHome {
  const home = new PluginHome();
  t.teardown(() => home.remove());
  home.program('copy', `exec cat > ${home.path('$1')}`);
  return home;
}

function reportOf(plugins: Plugins, name: string): PluginReport {
  const report = plugins.state().plugins.find(plugin => plugin.name === name);
  if (report === undefined) throw new Error(`no plugin ${name}`);
  return report;
}

t.test(
  'A plugin starts with its arguments, an empty environment, in /, with one descriptor more',
  { skip },
  async t => {
    addon.keepDescriptorsFromChildren(); // as the daemon does when it starts
    const home = newHome(t);
    // No group with a redirection: the shell would keep what was its output, maybe a socket, on a number of its own.
    const facts = `exec > ${home.path('facts.out')}; echo "$@"; pwd; find /proc/$$/fd -lname 'socket:*' ! -name 2 | wc -l`;
    home.program('facts', `${facts}; /usr/bin/env; echo end; cat > /dev/null`);
    home.plugin('facts', { path: home.path('facts'), args: 'one two' });
    const plugins = await running(t, home);
    await eventually('the facts', () => home.read('facts.out').endsWith('end\n'));
    const [args, directory, sockets, ...environment] = home.read('facts.out').trim().split('\n');
    t.equal(args, 'one two');
    t.equal(directory, '/');
    t.equal(sockets, '1', 'its standard input; the error output is that of this process');
    t.strictSame(environment, ['PWD=/', 'end'], 'empty, but for what the shell adds');
    const oomScore = (pid: number | string | null) => readFileSync(`/proc/${pid}/oom_score_adj`, 'latin1');
    t.equal(oomScore(reportOf(plugins, 'facts').pid), oomScore('self'), 'as this process had it at its start');
  },
);

t.test('Stuck, slow, crashing, garbage: each costs only itself', { skip }, async t => {
  const home = newHome(t);
  home.plugin('healthy', { path: home.path('copy'), args: 'healthy.out' });
  home.program('stuck', 'exec sleep 1000');
  home.plugin('stuck', { path: home.path('stuck') });
  home.program('slow', `while read -r line; do echo "$line" >> ${home.path('slow.out')}; sleep 0.01; done`);
  home.plugin('slow', { path: home.path('slow') });
  home.program('crash', 'read -r line; kill -SEGV $$');
  home.plugin('crash', { path: home.path('crash') });
  home.program('garbage', 'trap "" PIPE; cat /dev/zero >&0 & cat > /dev/null');
  home.plugin('garbage', { path: home.path('garbage') });
  home.program('closed', 'exec 0<&-; exec sleep 1000');
  home.plugin('closed', { path: home.path('closed') });
  const plugins = await running(t, home, { pluginBacklogEvents: 512, maxRestarts: 3 });
  const before = process.memoryUsage().rss;
  const condition = (name: string) => reportOf(plugins, name).condition;
  let count = 0;
  // The crashing one reads one record in each of its lives.
  while (count < 50_000 || reportOf(plugins, 'stuck').lostRecords === 0 || condition('crash') !== 'off') {
    const next = count < 50_000 ? 500 : 1;
    dispatchNumbers(plugins, count, next);
    count += next;
    await plugins.dispatcher.advanceTo(0);
    await eventually('the healthy one keeps up', () => reportOf(plugins, 'healthy').backlogRecords === 0);
  }
  const rss = process.memoryUsage().rss; // before this process reads what it wrote
  t.ok(rss - before < 100 << 20);
  const all = numberedLines(0, count);
  await eventually('the healthy one had all', () => statSync(home.path('healthy.out')).size >= all.length);
  t.equal(home.read('healthy.out'), all, 'every record, once, in order');
  const stuck = reportOf(plugins, 'stuck');
  t.ok(stuck.hasOverflowed);
  t.equal(stuck.lostRecords + stuck.sentRecords + stuck.backlogRecords, count, 'every record is accounted for');
  t.equal(reportOf(plugins, 'healthy').lostRecords, 0);
  t.equal(reportOf(plugins, 'crash').restarts, 4);
  await eventually('the closed one was given up', () => condition('closed') === 'off');
  t.equal(reportOf(plugins, 'garbage').restarts, 0);
  t.ok(plugins.lostRecords >= stuck.lostRecords);
  t.match(home.messages.said, [/^info audit dispatcher initialized/]);
  t.ok(home.messages.said.some(text => text === `error plugin ${home.path('crash')} has exceeded max_restarts`));
  await plugins.stop(); // it does not wait for those that stand still: they would for a quarter of an hour
  const numbers = numbersOf(home.read('slow.out'));
  t.ok(numbers.length > 0);
  t.ok(
    numbers.every((number, i) => i === 0 || number > (numbers[i - 1] ?? 0)),
    'none twice, in order',
  );
});

t.test(
  'A program that ends at once is started a few times, with pauses, not a thousand times a second',
  { skip },
  async t => {
    const home = newHome(t);
    home.program('brief', `echo x >> ${home.path('brief.out')}`);
    home.plugin('brief', { path: home.path('brief') });
    const plugins = await running(t, home, { maxRestarts: 1_000_000 });
    const starts = () => home.read('brief.out').length / 2;
    await eventually('it was started again and again', () => starts() >= 4);
    t.ok(starts() < 7, 'at once, after 0.1 s, 0.2 s, 0.4 s; the seventh would be 2.4 s after the fourth');
    t.match(reportOf(plugins, 'brief').condition, /restart|running|starting/);
  },
);

t.test('A plugin that is stopped by a signal and goes on loses only what is beyond its queue', { skip }, async t => {
  const home = newHome(t);
  home.plugin('copy', { path: home.path('copy'), args: 'copy.out' });
  home.plugin('other', { path: home.path('copy'), args: 'other.out' });
  const plugins = await running(t, home, { pluginBacklogEvents: 1000 });
  const pid = reportOf(plugins, 'copy').pid ?? 0;
  process.kill(pid, 'SIGSTOP');
  let count = 0;
  while (reportOf(plugins, 'copy').lostRecords < 1000) {
    dispatchNumbers(plugins, count, 1000);
    count += 1000;
    await eventually('the other one keeps up', () => reportOf(plugins, 'other').backlogRecords === 0);
  }
  process.kill(pid, 'SIGCONT');
  const { lostRecords } = reportOf(plugins, 'copy');
  await eventually('it had caught up', () => reportOf(plugins, 'copy').backlogRecords === 0);
  dispatchNumbers(plugins, count, 1);
  const isThere = (name: string) => home.read(name).endsWith(` n=${count}\n`);
  await eventually('the last one was there', () => isThere('copy.out') && isThere('other.out'));
  t.equal(numbersOf(home.read('copy.out')).length, count + 1 - lostRecords);
  t.equal(home.read('other.out'), numberedLines(0, count + 1));
});

t.test(
  'A reload starts every program anew, with what waits for it, and mends and removes plugins',
  { skip },
  async t => {
    const home = newHome(t);
    home.program('append', `exec cat >> ${home.path('$1')}`);
    home.plugin('kept', { path: home.path('append'), args: 'kept.out' });
    home.plugin('removed', { path: home.path('append'), args: 'removed.out' });
    home.plugin('broken', { path: home.path('append'), args: 'broken.out', colour: 'red' });
    const plugins = await running(t, home);
    const first = reportOf(plugins, 'kept').pid;
    t.strictSame(
      home.messages.said.filter(text => text.startsWith('error')),
      [
        `error ${home.path('plugins.d')}/broken.conf:4: colour = "red": expected a key that auditd-plugins(5) names`,
        'error Skipping broken.conf plugin due to errors',
      ],
    );
    home.plugin('removed', { active: 'no', path: home.path('append') });
    home.plugin('broken', { path: home.path('append'), args: 'broken.out' });
    home.plugin('added', { path: home.path('append'), args: 'added.out', format: 'binary' });
    dispatchNumbers(plugins, 0, 100);
    const reloaded = plugins.reload(home.configuration({ pluginBacklogEvents: 600 }));
    await new Promise(resolve => setImmediate(resolve)); // the files are read
    dispatchNumbers(plugins, 100, 100);
    await reloaded;
    dispatchNumbers(plugins, 200, 100);
    t.not(reportOf(plugins, 'kept').pid, first);
    t.equal(plugins.state().limit, 600, 'also less than before');
    await plugins.stop();
    t.equal(home.read('kept.out'), numberedLines(0, 300));
    t.equal(home.read('removed.out'), numberedLines(0, 100));
    t.equal(home.read('broken.out'), numberedLines(100, 200));
    t.equal(
      home.read('added.out').length,
      200 * (16 - 1) + numberedLines(100, 200).length,
      'a header for each newline',
    );
    t.equal(plugins.lostRecords, 0);
  },
);

t.test('SIGTERM comes after the end of the input, SIGKILL after that', { skip }, async t => {
  const home = newHome(t);
  home.program('deaf', 'trap "" TERM; cat > /dev/null; while :; do sleep 0.1; done');
  home.plugin('deaf', { path: home.path('deaf') });
  home.program(
    'polite',
    `trap 'echo term > ${home.path('polite.out')}; exit 0' TERM; cat > /dev/null; while :; do sleep 0.1; done`,
  );
  home.plugin('polite', { path: home.path('polite') });
  const plugins = await running(t, home);
  const pid = reportOf(plugins, 'deaf').pid;
  await plugins.stop();
  t.notOk(existsSync(`/proc/${pid}`), 'it has been killed');
  t.equal(home.read('polite.out'), 'term\n');
});

t.test('Another process’s dispatcher goes on with the running programs, to the byte', { skip }, async t => {
  const home = newHome(t);
  home.plugin('copy', { path: home.path('copy'), args: 'copy.out' });
  const before = await running(t, home);
  const pid = reportOf(before, 'copy').pid ?? 0;
  process.kill(pid, 'SIGSTOP');
  dispatchNumbers(before, 0, 10_000); // more than its socket takes
  const handed = await before.handOver();
  t.match(handed.programs, [{ name: 'copy', pid, format: 'string' }]);
  const after = await running(t, home, {}, handed);
  process.kill(pid, 'SIGCONT');
  t.equal(reportOf(after, 'copy').pid, pid);
  dispatchNumbers(after, 10_000, 100);
  await eventually('it had all', () => home.read('copy.out').length >= numberedLines(0, 10_100).length);
  await after.stop();
  t.equal(home.read('copy.out'), numberedLines(0, 10_100));
});

t.test('An event that is open while the daemon is exchanged is written whole, and once', { skip }, async t => {
  const home = newHome(t);
  home.plugin('json', { path: home.path('copy'), args: 'json.out', format: 'json' });
  home.plugin('file', { path: 'builtin_file', args: home.path('file.out'), format: 'json' });
  const before = await running(t, home);
  const { pid } = reportOf(before, 'json');
  const stamp = 'msg=audit(1700000000.123:45):';
  const send = (plugins: Plugins, type: number, text: string) => plugins.dispatch(type, Buffer.from(`${text}\n`));
  send(before, 1300, `type=SYSCALL ${stamp} arch=c000003e syscall=59 success=yes exit=0 a0=1`);
  const handed = readHandedPlugins(writeHandedPlugins(await before.handOver(), home.directory));
  const after = await running(t, home, {}, handed);
  t.equal(reportOf(after, 'json').pid, pid, 'the program goes on');
  send(after, 1307, `type=CWD ${stamp} cwd="/tmp"`);
  send(after, 1320, `type=EOE ${stamp}`);
  await eventually('it was written', () => home.read('json.out') !== '' && home.read('file.out') !== '');
  await after.stop();
  for (const out of ['json.out', 'file.out']) {
    const [event, end] = home.read(out).split('\n');
    t.match(JSON.parse(event ?? ''), { serial: 45, cwd: '/tmp', records: [{ type: 'SYSCALL' }, { type: 'CWD' }] });
    t.equal(end, '');
  }
});

t.test(
  'A running program that the files no longer ask for is ended by the process that takes over',
  { skip },
  async t => {
    const home = newHome(t);
    home.plugin('copy', { path: home.path('copy'), args: 'copy.out' });
    home.plugin('kept', { path: home.path('copy'), args: 'kept.out' });
    const before = await running(t, home);
    const { pid } = reportOf(before, 'copy');
    const handed = await before.handOver();
    home.plugin('copy', { path: home.path('copy'), args: 'copy.out', format: 'json' });
    const after = await running(t, home, {}, handed);
    t.not(reportOf(after, 'copy').pid, pid, 'one that was promised records gets no events');
    await eventually('it has ended', () => !existsSync(`/proc/${pid}`));
    await after.stop();
  },
);

t.test('A spool repeats what a killed daemon had not confirmed, and misses nothing', { skip }, async t => {
  const home = newHome(t);
  home.program('append', `exec cat >> ${home.path('$1')}`);
  home.plugin('copy', { path: home.path('append'), args: 'copy.out' });
  let last = -1;
  for (let kill = 0; kill < 3; kill++) {
    const child = spawn(process.execPath, [spooling, home.directory, String(last + 1)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    const enough = last + 5000;
    for await (const line of createInterface(child.stdout)) {
      last = Math.max(last, Number(line));
      if (last >= enough) child.kill('SIGKILL');
    }
    await exited;
  }
  home.nodeSettings = `[plugins]\nspool = copy\nspool_directory = ${home.path('spool')}\n`;
  const plugins = await running(t, home);
  const seen = () => new Set(numbersOf(home.read('copy.out')));
  await eventually('every record was read', () => seen().size > last);
  await plugins.stop();
  const numbers = seen();
  const missing = Array.from({ length: last + 1 }, (_, number) => number).filter(number => !numbers.has(number));
  t.strictSame(missing, []);
  t.equal(reportOf(plugins, 'copy').lostRecords, 0);
});

// --- The Unix socket ---

interface Client {
  readonly socket: Socket;
  readonly got: () => string;
}

async function clientOf(path: string): Promise<Client> {
  const socket = connect({ path, allowHalfOpen: true });
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk;
  });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return { socket, got: () => text };
}

function withSocket(home: PluginHome, words = 'string'): string {
  const path = home.path('events');
  home.plugin('af_unix', { path: 'builtin_af_unix', args: `0600 ${path} ${words}` });
  return path;
}

t.test(
  'Clients of the socket get lines or frames; its mode is the file’s, and it goes with the daemon',
  { skip },
  async t => {
    const home = newHome(t);
    const path = withSocket(home, 'binary');
    const plugins = await running(t, home);
    t.equal(statSync(path).mode & 0o777, 0o600);
    const client = await clientOf(path);
    await eventually('it was accepted', () => reportOf(plugins, 'af_unix').clients?.length === 1);
    dispatchNumbers(plugins, 7, 1);
    const payload = numberedLines(7, 1).trimEnd();
    await eventually('the frame was there', () => client.got().length === 16 + payload.length);
    const frame = Buffer.from(client.got(), 'latin1');
    t.strictSame(
      [frame.readUInt32LE(0), frame.readUInt32LE(4), frame.readUInt32LE(8), frame.readUInt32LE(12)],
      [1, 16, 1100, payload.length],
    );
    t.equal(frame.subarray(16).toString(), payload);
    t.match(reportOf(plugins, 'af_unix').clients, [{ pid: process.pid, uid: 0, gid: 0 }]);
    t.ok(home.messages.said.includes(`info plugin af_unix: client pid=${process.pid} uid=0 gid=0 connected`));
    client.socket.destroy();
    await plugins.stop();
    t.notOk(existsSync(path));
  },
);

t.test(
  'A client that half-closes reads on; one that sends is not listened to; one that stops reading loses',
  { skip },
  async t => {
    const home = newHome(t);
    const path = withSocket(home);
    const plugins = await running(t, home, { pluginBacklogEvents: 1000 });
    const [half, sender, stuck] = [await clientOf(path), await clientOf(path), await clientOf(path)];
    await eventually('all were accepted', () => reportOf(plugins, 'af_unix').clients?.length === 3);
    half.socket.end();
    sender.socket.write(Buffer.alloc(1 << 20, 'x'));
    stuck.socket.pause();
    for (let i = 0; i < 30_000; i += 500) {
      dispatchNumbers(plugins, i, 500);
      await new Promise(resolve => setTimeout(resolve, 10));
    }
    const all = numberedLines(0, 30_000);
    await eventually('both had all', () => half.got().length >= all.length && sender.got().length >= all.length);
    t.equal(half.got(), all);
    t.equal(sender.got(), all);
    const losses = reportOf(plugins, 'af_unix').clients?.map(client => client.lostRecords) ?? [];
    t.equal(losses.filter(lost => lost > 0).length, 1);
    t.equal(reportOf(plugins, 'af_unix').lostRecords, Math.max(...losses));
    for (const { socket } of [half, sender, stuck]) socket.destroy();
    dispatchNumbers(plugins, 0, 1);
    await eventually('they are gone', () => reportOf(plugins, 'af_unix').clients?.length === 0);
  },
);

t.test('Ten thousand connections leave no descriptor and hold up nobody', { skip }, async t => {
  const home = newHome(t);
  const path = withSocket(home);
  home.plugin('copy', { path: home.path('copy'), args: 'copy.out' });
  const plugins = await running(t, home);
  const descriptors = () => readdirSync('/proc/self/fd').length;
  const before = descriptors();
  for (let i = 0; i < 10_000; i++) {
    const socket = connect(path);
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.destroy();
    if (i % 100 === 0) dispatchNumbers(plugins, i / 100, 1);
  }
  await eventually('all were let go', () => reportOf(plugins, 'af_unix').clients?.length === 0);
  await eventually('the other plugin had all', () => numbersOf(home.read('copy.out')).length === 100);
  await eventually('no descriptor is left', () => descriptors() <= before + 2);
  t.ok(home.messages.said.length < 100);
});

t.test('A stale socket is replaced, a live one and another file are not', { skip }, async t => {
  const home = newHome(t);
  const path = withSocket(home);
  writeFileSync(path, 'precious');
  const plugins = await running(t, home);
  t.equal(reportOf(plugins, 'af_unix').condition, 'off');
  t.equal(readFileSync(path, 'utf8'), 'precious');
  const other = newHome(t);
  const shared = withSocket(other);
  const first = await running(t, other);
  const second = await running(t, other);
  t.equal(reportOf(first, 'af_unix').condition, 'running');
  t.equal(reportOf(second, 'af_unix').condition, 'off');
  t.match(other.messages.said.at(-2), /cannot listen on .* \(Address already in use\)$/);
  t.ok(existsSync(shared));
});
