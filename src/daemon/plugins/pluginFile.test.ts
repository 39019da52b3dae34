import t from 'tap';
import type { FileFacts } from '../config/systemFacts.ts';
import { type PluginFacts, parsePluginFile } from './pluginFile.ts';

const FILE = '/etc/audit/plugins.d/p.conf';
const program = { isRegular: true, ownerId: 0, mode: 0o755 };

function factsWith(files: Record<string, FileFacts>): PluginFacts {
  const missing = (path: string) => Object.assign(new Error(path), { code: 'ENOENT', errno: -2 });
  return {
    open: path => {
      if (path !== '/run/audit') throw missing(path);
      return { stat: () => ({ isRegular: false, ownerId: 0, mode: 0o700 }), read: () => new Uint8Array(0), close() {} };
    },
    stat: path => {
      const facts = files[path];
      if (facts === undefined) throw missing(path);
      return facts;
    },
    isExecutable: () => true,
    groupByName: name => (name === 'adm' ? 4 : null),
    userByName: name => (name === 'root' ? 0 : null),
  };
}

const facts = factsWith({ '/sbin/plugin': program });
const parse = (text: string, given = facts) => parsePluginFile(Buffer.from(text), FILE, given);
const messages = (text: string, given = facts) =>
  parse(text, given).faults.map(({ severity, error }) => `${severity} ${error.message}`);

t.test('Every key of a plugin is read, in any case', async t => {
  const { plugin, faults } = parse(`# a plugin
Active = YES
direction = whatever
path = /sbin/plugin
type = Always
args = one 2 --three
format = BINARY
`);
  t.strictSame(faults, []);
  t.strictSame(plugin, {
    name: 'p',
    format: 'binary',
    target: { kind: 'program', path: '/sbin/plugin', args: ['one', '2', '--three'] },
  });
});

t.test('JSON goes to a program, a socket or a file', async t => {
  t.match(parse('active = yes\npath = /sbin/plugin\nformat = json\n').plugin, {
    format: 'json',
    target: { kind: 'program' },
  });
  t.match(parse('active = yes\npath = builtin_af_unix\nargs = 0600 json\n').plugin, {
    format: 'json',
    target: { kind: 'socket', mode: 0o600 },
  });
  t.strictSame(parse('active = yes\npath = builtin_file\nformat = json\nargs = /var/log/audit/e.json 0600\n').plugin, {
    name: 'p',
    format: 'json',
    target: { kind: 'file', path: '/var/log/audit/e.json', mode: 0o600 },
  });
  t.strictSame(messages('active = yes\npath = builtin_file\n'), [
    `fatal ${FILE}: args: expected the path of the file that is written`,
  ]);
  t.strictSame(messages('active = yes\npath = builtin_file\nargs = a/b\n'), [
    `fatal ${FILE}:3: args = "a/b": expected the path of one file and a mode in octal, as 0640`,
  ]);
  t.strictSame(messages('active = yes\npath = builtin_file\nformat = binary\nargs = /a/b\n'), [
    `fatal ${FILE}: format = "binary": expected string or json: a file holds lines`,
  ]);
});

t.test('What is not said has its default', async t => {
  const { plugin, faults } = parse('active = yes\npath = /sbin/plugin\n');
  t.strictSame(faults, []);
  t.match(plugin, { format: 'string', target: { args: [] } });
  t.strictSame(parse(''), { plugin: null, faults: [] }, 'an empty file is of a plugin that is off');
});

t.test('A plugin that is not active is not looked at closely', async t => {
  t.strictSame(parse('active = no\npath = /sbin/missing\n'), { plugin: null, faults: [] });
});

const refused: { text: string; message: string }[] = [
  { text: 'active = maybe', message: '1: active = "maybe": expected yes or no' },
  { text: 'actve = yes', message: '1: actve = "yes": expected a key that auditd-plugins(5) names' },
  { text: 'active = yes no', message: '1: active = "yes no": expected one word as the value' },
  { text: 'active', message: '1: "active": expected key = value' },
  { text: 'type = sometimes', message: '1: type = "sometimes": expected always or builtin' },
  { text: 'format = xml', message: '1: format = "xml": expected string, binary or json' },
  { text: 'active = yes', message: ': path: expected the program of an active plugin' },
  {
    text: 'path = sbin/plugin',
    message: '1: path = "sbin/plugin": expected an absolute path, builtin_af_unix or builtin_file',
  },
  {
    text: 'path = builtin_syslog',
    message: '1: path = "builtin_syslog": expected an absolute path, builtin_af_unix or builtin_file',
  },
  {
    text: 'path = /x/plugin',
    message: '1: path = "/x/plugin": expected a directory of at least 4 characters before the file name',
  },
];
for (const { text, message } of refused) {
  t.test(`"${text}" puts the plugin off, with file and line`, async t => {
    t.strictSame(messages(`${text}\n`), [`fatal ${FILE}${message.startsWith('1') ? ':' : ''}${message}`]);
    const isMended = text === 'active = yes' || text.startsWith('path');
    t.equal(parse(`${text}\nactive = yes\npath = /sbin/plugin\n`).plugin === null, !isMended);
  });
}

