import type { ByteString } from './byteString.ts';
import { type OptionNames, OptionScanner } from './optionScanner.ts';
import { RuleBuilder, type RuleRequest } from './ruleBuilder.ts';
import type { RuleEnvironment } from './ruleEnvironment.ts';
import { RuleError } from './ruleError.ts';

const RULE_OPTIONS: OptionNames = { letters: 'a:A:d:w:W:S:F:C:k:p:', long: new Map() };

/**
 * The words of one line of audit.rules(7); an empty list for a blank line or a comment. Spaces alone separate words;
 * quotes mean nothing. From the second word on, `\ ` is a space within a word and `\\` a backslash.
 *
 * @param line  Without its newline.
 */
export function splitRuleLine(line: ByteString): ByteString[] {
  const words: ByteString[] = [];
  let at = 0;
  while (at < line.length) {
    if (line[at] === ' ') {
      at++;
      continue;
    }
    let word = '';
    for (; at < line.length && line[at] !== ' '; at++) {
      const next = line[at + 1];
      const isEscape = words.length > 0 && line[at] === '\\' && (next === ' ' || next === '\\');
      if (isEscape) at++;
      word += line[at];
    }
    words.push(word);
  }
  return words[0]?.startsWith('#') === true ? [] : words;
}

/**
 * The rule that one line of a rules file describes: `-a always,exit -F arch=b64 -S openat -F key=x`.
 *
 * @returns null for a blank line or a comment.
 * @throws {RuleError} when it is not a rule, or one that cannot be built. Options of auditctl that are no part of a
 *         rule, such as -D and -b, are errors here.
 */
export function parseRuleLine(line: ByteString, environment: RuleEnvironment): RuleRequest | null {
  const words = splitRuleLine(line);
  return words.length === 0 ? null : parseRuleWords(words, environment);
}

/** The rule that an argument list describes, without a program's name in front. Throws as parseRuleLine does. */
export function parseRuleWords(words: readonly ByteString[], environment: RuleEnvironment): RuleRequest {
  const scanner = new OptionScanner(['auditctl', ...words], RULE_OPTIONS);
  const builder = new RuleBuilder(environment);
  for (let option = scanner.next(); option !== null; option = scanner.next()) {
    const { name, argument } = option;
    if (name === null || argument === null) {
      throw new RuleError(`Option ${scanner.words[scanner.index - 1]} is invalid`);
    }
    addRuleOption(builder, name, argument);
  }
  if (scanner.index < scanner.words.length) throw new RuleError('parameter passed without an option given');
  const request = builder.finish();
  if (request === null) throw new RuleError('Error - no list specified');
  return request;
}

/** Gives one option of a rule to its builder. @returns false when the letter is no option of rules. */
export function addRuleOption(builder: RuleBuilder, letter: string, argument: ByteString): boolean {
  switch (letter) {
    case 'a':
      builder.choose('append', argument);
      return true;
    case 'A':
      builder.choose('prepend', argument);
      return true;
    case 'd':
      builder.choose('delete', argument);
      return true;
    case 'w':
      builder.watch('append', argument);
      return true;
    case 'W':
      builder.watch('delete', argument);
      return true;
    case 'S':
      builder.syscalls(argument);
      return true;
    case 'F':
      builder.field(argument);
      return true;
    case 'C':
      builder.compare(argument);
      return true;
    case 'k':
      builder.key(argument);
      return true;
    case 'p':
      builder.permissions(argument);
      return true;
    default:
      return false;
  }
}
