import t from 'tap';
import { OptionScanner } from './optionScanner.ts';

const NAMES = {
  letters: 'ab:c',
  long: new Map([
    ['signal', true],
    ['status', false],
    ['reset-lost', false],
  ]),
};

/** Every option as `name=argument`, then the operands. */
function scan(...words: string[]): string[] {
  const scanner = new OptionScanner(['program', ...words], NAMES);
  const found: string[] = [];
  for (let option = scanner.next(); option !== null; option = scanner.next()) {
    found.push(option.argument === null ? `${option.name}` : `${option.name}=${option.argument}`);
  }
  return [...found, ...scanner.words.slice(scanner.index).map(word => `<${word}>`)];
}

t.test('Letters may be joined and arguments attached', async t => {
  t.strictSame(scan('-ac', '-bx', '-b', 'y'), ['a', 'c', 'b=x', 'b=y']);
  t.strictSame(scan('-acbz'), ['a', 'c', 'b=z']);
});

t.test('Operands may stand anywhere and keep their order', async t => {
  t.strictSame(scan('x', '-a', 'y', '-b', '1', 'z'), ['a', 'b=1', '<x>', '<y>', '<z>']);
  t.strictSame(scan('x', '--', '-a'), ['<x>', '<-a>']);
  t.strictSame(scan('-', '-a'), ['a', '<->']);
});

t.test('Long names may be shortened while they are unambiguous', async t => {
  t.strictSame(scan('--signal', 'x', '--signal=y', '--si', 'z', '--reset'), [
    'signal=x',
    'signal=y',
    'signal=z',
    'reset-lost',
  ]);
  t.strictSame(scan('--s', '--nosuch', '--status=1'), ['null', 'null', 'null']);
});

t.test('A missing argument and an unknown letter have no name', async t => {
  t.strictSame(scan('-x'), ['null']);
  t.strictSame(scan('-b'), ['null']);
  t.strictSame(scan('--signal'), ['null']);
  t.strictSame(scan('-:'), ['null']);
});
