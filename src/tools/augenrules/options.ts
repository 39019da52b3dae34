export interface Options {
  /** Only says whether the merged file would change. */
  isCheck: boolean;
  /** Loads the merged file into the kernel. */
  isLoad: boolean;
  /** Loads all rules or leaves the ones the kernel had, and reads back what it holds. Goes with `isLoad`. */
  isAtomic: boolean;
}

/** What augenrules' arguments, without the program's name, ask for; null when they are none it knows. */
export function parseOptions(words: readonly string[]): Options | null {
  const known = new Set(['--check', '--load', '--atomic']);
  if (!words.every(word => known.has(word))) return null;
  const options = {
    isCheck: words.includes('--check'),
    isLoad: words.includes('--load'),
    isAtomic: words.includes('--atomic'),
  };
  return options.isAtomic && !options.isLoad ? null : options;
}
