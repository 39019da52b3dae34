import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { cppFiles } from './generate/cpp.ts';
import { readFacts } from './generate/facts.ts';
import { typescriptFiles } from './generate/typescript.ts';

// Writes src/tables/*.ts and native/tables/generated/*.inc; run it at the top of the repository:
//   node dist/src/tables/generate.js --corpus DIR && npx biome check --write src/tables
const { corpus } = parseArgs({ options: { corpus: { type: 'string' } } }).values;
if (corpus === undefined) throw new Error('usage: generate --corpus DIR');

const facts = readFacts(resolve(corpus));
write('src/tables', typescriptFiles(facts));
write('native/tables/generated', cppFiles(facts));

function write(directory: string, files: ReadonlyMap<string, string>): void {
  mkdirSync(directory, { recursive: true });
  for (const [name, text] of files) writeFileSync(join(directory, name), text);
}
