/** What `node-auditd` was asked to do. */
export interface Options {
  readonly action: 'install' | 'uninstall';
  /** The directory that stands for `/`: the machine's own, or an image being made. */
  readonly root: string;
  /** Says what would be done and does nothing. */
  readonly isDryRun: boolean;
  /** Only what belongs to the administrator: the files under /etc. A package's scripts use it. */
  readonly isConfigurationOnly: boolean;
}

/** What cannot be understood; the message is for the person who typed it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** @throws {UsageError} */
export function parseOptions(words: readonly string[]): Options {
  const [action, ...rest] = words;
  if (action !== 'install' && action !== 'uninstall') {
    throw new UsageError(
      action === undefined ? 'expected install or uninstall' : `${action}: expected install or uninstall`,
    );
  }
  let root = '/';
  let isDryRun = false;
  let isConfigurationOnly = false;
  while (rest.length > 0) {
    const word = rest.shift();
    if (word === '--dry-run') isDryRun = true;
    else if (word === '--configuration') isConfigurationOnly = true;
    else if (word === '--root') {
      const value = rest.shift();
      if (value === undefined || !value.startsWith('/')) throw new UsageError('--root: expected an absolute path');
      root = value;
    } else throw new UsageError(`${word}: expected --root DIR, --dry-run or --configuration`);
  }
  return { action, root, isDryRun, isConfigurationOnly };
}
