import t from 'tap';
import type { LocalClock } from '../../auparse/localClock.ts';
import { type Machine, machineByName } from '../../tables/machines.ts';
import { type OptionHost, parseOptions, type Search } from './options.ts';

const NOW = 1_700_000_000;
const clock: LocalClock = {
  now: () => NOW,
  uptime: () => 0,
  localTime: () => ({ year: 2023, month: 10, day: 14, hours: 22, minutes: 13, seconds: 20, weekday: 2, isDst: 0 }),
  makeTime: () => NOW,
  readDate: () => null,
  readTimeOfDay: () => null,
};
const machine = (name: string): Machine => {
  const found = machineByName(name);
  if (found === null) throw new Error(name);
  return found;
};
const host: OptionHost = {
  ...clock,
  userId: name => (name === 'alice' ? 1001 : null),
  groupId: name => (name === 'staff' ? 50 : null),
  nativeMachine: () => machine('x86_64'),
  syscallNumber: ({ name }, call) => (call === 'openat' ? (name === 'i386' ? 295 : 257) : null),
};

function searchOf(...words: string[]): Search {
  const command = parseOptions(words, host);
  if (command.kind !== 'search') throw new Error(JSON.stringify(command));
  return command.search;
}
const criteriaOf = (...words: string[]) => searchOf(...words).criteria;
function errorOf(...words: string[]): string {
  const command = parseOptions(words, host);
  return command.kind === 'error' ? command.text : command.kind;
}

t.test('Nothing to do is a summary of the options; help and version end the reading', async t => {
  t.equal(errorOf(), 'usage');
  t.equal(errorOf('-h', '--bogus'), 'help');
  t.equal(errorOf('-k', 'x', '-v'), 'version');
  t.equal(errorOf('--bogus', '-h'), '--bogus is an unsupported option\n');
  t.equal(errorOf('word'), 'word is an unsupported option\n');
});

t.test('An argument is the next word, unless it starts with a dash', async t => {
  t.equal(errorOf('-k'), 'Argument is required for -k\n');
  t.equal(errorOf('--key', '-i'), 'Argument is required for --key\n');
  t.equal(errorOf('-i', 'word'), 'Argument is NOT required for -i\n');
  t.equal(criteriaOf('--session', '-1').session, 4294967295);
  t.equal(criteriaOf('-ul', '-1').auid, 4294967295);
  t.equal(criteriaOf('-e', '-EACCES').exit, -13n);
});

t.test('Users are numbers or names, and one of several is enough for "all"', async t => {
  t.match(criteriaOf('-ua', '1001'), { uid: 1001, euid: 1001, auid: 1001, users: 'any' });
  t.match(criteriaOf('-ua', 'alice'), { uidName: 'alice', euidName: 'alice', auidName: 'alice', users: 'any' });
  t.match(criteriaOf('-ui', '0', '-ue', '5'), { uid: 0, euid: 5, auid: null, users: 'all' });
  t.equal(errorOf('-ui', 'bob'), 'Effective user ID is non-numeric and unknown (bob)\n');
  t.match(errorOf('-ue', '99999999999'), /^Numeric user ID conversion error \(.*\) for 99999999999\n$/);
  t.equal(criteriaOf('-ui', '4294967295').uid, null, 'what stands for unset asks for nothing');
  t.equal(criteriaOf('-ul', '4294967295').auid, 4294967295, 'but in the login uid');
});

t.test('Groups', async t => {
  t.match(criteriaOf('-ga', 'staff'), { gid: 50, egid: 50, groups: 'any' });
  t.match(criteriaOf('-gi', '7', '-ge', '8'), { gid: 7, egid: 8, groups: 'all' });
  t.equal(errorOf('-gi', 'nobody'), 'Group ID is non-numeric and unknown (nobody)\n');
});

