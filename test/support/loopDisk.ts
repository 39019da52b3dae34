import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';

// Not under /tmp: a log's directory and all above it are root's to write alone.
const PARENT = '/run';

/** Why a real file system cannot be had here; false when it can. */
export function lacksLoopDisk(): string | false {
  if (process.getuid?.() !== 0) return 'needs root: it mounts a file system of its own';
  try {
    new LoopDisk(4).remove();
    return false;
  } catch (error) {
    return `needs CAP_SYS_ADMIN, a loop device and ext4: ${error instanceof Error ? error.message.split('\n')[0] : error}`;
  }
}

/** A small ext4 of its own, mounted from a file. */
export class LoopDisk {
  /** Where it is mounted. */
  readonly path: string;
  readonly #directory: string;
  #isMounted = false;

  /** @param inodes  How many files it can hold; null for the usual number. */
  constructor(megabytes: number, inodes: number | null = null) {
    this.#directory = mkdtempSync(join(PARENT, 'node-auditd-fault-'));
    this.path = join(this.#directory, 'disk');
    const image = join(this.#directory, 'image');
    mkdirSync(this.path);
    try {
      run('truncate', '-s', `${megabytes}M`, image);
      const few = inodes === null ? [] : ['-N', String(inodes)];
      // Without a journal a few megabytes are enough, and nothing is reserved for root: full is full.
      run('mkfs.ext4', '-q', '-F', '-m', '0', '-O', '^has_journal', ...few, image);
      run('mount', '-o', 'loop', image, this.path);
      this.#isMounted = true;
    } catch (error) {
      this.remove();
      throw error;
    }
  }

  remount(options: string): void {
    run('mount', '-o', `remount,${options}`, this.path);
  }

  remove(): void {
    // Lazily: a test that failed may have left descriptors open on it.
    if (this.#isMounted) run('umount', '-l', this.path);
    this.#isMounted = false;
    rmSync(this.#directory, { recursive: true });
  }
}

function run(program: string, ...args: string[]): void {
  execFileSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
