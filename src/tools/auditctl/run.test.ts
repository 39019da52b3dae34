import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { SystemError } from '../../base/errors.ts';
import type { ControlAnswer } from '../../binding/control.ts';
import { AuditControl } from '../../control/auditControl.ts';
import type { Host } from './host.ts';
import { run } from './run.ts';

const words = (...values: number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer);
const status = (enabled: number, pid = 0) => words(0, enabled, 1, pid, 0, 64, 0, 0, 0x7f, 60000, 0);
const CLOSING = 'There was an error while processing parameters\n';

interface Machine {
  answer: (name: string) => Partial<ControlAnswer> | number | 'garbage';
  hasAuditControl?: boolean;
  hasSocket?: boolean;
  signal?: Host['signal'];
}

/** Runs auditctl beside a kernel that gives these answers: a number is an errno. */
function auditctl(machine: Machine, ...argv: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const asked: string[] = [];
  const control = new AuditControl({
    request: name => {
      asked.push(name);
      const answer = machine.answer(name);
      if (typeof answer === 'number') throw new SystemError({ syscall: name, errno: answer, path: null });
      const replies = answer === 'garbage' ? [new Uint8Array(5)] : (answer.replies ?? []);
      return { acknowledged: 0, ...(answer === 'garbage' ? {} : answer), replies };
    },
  });
  const exit = run(['auditctl', ...argv], {
    output: { print: text => void out.push(text), tell: text => void err.push(`${text}\n`) },
    hasAuditControl: () => machine.hasAuditControl ?? true,
    isRoot: () => true,
    openControl: () => {
      if (machine.hasSocket === false) throw new SystemError({ syscall: 'socket', errno: 93, path: null });
      return control;
    },
    nativeMachine: () => 'x86_64',
    userId: () => null,
    groupId: () => null,
    isDirectory: () => false,
    sender: () => ({ exe: '/usr/sbin/auditctl', hostname: null, terminal: null }),
    signal: machine.signal ?? (() => {}),
    interpretArgument: null,
  });
  return { exit, out: out.join(''), err: err.join(''), asked };
}

const healthy: Machine = { answer: name => (name === 'AUDIT_GET' ? { replies: [status(1)] } : {}) };
const immutable: Machine = {
  answer: name => (name === 'AUDIT_GET' ? { replies: [status(2)] } : name === 'AUDIT_LIST_RULES' ? {} : 1),
};
const disabled: Machine = { answer: () => 111 };
const WATCH = ['-w', '/etc/hosts', '-p', 'wa'];

t.test('Without the capability nothing but help and a list is tried', async t => {
  const machine = { ...healthy, hasAuditControl: false };
  const refused = { exit: 4, out: '', err: 'You must be root to run this program.\n' };
  t.match(auditctl(machine, '-s'), refused);
  t.match(auditctl(machine, '-v'), refused);
  t.match(auditctl(machine, '-h', 'x'), refused);
  t.equal(auditctl(machine, '-h').exit, 0);
  t.match(auditctl({ ...machine, answer: () => 1 }, '-l'), {
    exit: 255,
    err: `Error sending rule list data request (Operation not permitted)\n${CLOSING}`,
  });
});

t.test('Without words there is help and a failure', async t => {
  const { exit, out } = auditctl(healthy);
  t.equal(exit, 1);
  t.match(out, /^usage: auditctl \[options\]\n/);
});

t.test('Without a socket nothing is done', async t => {
  t.match(auditctl({ ...healthy, hasSocket: false }, '-s'), { exit: 1, err: 'Cannot open netlink audit socket\n' });
});

t.test('An immutable kernel keeps its rules', async t => {
  const message = 'The audit system is in immutable mode, no rule changes allowed\n';
  t.match(auditctl(immutable, ...WATCH), { exit: 1, err: `Old style watch rules are slower\n${message}` });
  t.match(auditctl(immutable, '-a', 'always,exit', '-F', 'x=1'), { exit: 1, err: `-F unknown field: x\n${message}` });
  t.match(auditctl(immutable, '-e', '1'), {
    exit: 255,
    err: `Error sending enable request (Operation not permitted)\n${CLOSING}`,
  });
  t.match(auditctl(immutable, '-D'), { exit: 0, out: 'No rules\n' });
});

t.test('Where audit is off, rules fail and everything else is well', async t => {
  t.match(auditctl(disabled, ...WATCH), { exit: 1, err: /The audit system is disabled\n$/ });
  t.match(auditctl(disabled, '-s'), { exit: 0, out: '', err: 'The audit system is disabled\n' });
  t.match(auditctl(disabled, '-D'), { exit: 0, err: 'The audit system is disabled\n' });
});

