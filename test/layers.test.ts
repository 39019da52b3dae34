import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';

// Which room of src/ may import which; README.md of the repository draws the same picture.
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  base: [],
  tables: ['base'],
  binding: ['base'],
  sinks: ['base'],
  ring: ['binding', 'base'],
  pipeline: ['tables', 'base'],
  control: ['binding', 'tables', 'base'],
  auparse: ['binding', 'tables', 'base'],
  auplugin: ['auparse', 'binding', 'base'],
  tools: ['auparse', 'auplugin', 'control', 'tables', 'base'],
  daemon: ['auparse', 'base', 'binding', 'control', 'pipeline', 'ring', 'sinks', 'tables'],
};

/** Rooms that stay free of the machine: what they need of it is handed in. */
const PURE: Readonly<Record<string, readonly string[]>> = {
  pipeline: ['node:fs', 'node:fs/promises', 'node:net', 'node:child_process'],
};

// dist/test/ → src/
const src = fileURLToPath(new URL('../../src/', import.meta.url));
const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts'));

function imports(file: string): string[] {
  const text = readFileSync(join(src, file), 'utf8');
  return [...text.matchAll(/^(?:import|export)\b[^;]*?from '([^']+)'|\bimport\('([^']+)'\)/gm)].map(
    match => match[1] ?? match[2] ?? '',
  );
}

const roomOf = (file: string) => file.split('/')[0] ?? '';

t.test('Every room is one that the layout knows', async t => {
  t.strictSame(
    [...new Set(files.map(roomOf))].filter(room => ALLOWED[room] === undefined),
    [],
  );
});

t.test('Rooms import only what lies below them', async t => {
  const wrong: string[] = [];
  for (const file of files.filter(name => !name.endsWith('.test.ts'))) {
    const room = roomOf(file);
    for (const target of imports(file)) {
      if (!target.startsWith('.')) continue;
      const other = roomOf(normalize(join(dirname(file), target)));
      if (other !== room && !(ALLOWED[room] ?? []).includes(other)) wrong.push(`${file} imports ${target}`);
    }
  }
  t.strictSame(wrong, []);
});

t.test('Pure rooms do not touch the machine', async t => {
  const wrong = files
    .filter(file => !file.endsWith('.test.ts'))
    .flatMap(file =>
      imports(file)
        .filter(target => PURE[roomOf(file)]?.includes(target))
        .map(target => `${file} imports ${target}`),
    );
  t.strictSame(wrong, []);
});

t.test('Sinks do not import one another', async t => {
  const wrong = files
    .filter(file => roomOf(file) === 'sinks')
    .flatMap(file =>
      imports(file)
        .filter(target => target.startsWith('.'))
        .map(target => relative('sinks', normalize(join(dirname(file), target))))
        .filter(target => target.includes('/') && !target.startsWith('..'))
        .filter(target => roomOf(target) !== roomOf(relative('sinks', file)))
        .map(target => `${file} imports sinks/${target}`),
    );
  t.strictSame(wrong, []);
});

t.test('Only the binding loads the addon', async t => {
  const wrong = files.filter(
    file => roomOf(file) !== 'binding' && /node_auditd\.node/.test(readFileSync(join(src, file), 'utf8')),
  );
  t.strictSame(wrong, []);
});
