import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { Expression, ExpressionError } from '../../auparse/index.ts';
import { isErrno, reasonOf } from '../../base/errors.ts';

/** The rules file cannot be used; the message says why, in the reference's words where it has some. */
export class RulesError extends Error {
  override readonly name = 'RulesError';
}

const LONGEST_LINE_CHARACTERS = 1022;

/**
 * Reads a file of ausearch-expression(5) expressions, one a line, and joins them with "or".
 *
 * @returns null for a file without any rule, and for one that is not there.
 * @throws {RulesError}
 */
export function readRules(path: string, warn: (message: string) => void): Expression | null {
  const text = readTrusted(path);
  if (text === null) {
    warn(`Config file ${path} doesn't exist, skipping`);
    return null;
  }
  let rules: Expression | null = null;
  for (const [index, line] of text.split('\n').entries()) {
    const expression = line.trimStart();
    if (expression === '' || expression.startsWith('#')) continue;
    if (expression.length > LONGEST_LINE_CHARACTERS) {
      throw new RulesError(`${path}:${index + 1}: expected at most ${LONGEST_LINE_CHARACTERS} characters in a line`);
    }
    try {
      const rule = Expression.parse(expression);
      rules = rules === null ? rule : rules.or(rule);
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      throw new RulesError(`Invalid expression: ${expression} (${error.message}), ${path}:${index + 1}`);
    }
  }
  return rules;
}

/** What decides which records somebody gets to see: only root may have written it. */
function readTrusted(path: string): string | null {
  let fd: number;
  try {
    // A FIFO must not make the plugin wait before it is refused.
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return null;
    throw new RulesError(`Error opening ${path} (${reasonOf(error)})`);
  }
  try {
    const facts = fstatSync(fd);
    if (!facts.isFile()) throw new RulesError(`Error - ${path} is not a regular file`);
    if (facts.uid !== 0) throw new RulesError(`Error - ${path} isn't owned by root`);
    if ((facts.mode & 0o002) !== 0) throw new RulesError(`Error - ${path} is world writable`);
    return readFileSync(fd, 'utf8');
  } finally {
    closeSync(fd);
  }
}
