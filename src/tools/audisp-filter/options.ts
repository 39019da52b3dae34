export type FilterMode = 'allowlist' | 'blocklist';

export type Options =
  | { readonly kind: 'check'; readonly configuration: string }
  | {
      readonly kind: 'filter';
      readonly mode: FilterMode;
      readonly configuration: string;
      /** The program that gets what passes, and its arguments. */
      readonly program: string;
      readonly args: readonly string[];
    }
  | { readonly kind: 'wrong'; readonly message: string };

/** What the plugin's arguments ask for: MODE CONFIG PROGRAM [ARGUMENT...], or --check CONFIG. */
export function parseOptions(words: readonly string[]): Options {
  const [first, configuration, program, ...args] = words;
  if (first === '--check' && configuration !== undefined) return { kind: 'check', configuration };
  if (first === undefined || configuration === undefined || program === undefined) {
    return { kind: 'wrong', message: 'Not enough command line arguments' };
  }
  const mode = first.toLowerCase();
  if (mode !== 'allowlist' && mode !== 'blocklist') {
    const message = `Invalid mode '${first}' specified, possible values are: allowlist, blocklist.`;
    return { kind: 'wrong', message };
  }
  return { kind: 'filter', mode, configuration, program, args };
}
