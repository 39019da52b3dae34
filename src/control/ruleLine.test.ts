import t from 'tap';
import { decodeRule, encodeRule } from './ruleBytes.ts';
import type { RuleEnvironment, RuleWarning } from './ruleEnvironment.ts';
import { RuleError } from './ruleError.ts';
import { parseRuleLine, splitRuleLine } from './ruleLine.ts';
import { formatRule } from './ruleText.ts';

const environment = (rest: Partial<RuleEnvironment> = {}): RuleEnvironment => ({
  nativeMachine: () => 'x86_64',
  userId: name => (name === 'alice' ? 1001 : null),
  groupId: name => (name === 'adm' ? 4 : null),
  isDirectory: path => path === '/etc',
  featureBitmap: () => 0x7f,
  warn: () => {},
  ...rest,
});

/** The line as the kernel would list it. */
function listed(line: string, isInterpreted = false): string {
  const request = parseRuleLine(line, environment());
  if (request === null) return '';
  const rule = decodeRule(encodeRule(request.rule));
  return formatRule(rule, { nativeMachine: 'x86_64', isInterpreted, interpretArgument: null });
}

t.test('A line is split at spaces, and a backslash keeps a space', async t => {
  t.strictSame(splitRuleLine('-w /a\\ b\\\\c\\d  -k x '), ['-w', '/a b\\c\\d', '-k', 'x']);
  t.strictSame(splitRuleLine('  # -w /x'), []);
  t.strictSame(splitRuleLine(''), []);
  t.strictSame(splitRuleLine('a\\ b c'), ['a\\', 'b', 'c'], 'not in the first word');
  t.strictSame(splitRuleLine('-w\t/x "a b"'), ['-w\t/x', '"a', 'b"']);
});

t.test('Rules list as they were written', async t => {
  const lines = [
    '-a always,exit -F arch=b64 -S open,openat -F exit=-EACCES -F auid>=1000 -F auid!=-1 -F key=k1x',
    '-a never,exclude -F msgtype=CWD -F uid=77777',
    '-a always,exit -F arch=b64 -S kill -C auid!=obj_uid -F a1&=0xF -F exe=/usr/bin/true -F key=k7x',
    '-a always,io_uring -S openat,openat2,mkdirat -F uid=77777 -F key=k6x',
    '-a never,filesystem -F fstype=tracefs',
    '-a never,task',
    '-w /etc -p wa -k one -k two',
    '-a always,exit -F arch=b32 -S all -F inode=4294967295',
  ];
  for (const line of lines) t.equal(listed(line), line);
});

t.test('What a rule says is listed, not how it was said', async t => {
  t.equal(listed('-A exit,always -S 2 -F key=a -k b'), '-a always,exit -S open -F key=a -F key=b');
  t.equal(listed('-w /etc// -p x'), '-w /etc -p x');
  t.equal(
    listed('-a always,exit -F loginuid=unset -F uid=alice -F gid=adm'),
    '-a always,exit -S all -F auid=-1 -F uid=1001 -F gid=4',
  );
  t.equal(listed('-a always,exit -F arch=b64 -F auid=-1', true), '-a always,exit -F arch=x86_64 -S all -F auid=unset');
  t.equal(listed('-a always,exit -F filetype=file'), '-a always,exit -S all -F filetype=32768');
  t.equal(listed('-a always,exit -C euid=uid'), '-a always,exit -S all -C uid=euid');
  t.equal(
    listed('-a always,exit -F arch=b32 -F path=/x -F perm=x'),
    '-a always,exit -F arch=b32 -S execve,execveat -F path=/x -F perm=x',
  );
});

t.test('Operators inside a value stay there', async t => {
  t.equal(listed('-a always,exit -F path=/a!=b'), '-a always,exit -S all -F path=/a!=b');
  t.equal(listed('-w /x -k a>=b'), '-w /x -p rwxa -k a>=b');
});

t.test('Bytes that are no UTF-8 survive', async t => {
  t.equal(listed('-w /caf\xe9 -k \xff'), '-w /caf\xe9 -p rwxa -k \xff');
});

