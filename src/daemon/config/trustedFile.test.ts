import t from 'tap';
import type { SystemFacts } from './systemFacts.ts';
import { MAX_FILE_BYTES, readTrustedFile } from './trustedFile.ts';

const errno = (code: string, number: number) => Object.assign(new Error(code), { code, errno: -number });

const unasked = () => {
  throw new Error('only the descriptor is asked');
};

interface Fake {
  mode?: number;
  ownerId?: number;
  isRegular?: boolean;
  bytes?: Uint8Array;
  openError?: Error;
  readError?: Error;
}

/** A machine with this one file; `asked` notes what was done to it. */
function machine({
  mode = 0o640,
  ownerId = 0,
  isRegular = true,
  bytes = new Uint8Array(0),
  openError,
  readError,
}: Fake) {
  const asked: string[] = [];
  const facts: SystemFacts = {
    open: (path, followsLinks) => {
      asked.push(`open ${path}${followsLinks ? ' following links' : ''}`);
      if (openError !== undefined) throw openError;
      return {
        stat: () => ({ isRegular, ownerId, mode }),
        read: limit => {
          asked.push('read');
          if (readError !== undefined) throw readError;
          return bytes.subarray(0, limit);
        },
        close: () => asked.push('close'),
      };
    },
    stat: unasked,
    isExecutable: unasked,
    groupByName: unasked,
  };
  return { facts, asked };
}

const refusals = (fake: Fake) => {
  const file = readTrustedFile('/c', false, machine(fake).facts);
  return file.kind === 'refused' ? file.faults.map(({ severity, error }) => `${severity} ${error.message}`) : file.kind;
};

t.test('A file of root is opened once, without following links, and closed', async t => {
  const { facts, asked } = machine({ bytes: Buffer.from('abc') });
  t.strictSame(readTrustedFile('/c', false, facts), { kind: 'read', bytes: Buffer.from('abc') });
  t.strictSame(asked, ['open /c', 'read', 'close']);
});

t.test('Option -l follows links', async t => {
  const { facts, asked } = machine({});
  readTrustedFile('/c', true, facts);
  t.equal(asked[0], 'open /c following links');
});

t.test('Group-writable is accepted', async t => t.equal(refusals({ mode: 0o660 }), 'read'));

t.test('A missing file is no fault', async t => t.equal(refusals({ openError: errno('ENOENT', 2) }), 'missing'));

t.test('A symbolic link is refused', async t => {
  t.strictSame(refusals({ openError: errno('ELOOP', 40) }), [
    'fatal /c: expected no symbolic link, unless --allow_links is given',
  ]);
});

t.test('A file that does not open is refused with the reason', async t => {
  t.strictSame(refusals({ openError: errno('EACCES', 13) }), [
    'fatal /c: expected a file that opens (Permission denied)',
  ]);
});

t.test('Owner, world-writable and type are checked in this order, and all reported', async t => {
  t.strictSame(refusals({ ownerId: 1000 }), ['fatal /c: expected owner root, not uid 1000']);
  t.strictSame(refusals({ mode: 0o646 }), ['fatal /c: expected no write permission for others, not mode 0646']);
  t.strictSame(refusals({ isRegular: false }), ['fatal /c: expected a regular file']);
  t.strictSame(refusals({ ownerId: 5, mode: 0o777, isRegular: false }), [
    'fatal /c: expected owner root, not uid 5',
    'fatal /c: expected no write permission for others, not mode 0777',
    'fatal /c: expected a regular file',
  ]);
});

t.test('What is not trusted is not read, and closed all the same', async t => {
  const { facts, asked } = machine({ ownerId: 5 });
  readTrustedFile('/c', false, facts);
  t.strictSame(asked, ['open /c', 'close']);
});

t.test('A read error is a fault, and the file is closed', async t => {
  const { facts, asked } = machine({ readError: errno('EIO', 5) });
  t.equal(readTrustedFile('/c', false, facts).kind, 'refused');
  t.equal(asked.at(-1), 'close');
});

t.test('A file of 10 MB is refused after its first mebibyte', async t => {
  t.equal(refusals({ bytes: new Uint8Array(MAX_FILE_BYTES) }), 'read');
  t.strictSame(refusals({ bytes: new Uint8Array(10_000_000) }), ['fatal /c: expected at most 1048576 bytes']);
});
