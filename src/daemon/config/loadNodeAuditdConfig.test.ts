import t from 'tap';
import { MAX_FAULTS } from './loadAuditdConfig.ts';
import { loadNodeAuditdConfig, parseNodeAuditdConfig } from './loadNodeAuditdConfig.ts';
import { systemFacts } from './systemFacts.ts';

const DEFAULTS = {
  runDirectory: '/run/audit',
  kernelReceiveBufferBytes: 64 << 20,
  ringBytes: 256 << 20,
  rotationTime: { kind: 'off' },
  compressesArchives: false,
  compressionLevel: 6,
  plainArchives: 1,
  mostArchiveAgeSeconds: 0,
  mostArchiveBytes: 0,
  leastArchives: 2,
  indexesLogs: false,
  messageLevel: 'info',
  spooledPlugins: { kind: 'none' },
  spoolDirectory: '/var/spool/audit',
  spoolBytes: 256 << 20,
};

const load = (text: string | Uint8Array) => {
  const loaded = parseNodeAuditdConfig(typeof text === 'string' ? Buffer.from(text) : text, 'n.conf');
  return loaded.kind === 'loaded'
    ? loaded.config
    : loaded.faults.map(({ severity, error }) => `${severity} ${error.message}`);
};

t.test('A missing file gives the defaults without a word', async t => {
  const options = { allowsLinks: false, facts: systemFacts(() => null) };
  const loaded = loadNodeAuditdConfig(`${t.testdir({})}/node-auditd.conf`, options);
  t.strictSame(loaded, { kind: 'loaded', config: DEFAULTS, faults: [] });
});

t.test('A file that others may write is refused like auditd.conf', async t => {
  const facts = systemFacts(() => null);
  const open: typeof facts.open = (path, links) => ({
    ...facts.open(path, links),
    stat: () => ({ isRegular: true, ownerId: 0, mode: 0o666 }),
  });
  const path = `${t.testdir({ 'node-auditd.conf': '' })}/node-auditd.conf`;
  t.match(loadNodeAuditdConfig(path, { allowsLinks: false, facts: { ...facts, open } }), {
    kind: 'refused',
    exitCode: 6,
  });
});

const accepted = [
  { text: '', config: {} },
  { text: '; a\n# b\n\n', config: {} },
  { text: '[kernel]\nreceive_buffer = 64K', config: { kernelReceiveBufferBytes: 65536 } },
  { text: '[kernel]\r\nreceive_buffer=1g\r\n', config: { kernelReceiveBufferBytes: 1 << 30 } },
  { text: '[kernel]\nreceive_buffer = 100000\n', config: { kernelReceiveBufferBytes: 100000 } },
  { text: '[ring]\nsize = "1M"\n[log]\nmessage_level = info ; quiet\n', config: { ringBytes: 1 << 20 } },
  { text: "[ring]\nsize = '2097152'\n", config: { ringBytes: 2 << 20 } },
  { text: '[ring]\nsize = 1G\nsize = 512M\n', config: { ringBytes: 512 << 20 } },
  { text: '[rotation]\ntime = daily', config: { rotationTime: { kind: 'daily', hour: 0, minute: 0 } } },
  { text: '[rotation]\ntime = 23:05', config: { rotationTime: { kind: 'daily', hour: 23, minute: 5 } } },
  { text: '[rotation]\ntime = Hourly', config: { rotationTime: { kind: 'hourly', minute: 0 } } },
  { text: '[rotation]\ntime = :30', config: { rotationTime: { kind: 'hourly', minute: 30 } } },
  {
    text: '[archives]\ncompress = YES\ncompress_level = 9\nkeep_plain = 0\nmax_age = 90d\nmax_total = 2T\nkeep_least = 5',
    config: {
      compressesArchives: true,
      compressionLevel: 9,
      plainArchives: 0,
      mostArchiveAgeSeconds: 90 * 86_400,
      mostArchiveBytes: 2 * 2 ** 40,
      leastArchives: 5,
    },
  },
  { text: '[search]\nindex = yes\n', config: { indexesLogs: true } },
  { text: '[daemon]\nrun_directory = /run/other\n', config: { runDirectory: '/run/other' } },
  { text: '[log]\nmessage_level = Emergency\n', config: { messageLevel: 'emergency' } },
  { text: '[log]\nmessage_level = debug\n[ring]\nsize = 1M\n', config: { messageLevel: 'debug', ringBytes: 1 << 20 } },
];
for (const { text, config } of accepted) {
  t.test(`${JSON.stringify(text)} is accepted`, async t => t.strictSame(load(text), { ...DEFAULTS, ...config }));
}