t.test('Each bad line has one message that names what is wrong', async t => {
  const lines: readonly [line: string, message: string][] = [
    ['-a always', 'Append rule - bad keyword always'],
    ['-A entry,always', 'Add rule - bad keyword entry,always'],
    ['-d possible,exit', 'Delete rule - bad keyword possible,exit'],
    ['-a always,exit -A always,exit', 'Multiple rule insert/delete operations are not allowed'],
    ['-S open -a task,always', 'Syscall auditing requested for task list'],
    ['-a always,exit -S open,nosuch', 'Syscall name unknown: nosuch'],
    ['-a always,user -S open', 'Error: syscall auditing being added to user list'],
    ['-F uid=0', 'List must be given before field'],
    ['-a always,exit -F uid', '-F missing operation for uid'],
    ['-a always,exit -F uid=', '-F missing value after operation for uid'],
    ['-a always,exit -F uid=bob', 'Unknown user: bob'],
    ['-a always,exit -F gid=-1', 'Unknown group: -1'],
    ['-a always,exit -S open -F arch=b64', 'arch must be before -S'],
    ['-a always,exit -F arch=b64 -F perm=wq', "Permission can only contain  'rwxa'"],
    ['-a always,exit -C uid=uid', '-C incompatible comparison uid'],
    ['-a always,exit -C uid=', '-C missing value after operation for  uid'],
    ['-a always,exit -C uid=nosuch', '-C unknown right hand value for comparison with: uid'],
    ['-w relative', "The path must start with '/'"],
    [`-w /${'x'.repeat(256)}`, 'The base name of the path is too big'],
    ['-w /x -w /y', "watch option can't be given with a syscall"],
    ['-w /x -p rwxaw', 'permission rwxaw is too long'],
    ['-a always,exit -p r', 'Permissions should be preceded by other fields'],
    ['-a always,exit -F key=x', 'Key field needs a watch, syscall or exe path given prior to it'],
    ['-w /x -k a\x01b', 'key a\x01b has illegal character'],
    [`-w /x -k ${'k'.repeat(257)}`, 'key option exceeds size limit'],
    ['-k x', 'key option needs a watch or syscall given prior to it'],
    ['-S open', 'Error - no list specified'],
    ['-w /x y', 'parameter passed without an option given'],
    ['-b 8192', 'Option -b is invalid'],
    [`-a always,exit -F obj_user=${'x'.repeat(8192)}`, 'String value too long'],
  ];
  for (const [line, message] of lines) {
    t.throws(() => parseRuleLine(line, environment()), RuleError, line.slice(0, 80));
    try {
      parseRuleLine(line, environment());
    } catch (error) {
      t.equal(error instanceof RuleError ? error.message.trimEnd() : error, message);
    }
  }
});

t.test('What the kernel does not know is refused before it is sent', async t => {
  const old = environment({ featureBitmap: () => 0 });
  const refused = (line: string, message: string) => t.throws(() => parseRuleLine(line, old), { message });
  refused('-a always,exit -F exe=/bin/ls', 'Field option not supported by kernel: exe');
  refused('-a always,exit -F sessionid=1', 'Field option not supported by kernel: sessionid');
  refused(
    '-a never,exclude -F euid=0',
    'Only msgtype, *uid, *gid, pid, and subj* fields can be used with exclude filter',
  );
  refused('-a never,filesystem -F fstype=tracefs', 'fstype filter is not supported by the kernel');
});

t.test('Warnings are said once, and only where they hold', async t => {
  const warningsOf = (line: string): string[] => {
    const warnings: RuleWarning[] = [];
    parseRuleLine(line, environment({ warn: warning => warnings.push(warning) }));
    return warnings.map(({ kind }) => kind);
  };
  t.strictSame(warningsOf('-a always,exit -S open -S close'), ['syscallMismatch']);
  t.strictSame(warningsOf('-a always,exit -F arch=b64 -S open'), []);
  t.strictSame(warningsOf('-a always,exit -S all'), []);
  t.strictSame(warningsOf('-d always,exit -S open'), []);
  t.strictSame(warningsOf('-w /a/../b*'), ['relativePath', 'wildcard', 'oldStyleWatch']);
  t.strictSame(warningsOf('-W /x'), []);
});
