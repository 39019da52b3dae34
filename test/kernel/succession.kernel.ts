import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { compileFlood, DAEMON, DaemonHome, KernelAudit } from '../support/daemonProcess.ts';

// A daemon under its keeper that is killed, restarted and upgraded while numbered events pour in: each is in the log
// once. bench/crash.bench.ts does the same in larger numbers.
if (process.getuid?.() !== 0) {
  t.fail('needs root: registering with the kernel needs its capabilities');
  process.exit();
}

// Many lives of a daemon, one after the other.
t.setTimeout(300_000);

const root = fileURLToPath(new URL('../../../', import.meta.url));
const UPGRADE = 36;
const RESTART = 37;
const kernel = new KernelAudit();
const tools = new DaemonHome();
t.teardown(() => {
  kernel.restore();
  tools.remove();
});
const flood = compileFlood(tools.directory);
kernel.load(`-a always,exit -F arch=b64 -S getppid -F exe=${flood} -F key=node-auditd-succession-test`);

/** A daemon under its keeper. */
class Kept {
  readonly home: DaemonHome;
  readonly keeper;
  #sent = 0;

  constructor(t: Test, script = DAEMON, settings: Record<string, string> = {}) {
    this.home = new DaemonHome({ max_log_file: '1', num_logs: '99', ...settings }).makeLogDirectory();
    this.keeper = spawn(process.execPath, [script, '--supervise', '-n', '-c', this.home.directory], {
      stdio: 'ignore',
    });
    t.teardown(async () => {
      await this.stop();
      this.home.remove();
    });
  }

  async until(what: string, isTrue: () => boolean): Promise<void> {
    const deadline = Date.now() + 30_000;
    while (!isTrue()) {
      if (this.keeper.exitCode !== null) throw new Error(`the keeper ended before ${what}`);
      if (Date.now() > deadline) throw new Error(`waited for ${what} in vain`);
      await pause(5);
    }
  }

  /** Waits for a registered daemon with another pid. */
  async registered(before = 0): Promise<number> {
    await this.until('the daemon was registered', () => {
      const pid = kernel.daemonPid;
      return pid !== 0 && pid !== before && existsSync(`/proc/${pid}`);
    });
    return kernel.daemonPid;
  }

