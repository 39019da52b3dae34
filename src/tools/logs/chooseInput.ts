import { fstatSync, statSync } from 'node:fs';
import { reasonOf } from '../../base/errors.ts';
import type { LogConfiguration } from './logConfiguration.ts';

/** What the options say about where events come from. */
export interface InputWish {
  /** -if, a byte string. */
  readonly input: string | null;
  /** --input-logs */
  readonly usesLogsInsteadOfPipe: boolean;
}

/** Paths are byte strings. */
export type InputChoice =
  | { readonly kind: 'file'; readonly path: string }
  /** A log and its rotated files. */
  | { readonly kind: 'set'; readonly path: string }
  | { readonly kind: 'pipe' }
  /** Why there is none; to be told. */
  | { readonly kind: 'none'; readonly message: string };

/**
 * Where a tool's events come from: what -if names, else a pipe on standard input, else the logs of the configuration.
 *
 * @param standardInput  Its descriptor.
 * @param note           Gets what is to be told about the choice.
 */
export function chooseInput(
  wish: InputWish,
  configuration: LogConfiguration,
  standardInput: number,
  note: (message: string) => void,
): InputChoice {
  const { input } = wish;
  if (input !== null) {
    try {
      if (!statSync(Buffer.from(input, 'latin1')).isDirectory()) return { kind: 'file', path: input };
    } catch (error) {
      if (!(error instanceof Error && 'errno' in error)) throw error;
      return { kind: 'none', message: `stat: ${reasonOf(error)}` };
    }
    const path = input.endsWith('/') ? `${input}audit.log` : `${input}/audit.log`;
    note(`NOTE - using logs in ${path}`);
    return { kind: 'set', path };
  }
  if (!wish.usesLogsInsteadOfPipe && fstatSync(standardInput).isFIFO()) return { kind: 'pipe' };
  return { kind: 'set', path: configuration.logFile };
}