const programs: { what: string; facts: FileFacts; expected: RegExp }[] = [
  { what: 'of somebody else', facts: { ...program, ownerId: 1000 }, expected: /owner root, not uid 1000$/ },
  {
    what: 'its group may write',
    facts: { ...program, mode: 0o775 },
    expected: /neither its group nor others .* 0775$/,
  },
  {
    what: 'everybody may write',
    facts: { ...program, mode: 0o757 },
    expected: /neither its group nor others .* 0757$/,
  },
  { what: 'nobody may run', facts: { ...program, mode: 0o644 }, expected: /at least mode 0550, not 0644$/ },
  { what: 'its group may not run', facts: { ...program, mode: 0o700 }, expected: /at least mode 0550, not 0700$/ },
  { what: 'that is a directory', facts: { ...program, isRegular: false }, expected: /a regular file$/ },
];
for (const { what, facts: given, expected } of programs) {
  t.test(`A program ${what} is not started`, async t => {
    const text = 'active = yes\npath = /sbin/plugin\n';
    const [message, ...rest] = messages(text, factsWith({ '/sbin/plugin': given }));
    t.match(message, /^fatal \/etc\/audit\/plugins\.d\/p\.conf:2: path = "\/sbin\/plugin": expected /);
    t.match(message, expected);
    t.strictSame(rest, []);
    t.equal(parse(text, factsWith({ '/sbin/plugin': given })).plugin, null);
  });
}

t.test('A program that is missing is not started', async t => {
  t.match(messages('active = yes\npath = /sbin/gone\n'), [/a program that exists \(No such file or directory\)$/]);
});

t.test('builtin_af_unix is the Unix socket, with the arguments in any order', async t => {
  const socket = (args: string, format = '') =>
    parse(`active = yes\ntype = builtin\npath = builtin_af_unix\n${args === '' ? '' : `args = ${args}\n`}${format}`);
  const defaults = {
    kind: 'socket',
    path: '/run/audit/audispd_events',
    mode: 0o640,
    uid: null,
    gid: null,
    limit: null,
  };
  t.strictSame(socket('').plugin, { name: 'p', format: 'string', target: { ...defaults, format: null } });
  t.match(socket('', 'format = binary\n').plugin, { format: 'binary' });
  t.match(socket('binary /run/audit/x 0600 99 root:adm').plugin, {
    format: 'binary',
    target: { path: '/run/audit/x', mode: 0o600, limit: 99, uid: 0, gid: 4 },
  });
  t.match(socket(':4').plugin, { target: { uid: null, gid: 4 } });
  for (const [args, expected] of [
    ['0888', 'a mode in octal, as 0640'],
    ['0640 0', 'a queue of 1 to 99999 records'],
    ['text', 'a mode, a queue length, a path, an owner as user:group, string, binary or json'],
    ['nobody:adm', 'an owner as user:group, names or numbers that this machine knows'],
    ['/tmp/nowhere/x', 'a directory that opens (/tmp/nowhere: No such file or directory)'],
    [`/run/audit/${'x'.repeat(100)}`, 'a path of at most 107 bytes'],
  ] as const) {
    t.equal(socket(args).plugin, null);
    t.equal(socket(args).faults[0]?.error.message, `${FILE}:4: args = "${args}": expected ${expected}`);
  }
});

t.test(
  'The socket program of audit-userspace is run where it is installed, and else its work is done here',
  async t => {
    const text = 'active = yes\npath = /sbin/audisp-af_unix\nargs = 0640 /run/audit/x string\nformat = binary\n';
    t.match(parse(text).plugin, { format: 'string', target: { kind: 'socket', path: '/run/audit/x' } });
    const installed = factsWith({ '/sbin/audisp-af_unix': program });
    t.match(parse(text, installed).plugin, { format: 'binary', target: { kind: 'program' } });
  },
);

t.test('Random bytes give faults, and never throw', async t => {
  let seed = 1;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return (seed >>> 8) % below;
  };
  const words = [
    'active',
    'path',
    'args',
    'format',
    '=',
    '=',
    ' ',
    ' ',
    '\n',
    '\n',
    '/sbin/plugin',
    'yes',
    '\0',
    '\xff',
  ];
  for (let round = 0; round < 2000; round++) {
    const text = Array.from({ length: random(40) }, () => words[random(words.length)]).join('');
    const { plugin, faults } = parsePluginFile(Buffer.from(text, 'latin1'), FILE, facts);
    if (plugin !== null && faults.some(({ severity }) => severity === 'fatal')) t.fail(text);
  }
});
