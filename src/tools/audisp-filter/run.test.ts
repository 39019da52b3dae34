import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { Plugin } from '../../auplugin/plugin.ts';
import { parseOptions } from './options.ts';
import { run } from './run.ts';

const isRoot = process.getuid?.() === 0;

const LOG = [
  'node=h type=USER_LOGIN msg=audit(1700000001.000:1): pid=1 uid=0 auid=0 ses=1 msg=\'op=login res=failed\'\x1dUID="root"',
  'type=SYSCALL msg=audit(1700000002.000:2): arch=c000003e syscall=59 success=yes exit=0 a0=1 a1=2 comm="cron"',
  'type=EXECVE msg=audit(1700000002.000:2): argc=1 a0="cron"',
  'type=EOE msg=audit(1700000002.000:2): ',
  "type=USER msg=audit(1700000003.000:3): pid=2 uid=0 msg='hello'",
  '',
].join('\n');
const LOGIN = `${LOG.split('\n')[0]?.split('\x1d')[0]}\n`;
const EXECUTION = `${LOG.split('\n').slice(1, 4).join('\n')}\n`;
const MESSAGE = `${LOG.split('\n')[4]}\n`;

interface Setting {
  readonly mode?: string;
  readonly rules?: string | null;
  readonly program?: string;
  readonly meanwhile?: (input: PassThrough, rulesFile: string, out: string) => Promise<void>;
}

async function filtered(t: Test, { mode = 'allowlist', rules = '', program, meanwhile }: Setting) {
  const directory = t.testdir({ ...(rules === null ? {} : { 'filter.conf': rules }), out: '' });
  const rulesFile = join(directory, 'filter.conf');
  if (rules !== null) chmodSync(rulesFile, 0o640);
  const said: string[] = [];
  const input = new PassThrough();
  const running = run([mode, rulesFile, program ?? '/bin/sh', '-c', `trap '' HUP; cat > ${join(directory, 'out')}`], {
    openSyslog: () => ({ say: (priority, text) => void said.push(`${priority} ${text}`) }),
    openPlugin: options => new Plugin({ ...options, input }),
    complain: line => said.push(line),
  });
  input.write(LOG);
  await meanwhile?.(input, rulesFile, join(directory, 'out'));
  input.end();
  return { code: await running, out: readFileSync(join(directory, 'out'), 'latin1'), said, rulesFile };
}

t.test(
  'An allowlist drops whole events that match, a blocklist all others',
  { skip: !isRoot && 'needs root' },
  async t => {
    const rules = '# comment\n  \\record_type == EXECVE\n\npid r= 1\n';
    t.match(await filtered(t, { rules }), { code: 0, out: MESSAGE });
    t.match(await filtered(t, { mode: 'BlockList', rules }), { code: 0, out: LOGIN + EXECUTION });
  },
);

t.test('Without a rule nothing matches', { skip: !isRoot && 'needs root' }, async t => {
  t.match(await filtered(t, { rules: '# none\n' }), { code: 0, out: LOGIN + EXECUTION + MESSAGE });
  t.match(await filtered(t, { mode: 'blocklist', rules: '# none\n' }), { code: 0, out: '' });
  const missing = await filtered(t, { rules: null });
  t.equal(missing.out, LOGIN + EXECUTION + MESSAGE);
  t.match(missing.said, [/^4 Config file .* doesn't exist, skipping$/]);
});

t.test(
  'A rule that is none ends the plugin, and is named with its line',
  { skip: !isRoot && 'needs root' },
  async t => {
    const { code, said } = await filtered(t, { rules: 'pid r= 1\npid r=\n' });
    t.equal(code, 1);
    t.match(said, [/^3 Invalid expression: pid r= \(.*\), .*filter\.conf:2$/]);
  },
);

t.test('Rules that others may write are refused', { skip: !isRoot && 'needs root' }, async t => {
  const directory = t.testdir({ rules: 'pid r= 1\n' });
  chmodSync(join(directory, 'rules'), 0o666);
  const said: string[] = [];
  const code = await run(['--check', join(directory, 'rules')], {
    openSyslog: () => ({ say: () => t.fail('a person asked') }),
    openPlugin: () => t.fail('nothing to read') as never,
    complain: line => said.push(line),
  });
  t.equal(code, 1);
  t.match(said, [/is world writable$/]);
});

t.test('SIGHUP reads the rules again; faulty ones leave the old', { skip: !isRoot && 'needs root' }, async t => {
  const next = (number: number) => `type=USER msg=audit(1700000010.000:${number}): pid=2 uid=0 msg='later'\n`;
  const { out, said } = await filtered(t, {
    rules: 'pid r= 2\n',
    meanwhile: async (input, rulesFile, out) => {
      // The program must run before it is told anything.
      while (readFileSync(out).length === 0) await setImmediate();
      writeFileSync(rulesFile, 'pid r=\n');
      process.emit('SIGHUP', 'SIGHUP');
      writeFileSync(rulesFile, 'pid r= 1\n');
      process.emit('SIGHUP', 'SIGHUP');
      input.write(next(11));
    },
  });
  t.ok(said.includes('6 The rules were not reloaded because of a syntax error'));
  t.ok(said.includes('6 Successfully reloaded rules'));
  t.ok(out.endsWith(next(11)), out);
});

t.test('A program that cannot run, or ends, ends the filter', { skip: !isRoot && 'needs root' }, async t => {
  const missing = await filtered(t, { program: '/nonexistent' });
  t.equal(missing.code, 1);
  t.match(missing.said, [/^3 Error running \/nonexistent \(.*ENOENT\)$/]);
  t.equal((await filtered(t, { program: '/bin/true' })).code, 0);
});

t.test('Arguments that are none are named', async t => {
  t.match(parseOptions([]), { message: 'Not enough command line arguments' });
  t.match(parseOptions(['greylist', 'a', 'b']), {
    message: "Invalid mode 'greylist' specified, possible values are: allowlist, blocklist.",
  });
  t.match(parseOptions(['ALLOWLIST', 'a', 'b', 'c', 'd']), { kind: 'filter', program: 'b', args: ['c', 'd'] });
  t.match(parseOptions(['--check', 'a']), { kind: 'check', configuration: 'a' });
});