t.test('A system call belongs to the machine that was named before it', async t => {
  t.match(criteriaOf('-sc', 'openat'), { syscall: 257, arch: machine('x86_64').arch });
  t.match(criteriaOf('--arch', 'b32', '-sc', 'openat'), { syscall: 295, arch: machine('i386').arch });
  t.match(criteriaOf('-sc', '59'), { syscall: 59, arch: null });
  t.equal(errorOf('-sc', 'openat', '--arch', 'b32'), 'Arch needs to be defined before the syscall\n');
  t.equal(errorOf('--arch', 'b64', '--arch', 'b32'), 'Arch is already defined\n');
  t.equal(errorOf('--arch', 'pdp11'), 'Unknown arch pdp11\n');
  t.equal(errorOf('-sc', 'nonsense'), 'Syscall nonsense not found\n');
});

t.test('Exit codes are numbers of any base, or names', async t => {
  t.equal(criteriaOf('-e', '0x10').exit, 16n);
  t.equal(criteriaOf('-e', '010').exit, 8n);
  t.equal(criteriaOf('-e', '-9223372036854775808').exit, -(2n ** 63n));
  t.equal(criteriaOf('-e', 'ENOENT').exit, 2n);
  t.equal(errorOf('-e', '9223372036854775808'), 'Error converting 9223372036854775808\n');
  t.equal(errorOf('-e', 'ENONSENSE'), 'Unknown errno, was ENONSENSE\n');
});

t.test('Record types are names in any case, or numbers; several add up', async t => {
  t.strictSame(criteriaOf('-m', 'syscall,1302', '-m', 'UNKNOWN[1950]').types, [1300, 1302, 1950]);
  t.strictSame(criteriaOf('-m', 'ALL').types, []);
  t.match(errorOf('-m', 'NONSENSE'), /^Valid message types are: ALL USER .*SYSCALL.* \n$/);
  t.match(errorOf('-m'), /^Argument is required for -m\nValid message types are: /);
});

t.test('One format, and columns for csv alone', async t => {
  t.equal(searchOf('--format', 'interpret').format, 'interpret');
  t.equal(searchOf('--format', 'json').format, 'json');
  t.match(searchOf('--format', 'csv', '--extra-keys', '--extra-time').csv, { keys: true, time: true, labels: false });
  t.equal(errorOf('--format', 'csv', '--format', 'text'), 'Multiple output formats, use only 1\n');
  t.equal(errorOf('--format', 'csv', '-i'), 'Conflicting output format -i\n');
  t.equal(errorOf('--format', 'xml'), 'Unknown option (xml)\n');
  t.equal(errorOf('--extra-keys', '--format', 'text'), '--extra options requires format to be csv\n');
  t.equal(errorOf('--escape', 'none'), 'Unknown option (none)\n');
});

t.test('Times in the form of ISO 8601, and the checkpoint, are one word', async t => {
  t.equal(searchOf('-ts', '2023-11-14T22:13:20Z', '-k', 'x').start, NOW);
  t.equal(searchOf('-te', '2023-11-14T23:13:20+01:00').end, NOW);
  t.match(searchOf('-ts', 'checkpoint', '--checkpoint', 'file'), { startsAtCheckpoint: true, checkpoint: 'file' });
  t.equal(errorOf('-ts'), '-ts requires either date and/or time\n');
});

t.test('Numbers and names have their bounds', async t => {
  t.equal(searchOf('--eoe-timeout', '5').endOfEventTimeout, 5);
  t.equal(errorOf('--eoe-timeout', '0'), 'Illegal value for End of Event Timeout, was 0\n');
  t.equal(errorOf('-p', '2147483648'), 'Process id must be a numeric value, was 2147483648\n');
  t.equal(errorOf('-a', 'x'), 'Audit event id must be a numeric value, was x\n');
  t.equal(errorOf('-f', 'x'.repeat(4096)), `File name is too long ${'x'.repeat(4096)}\n`);
  t.equal(errorOf('-sv', 'maybe'), "Success must be 'yes' or 'no'.\n");
});

t.test('What is ours has its switches', async t => {
  t.match(searchOf('--follow', '--stats', '--index'), { follows: true, showsStatistics: true, buildsIndex: true });
});
