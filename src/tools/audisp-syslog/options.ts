import { SYSLOG_FACILITY, SYSLOG_PRIORITY } from '../../auplugin/syslog.ts';

export interface Options {
  readonly priority: number;
  readonly facility: number;
  readonly isInterpreted: boolean;
}

const numberOf = (table: Readonly<Record<string, number>>, word: string): number | undefined =>
  Object.hasOwn(table, word) ? table[word] : undefined;

/** What the plugin's arguments ask for: any number of words in any order and case; or the first word that is none. */
export function parseOptions(words: readonly string[]): Options | { readonly unknown: string } {
  let priority: number = SYSLOG_PRIORITY.LOG_INFO;
  let facility: number = SYSLOG_FACILITY.LOG_USER;
  let isInterpreted = false;
  for (const word of words) {
    const name = word.toUpperCase();
    const asPriority = numberOf(SYSLOG_PRIORITY, name);
    const asFacility = numberOf(SYSLOG_FACILITY, name);
    if (name === 'INTERPRET') isInterpreted = true;
    else if (asPriority !== undefined) priority = asPriority;
    else if (asFacility !== undefined) facility = asFacility;
    else return { unknown: word };
  }
  return { priority, facility, isInterpreted };
}