  /** Makes numbered events, in bursts of which the kernel's queues hold several. */
  async load(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const [code] = await once(spawn(flood, [String(this.#sent), '100'], { stdio: 'ignore' }), 'exit');
      if (code !== 0) throw new Error(`flood exited with ${code}`);
      this.#sent += 100;
      await pause(8);
    }
  }

  signal(signal: NodeJS.Signals | number): void {
    process.kill(kernel.daemonPid, signal);
  }

  /** What the whole log has of the numbered events. */
  async verdict(): Promise<{ missing: number; repeated: number; torn: string[] }> {
    await this.until('the last event was written', () => this.#numbers().has(this.#sent - 1));
    const numbers = this.#numbers();
    let missing = 0;
    let repeated = 0;
    for (let number = 0; number < this.#sent; number++) {
      const times = numbers.get(number) ?? 0;
      if (times === 0) missing++;
      if (times > 1) repeated++;
    }
    const torn = this.home.logLines().filter(line => !/^type=\S+ msg=audit\(\d+\.\d+:\d+\): /.test(line));
    return { missing, repeated, torn };
  }

  async stop(): Promise<void> {
    if (this.keeper.exitCode !== null || this.keeper.signalCode !== null) return;
    this.keeper.kill('SIGTERM');
    await once(this.keeper, 'exit');
  }

  #numbers(): Map<number, number> {
    const numbers = new Map<number, number>();
    for (const line of this.home.logLines()) {
      const match = /^type=SYSCALL .* a0=([0-9a-f]+) .*key="node-auditd-succession-test"/.exec(line);
      if (match?.[1] === undefined) continue;
      const number = Number.parseInt(match[1], 16);
      numbers.set(number, (numbers.get(number) ?? 0) + 1);
    }
    return numbers;
  }
}

const WHOLE = { missing: 0, repeated: 0, torn: [] };

/** Runs `disturb` while events pour in, then looks at the log. */
async function underLoad(kept: Kept, disturb: () => Promise<void>) {
  let isOver = false;
  const loading = kept.load(() => isOver);
  try {
    await disturb();
  } finally {
    isOver = true;
    await loading;
  }
  return kept.verdict();
}

t.test('A daemon that is killed again and again loses, repeats and tears nothing', async t => {
  const kept = new Kept(t);
  let pid = await kept.registered();
  const verdict = await underLoad(kept, async () => {
    for (const signal of ['SIGKILL', 'SIGSEGV', 'SIGKILL', 'SIGABRT', 'SIGKILL'] as const) {
      await pause(1000 + Math.random() * 100); // a good life: it is started again at once
      kept.signal(signal);
      pid = await kept.registered(pid);
    }
  });
  t.strictSame(verdict, WHOLE);
});

t.test('A daemon that is killed while it takes over leaves that to the next one', async t => {
  const kept = new Kept(t);
  await kept.registered();
  const child = () => {
    const { pid } = kept.keeper;
    return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim() || 0);
  };
  const verdict = await underLoad(kept, async () => {
    let last = kernel.daemonPid;
    for (let time = 0; time < 5; time++) {
      process.kill(last, 'SIGKILL');
      await kept.until('it was started again', () => child() !== 0 && child() !== last);
      last = child();
      await pause(Math.random() * 300); // somewhere in its start
    }
    await kept.registered();
    await kept.until('the last one was registered', () => kernel.daemonPid === last);
  });
  t.strictSame(verdict, WHOLE);
});

t.test('A keeper that is late costs nothing', async t => {
  const kept = new Kept(t);
  const pid = await kept.registered();
  const verdict = await underLoad(kept, async () => {
    kept.keeper.kill('SIGSTOP');
    kept.signal('SIGKILL');
    await pause(3000);
    kept.keeper.kill('SIGCONT');
    await kept.registered(pid);
  });
  t.strictSame(verdict, WHOLE);
});

t.test('A restart says who asked for it, and loses nothing', async t => {
  const kept = new Kept(t);
  const pid = await kept.registered();
  const verdict = await underLoad(kept, async () => {
    kept.signal(RESTART);
    await kept.registered(pid);
  });
  t.strictSame(verdict, WHOLE);
  t.match(kept.home.logLines().join('\n'), new RegExp(`DAEMON_END .*op=terminate .*pid=${process.pid} `));
});

t.test('An upgrade keeps the pid and loses nothing', async t => {
  const kept = new Kept(t);
  const pid = await kept.registered();
  const starts = () => kept.home.logLines().filter(line => line.startsWith('type=DAEMON_START')).length;
  const verdict = await underLoad(kept, async () => {
    for (let time = 1; time <= 3; time++) {
      kept.signal(UPGRADE);
      await kept.until('the next version had started', () => starts() === time + 1);
      await pause(300); // until it listens to signals: before that they wait, or are the same request
    }
  });
  t.equal(kernel.daemonPid, pid);
  t.strictSame(verdict, WHOLE);
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
  const kept = new Kept(t, link);
  const pid = await kept.registered();
  const failures = () => kept.home.logLines().filter(line => /^type=DAEMON_ERR .*op=upgrade .*res=failed/.test(line));
  const verdict = await underLoad(kept, async () => {
    writeFileSync(`${versions}/broken/unloadable.js`, 'this is no program');
    turnTo(`${versions}/broken/unloadable.js`);
    kept.signal(UPGRADE);
    await kept.until('the refusal was recorded', () => failures().length === 1);
    // Passes the preflight; then its log cannot be opened.
    cpSync(`${root}dist/src`, `${versions}/next/dist/src`, { recursive: true });
    cpSync(`${root}package.json`, `${versions}/next/package.json`);
    symlinkSync(`${root}build`, `${versions}/next/build`);
    symlinkSync(`${root}node_modules`, `${versions}/next/node_modules`);
    const writer = `${versions}/next/dist/src/sinks/log/logWriter.js`;
    writeFileSync(
      writer,
      readFileSync(writer, 'utf8').replace('async open() {', "async open() { throw new Error('no');"),
    );
    turnTo(`${versions}/next/dist/src/daemon/main.js`);
    kept.signal(UPGRADE);
    await kept.until('the fallback was recorded', () => failures().length === 2);
  });
  t.equal(kernel.daemonPid, pid);
  t.strictSame(verdict, WHOLE);
});