const KERNEL = 'bytes from 64K to 1G, with K, M or G for the unit';
const RING = 'bytes from 1M to 1G, a power of two, with K, M or G for the unit';
const SECTIONS = '[daemon], [kernel], [ring], [rotation], [archives], [search], [plugins], [log]';
const refused = [
  { text: '[kernel]\nreceive_buffer = 63K', faults: [`n.conf:2: receive_buffer = "63K": expected ${KERNEL}`] },
  { text: '[kernel]\nreceive_buffer = 2G', faults: [`n.conf:2: receive_buffer = "2G": expected ${KERNEL}`] },
  { text: '[kernel]\nreceive_buffer =', faults: [`n.conf:2: receive_buffer = "": expected ${KERNEL}`] },
  { text: '[kernel]\nreceive_buffer', faults: ['n.conf:2: "receive_buffer": expected [section], or key = value'] },
  {
    text: '[kernel]\nreceive_buffer[] = 1M',
    faults: ['n.conf:2: "receive_buffer[] = 1M": expected [section], or key = value'],
  },
  {
    text: '[daemon]\nrun_directory = run/audit',
    faults: ['n.conf:2: run_directory = "run/audit": expected an absolute path without a blank'],
  },
  { text: '[search]\nindex = maybe', faults: ['n.conf:2: index = "maybe": expected yes or no'] },
  {
    text: '[archives]\nmax_age = 10m\ncompress_level = 0\n[rotation]\ntime = 24:00',
    faults: [
      'n.conf:2: max_age = "10m": expected off, or a time from 1 hour to 100 years: a number with h, d, w or y for the unit',
      'n.conf:3: compress_level = "0": expected a number from 1 to 9',
      'n.conf:5: time = "24:00": expected off, hourly, daily, :MM for a minute of every hour, or HH:MM for a time of the day',
    ],
  },
  { text: '[ring]\nsize = 3M', faults: [`n.conf:2: size = "3M": expected ${RING}`] },
  { text: '[ring]\nsize = true', faults: [`n.conf:2: size = "true": expected ${RING}`] },
  { text: '[ring]\nsize = -1', faults: [`n.conf:2: size = "-1": expected ${RING}`] },
  { text: '[ring]\nsize = 1e6', faults: [`n.conf:2: size = "1e6": expected ${RING}`] },
  {
    text: '[rings]\nsize = 1M',
    faults: [`n.conf:1: "[rings]": expected one of ${SECTIONS}`],
  },
  {
    text: '[ring.a]\nsize = 1M',
    faults: [`n.conf:1: "[ring.a]": expected one of ${SECTIONS}`],
  },
  {
    text: '[ring]\nreceive_buffer = 1M',
    faults: ['n.conf:2: receive_buffer = "1M": expected a key of section [ring]'],
  },
  { text: '[ring]\n[log]\n\nlevel = x', faults: ['n.conf:4: level = "x": expected a key of section [log]'] },
  { text: 'size = 1M', faults: ['n.conf:1: size = "1M": expected a section above the first key'] },
  { text: '[ring]\n__proto__ = 1', faults: ['n.conf:2: "__proto__ = 1": expected [section], or key = value'] },
  { text: '[__proto__]', faults: ['n.conf:1: "[__proto__]": expected [section], or key = value'] },
  {
    text: '[ring\n= 3',
    faults: [
      'n.conf:1: "[ring": expected [section], or key = value',
      'n.conf:2: "= 3": expected [section], or key = value',
    ],
  },
];
for (const { text, faults } of refused) {
  t.test(`${JSON.stringify(text)} is refused`, async t =>
    t.strictSame(
      load(text),
      faults.map(fault => `fatal ${fault}`),
    ),
  );
}

t.test('Every fault is reported, up to a limit', async t => {
  const faults = load('nonsense\n'.repeat(100_000));
  t.ok(Array.isArray(faults));
  t.equal(Array.isArray(faults) ? faults.length : 0, MAX_FAULTS + 1);
});

t.test('Random bytes never throw', async () => {
  const words = [
    '[',
    ']',
    'ring',
    'size',
    '=',
    '\n',
    ' ',
    '"',
    "'",
    '\\',
    ';',
    '#',
    '\r',
    '\0',
    'é',
    '.',
    '[]',
    '{',
    '1M',
  ];
  let seed = 7;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return (seed >>> 8) % below;
  };
  for (let round = 0; round < 3000; round++) {
    load(Array.from({ length: random(40) }, () => words[random(words.length)]).join(''));
    load(Uint8Array.from({ length: random(100) }, () => random(256)));
  }
});