t.test('An errno without a name, no answer, or garbage is one clear error', async t => {
  const answering = (answer: number | 'garbage'): Machine => ({
    answer: name => (name === 'AUDIT_GET' && answer !== 'garbage' ? { replies: [status(1)] } : answer),
  });
  t.match(auditctl(answering(524), ...WATCH), {
    exit: 255,
    err: `Old style watch rules are slower\nError sending add rule data request (unknown error 524)\n${CLOSING}`,
  });
  t.match(auditctl(answering(11), ...WATCH), {
    exit: 255,
    err: `Old style watch rules are slower\nError sending add rule data request (Resource temporarily unavailable)\n${CLOSING}`,
  });
  t.match(auditctl(answering(11), '-l'), {
    exit: 255,
    err: `Error sending rule list data request (Resource temporarily unavailable)\n${CLOSING}`,
  });
  t.match(auditctl(answering('garbage'), '-s'), {
    exit: 255,
    err: `Error sending status request (audit status: 5 bytes, expected at least 32)\n${CLOSING}`,
  });
  t.match(auditctl(answering('garbage'), '-l'), { exit: 255, err: /audit rule: 5 bytes, expected at least 1040/ });
});

t.test('A second setter that fails is told, and the first one holds', async t => {
  let count = 0;
  const machine: Machine = {
    answer: name => (name === 'AUDIT_SET' ? (++count === 2 ? 22 : {}) : { replies: [status(1)] }),
  };
  const { exit, out, err, asked } = auditctl(machine, '-e', '1', '-b', '64', '-f', '1');
  t.equal(exit, 255);
  t.equal(out, '');
  t.equal(err, `Error sending backlog limit request (Invalid argument)\n${CLOSING}`);
  t.strictSame(asked, ['AUDIT_SET', 'AUDIT_SET']);
});

t.test('The daemon gets the signal that a word stands for', async t => {
  const sent: unknown[] = [];
  const machine: Machine = {
    answer: () => ({ replies: [status(1, 815)] }),
    signal: (...signal) => void sent.push(signal),
  };
  for (const word of ['stop', 'TERM', 'Reload', 'usr1', 'resume', 'CONT']) {
    t.strictSame(auditctl(machine, '--signal', word), { exit: 0, out: '', err: '', asked: ['AUDIT_GET'] });
  }
  t.strictSame(sent, [
    [815, 'SIGTERM'],
    [815, 'SIGTERM'],
    [815, 'SIGHUP'],
    [815, 'SIGUSR1'],
    [815, 'SIGUSR2'],
    [815, 'SIGCONT'],
  ]);
  t.match(auditctl(machine, '--signal', 'SIGHUP'), { exit: 1, err: 'SIGHUP is an unsupported signal\n' });
  t.match(auditctl(machine, '--signal', 'toString'), { exit: 1, err: 'toString is an unsupported signal\n' });
  t.match(auditctl(healthy, '--signal', 'stop'), { exit: 2, err: 'Auditd is not running\n' });
  t.match(auditctl({ answer: () => 11 }, '--signal', 'stop'), {
    exit: 1,
    err: 'Failed sending signal to auditd (timeout)\n',
  });
  const gone: Machine = {
    ...machine,
    signal: () => {
      throw Object.assign(new Error('kill ESRCH'), { code: 'ESRCH', errno: -3 });
    },
  };
  t.match(auditctl(gone, '--signal', 'hup'), {
    exit: 1,
    err: /^Failed sending signal to auditd \(no such process\)\n$/i,
  });
});

t.test('Options that stand where they cannot are refused', async t => {
  const failed = (err: string) => ({ exit: 255, err: `${err}${CLOSING}` });
  t.match(auditctl(healthy, 'foo'), failed(''));
  t.match(auditctl(healthy, '-sv'), failed(''));
  t.match(auditctl(healthy, '-s', 'x', 'y'), failed('Too many options for status command\n'));
  t.match(auditctl(healthy, '-D', '-x', 'k'), failed('Only the -k option is allowed\n'));
  t.match(
    auditctl(healthy, '-m', 'a', 'b'),
    failed('The -m option must be only the only option and takes 1 parameter\n'),
  );
  t.match(auditctl(healthy, '-m', 'a\nb'), failed('Illegal character in audit event\n'));
  t.match(auditctl(healthy, '-r', '99999999999999999999'), failed('Error converting rate\n'));
  t.match(auditctl(healthy, '-R', 'x', 'y'), failed('Error - nested rule files not supported\n'));
  t.match(auditctl(healthy, '--reset'), failed('Option --reset is invalid\n'));
  // The reference goes on to the first key after it refused the second, and refuses that as well.
  t.match(
    auditctl(healthy, '-a', 'always,exit', '-F', 'key=x', '-k', 'y'),
    failed('key option needs a watch or syscall given prior to it\n'),
  );
});

t.test('A rule whose action is deprecated is passed over; behind -A, nothing may follow it', async t => {
  const refusal = (option: string, ...rest: string[]) => {
    const { exit, err, asked } = auditctl(healthy, option, 'exit,possible', ...rest);
    t.notOk(asked.includes('AUDIT_ADD_RULE') || asked.includes('AUDIT_DEL_RULE'));
    return { exit, err };
  };
  const append = 'Append rule - possible is deprecated\n';
  t.strictSame(refusal('-a', '-S', 'open'), { exit: 0, err: append });
  t.strictSame(refusal('-d', '-S', 'open'), { exit: 0, err: 'Delete rule - possible is deprecated\n' });
  t.strictSame(refusal('-A'), { exit: 0, err: append });
  t.strictSame(refusal('-A', '-S', 'open'), {
    exit: 255,
    err: `${append}parameter passed without an option given\n${CLOSING}`,
  });
});

