import { existsSync, readFileSync } from 'node:fs';
import t from 'tap';
import { comparedFields } from './fieldComparison.ts';
import { ACTION, FIELD, FIELDS_MAX, FILTER, FILTER_PREPEND, OPERATOR, OPERATOR_MASK, PERM } from './rule.ts';

// The numbers that this room spells out, against the kernel's header.
const HEADER = '/usr/include/linux/audit.h';
const isMissing = !existsSync(HEADER) && 'needs linux-libc-dev';

/** Every AUDIT_ number of the header by its name, without the prefix. Sums of other names are resolved. */
function header(): Map<string, number> {
  const numbers = new Map<string, number>();
  for (const [, name = '', text = ''] of readFileSync(HEADER, 'latin1').matchAll(/^#define AUDIT_(\w+)\s+(.*)$/gm)) {
    const value = text.replace(/\/\*.*$/, '').trim();
    const sum = /^\(AUDIT_(\w+)\s*([+|])\s*(?:AUDIT_)?(\w+)\)$/.exec(value);
    const term = (word = '') => numbers.get(word) ?? Number(word);
    const number =
      sum === null ? Number(value) : sum[2] === '+' ? term(sum[1]) + term(sum[3]) : term(sum[1]) | term(sum[3]);
    if (Number.isSafeInteger(number)) numbers.set(name, number);
  }
  return numbers;
}

/** Where auditctl's name for a field is not the header's. */
const HEADER_NAMES: Readonly<Record<string, string>> = {
  auid: 'LOGINUID',
  path: 'WATCH',
  a0: 'ARG0',
  a1: 'ARG1',
  a2: 'ARG2',
  a3: 'ARG3',
  key: 'FILTERKEY',
};

t.test("Fields, operators, lists, actions and permissions have the kernel's numbers", { skip: isMissing }, async t => {
  const numbers = header();
  for (const [name, number] of Object.entries(FIELD)) {
    t.equal(number, numbers.get(HEADER_NAMES[name] ?? name.toUpperCase()), name);
  }
  const operators: Readonly<Record<string, string>> = {
    '=': 'EQUAL',
    '!=': 'NOT_EQUAL',
    '<': 'LESS_THAN',
    '<=': 'LESS_THAN_OR_EQUAL',
    '>': 'GREATER_THAN',
    '>=': 'GREATER_THAN_OR_EQUAL',
    '&': 'BIT_MASK',
    '&=': 'BIT_TEST',
  };
  for (const [symbol, number] of Object.entries(OPERATOR))
    t.equal(number, numbers.get(operators[symbol] ?? ''), symbol);
  const together = Object.values(OPERATOR).reduce((bits, operator) => bits | operator, 0);
  t.equal(OPERATOR_MASK, together);
  t.strictSame(FILTER, {
    user: numbers.get('FILTER_USER'),
    task: numbers.get('FILTER_TASK'),
    exit: numbers.get('FILTER_EXIT'),
    exclude: numbers.get('FILTER_EXCLUDE'),
    filesystem: numbers.get('FILTER_FS'),
    io_uring: numbers.get('FILTER_URING_EXIT'),
  });
  t.equal(FILTER_PREPEND, numbers.get('FILTER_PREPEND'));
  t.strictSame(ACTION, {
    never: numbers.get('NEVER'),
    possible: numbers.get('POSSIBLE'),
    always: numbers.get('ALWAYS'),
  });
  t.strictSame(PERM, {
    x: numbers.get('PERM_EXEC'),
    w: numbers.get('PERM_WRITE'),
    r: numbers.get('PERM_READ'),
    a: numbers.get('PERM_ATTR'),
  });
  t.equal(FIELDS_MAX, numbers.get('MAX_FIELDS'));
});

t.test('Every comparison of two fields that the kernel knows has their names', { skip: isMissing }, async t => {
  const comparisons = [...header()].filter(([name]) => /^COMPARE_\w+_TO_/.test(name));
  t.equal(comparisons.length, 25);
  for (const [name, number] of comparisons) {
    const names = /^COMPARE_(\w+?)_TO_(\w+)$/
      .exec(name)
      ?.slice(1)
      .map(word => word.toLowerCase());
    t.strictSame(new Set(comparedFields(number)), new Set(names), name);
  }
});