t.test('A rules file stops at the first bad line, goes on with -i, and remembers with -c', async t => {
  const path = join(t.testdir(), 'rules');
  const load = (content: string) => {
    writeFileSync(path, content);
    chmodSync(path, 0o640);
    return auditctl(healthy, '-R', path);
  };
  const bad = '-a always,exit -F nosuch=1\n';
  const good = '-a always,exit -F arch=b64 -S kill -k x\n';
  const message = `-F unknown field: nosuch\nThere was an error in line 2 of ${path}\n`;
  const added = (asked: string[]) => asked.filter(name => name === 'AUDIT_ADD_RULE').length;

  const stopped = load(`# x\n${bad}${good}`);
  t.match(stopped, { exit: 1, err: message });
  t.equal(added(stopped.asked), 0);
  const ignored = load(`-i\n${bad}${good}`);
  t.match(ignored, { exit: 0, err: message });
  t.equal(added(ignored.asked), 1);
  const remembered = load(`-c\n${bad}${good}`);
  t.match(remembered, { exit: 1, err: message });
  t.equal(added(remembered.asked), 1);
  t.match(load('-R x\n'), { exit: 1, err: /^Error - nested rule files not supported\n/ });
  t.match(load('-z\n'), { exit: 1, err: /^Option -z on line 1 is invalid\n/ });
  t.match(load('-D\r\n'), { exit: 1, err: `There was an error in line 1 of ${path}\n` });
});

t.test('A file of 100,000 lines is loaded to its last one, and an error there is told with its number', async t => {
  const path = join(t.testdir(), 'rules');
  const lines = Array.from({ length: 99_999 }, (_, i) =>
    i % 20 === 0 ? `-a always,exit -F arch=b64 -S kill -F pid=${i + 1} -k x` : `# line ${i + 1}`,
  );
  writeFileSync(path, `${lines.join('\n')}\n-a always,exit -F nosuch=1`, { mode: 0o640 });
  const { exit, err, asked } = auditctl(healthy, '-R', path);
  t.equal(exit, 1);
  t.equal(err, `-F unknown field: nosuch\nThere was an error in line 100000 of ${path}\n`);
  t.equal(asked.filter(name => name === 'AUDIT_ADD_RULE').length, 5000);
});

t.test('What a rules file should not hold costs no rule before it', async t => {
  const path = join(t.testdir(), 'rules');
  const good = '-a always,exit -F arch=b64 -S kill -k x';
  const load = (content: string, mode = 0o640) => {
    writeFileSync(path, content);
    chmodSync(path, mode);
    const { exit, err, asked } = auditctl(healthy, '-R', path);
    return { exit, err, added: asked.filter(name => name === 'AUDIT_ADD_RULE').length };
  };
  const inLine = (line: number) => `There was an error in line ${line} of ${path}\n`;
  t.strictSame(load(good), { exit: 0, err: '', added: 1 }, 'no newline at the end');
  // A carriage return is part of the last word: here of a key, there of a name that nothing has.
  t.strictSame(load(`${good}\r\n`), { exit: 0, err: '', added: 1 }, 'CRLF behind a key');
  t.strictSame(
    load(`${good}\n-a always,exit -F arch=b64 -S open\r\n`),
    { exit: 1, err: `Syscall name unknown: open\r\n${inLine(2)}`, added: 1 },
    'CRLF behind a system call',
  );
  t.strictSame(load(`${good}\0 -F nosuch=1\n`), { exit: 0, err: '', added: 1 }, 'NUL ends a line');
  t.strictSame(
    load(`${good}\n-a always,exit -F exe=/${'x'.repeat(5000)}\n`),
    { exit: 1, err: `String value too long\n${inLine(2)}`, added: 1 },
    'a value of 5,000 bytes',
  );
  t.strictSame(
    load(`${good}\n-a always,exit -F exe=/${'x'.repeat(8192)}\n`),
    { exit: 1, err: `String value too long\n${inLine(2)}`, added: 1 },
    'a value of 8 KiB',
  );
  t.strictSame(load(good, 0o666), { exit: 1, err: `Error - ${path} is world writable\n`, added: 0 });
});

t.test('A rules file that may not be read is named, and why', async t => {
  const path = join(t.testdir(), 'rules');
  writeFileSync(path, '-D\n', { mode: 0o000 });
  // Root reads every file.
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(65534);
  const { exit, err, asked } = auditctl(healthy, '-R', path);
  if (isRoot) process.seteuid?.(0);
  t.equal(exit, 1);
  t.equal(err, `Error opening ${path} (Permission denied)\n`);
  t.strictSame(asked, ['AUDIT_GET']);
});
