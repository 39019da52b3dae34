import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname, extname, join, sep } from 'node:path';
import { isErrno } from '../../base/errors.ts';
import type { Manifest, Placed } from './manifest.ts';
import type { Entry } from './plan.ts';

/** One thing to do. `keep` and `leave` change nothing; `beside` writes the new text next to a file somebody changed. */
export interface Step {
  readonly action: 'create' | 'replace' | 'keep' | 'beside' | 'remove' | 'leave';
  readonly target: string;
  /** Why something is left as it is; empty otherwise. */
  readonly note: string;
  readonly entry: Entry | null;
}

/** The tree cannot be installed into; the message says where and why. */
export class PlacementError extends Error {
  override readonly name = 'PlacementError';
}

/** Ending of the new text of a file that somebody changed. */
export const BESIDE = '.node-auditd-new';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** A tree to install into: the machine's own, or an image. Nothing outside of `root` is ever touched. */
export class Placement {
  readonly #root: string;
  readonly #packageDirectory: string;
  /** Where the package lies on the installed machine: commands are links to there. */
  readonly #packageTarget: string;
  readonly #manifest: Manifest;

  constructor(root: string, packageDirectory: string, packageTarget: string, manifest: Manifest) {
    this.#root = root;
    this.#packageDirectory = packageDirectory;
    this.#packageTarget = packageTarget;
    this.#manifest = manifest;
  }

  /** Whether the tree is the machine's own. */
  get #isMachine(): boolean {
    return this.#root === sep;
  }

  /** What it takes to have `entries` in place. Looks, and changes nothing. `problems` keep all of it from being done. */
  plan(entries: readonly Entry[]): { steps: Step[]; problems: string[] } {
    const steps: Step[] = [];
    const problems: string[] = [];
    const step = (action: Step['action'], entry: Entry, note = '') =>
      steps.push({ action, target: entry.target, note, entry });
    for (const entry of entries) {
      const path = this.#path(entry.target);
      const there = lstat(path);
      const placed = this.#manifest.get(entry.target);
      if (there === null) {
        if (
          entry.kind === 'file' &&
          entry.onlyIfNoneIn !== undefined &&
          this.#hasOthers(entry.onlyIfNoneIn, entry.target)
        ) {
          step('leave', entry, 'there are files of the administrator');
        } else if (entry.kind === 'file' && entry.role === 'configuration' && placed !== undefined) {
          step('leave', entry, 'was removed by the administrator');
        } else step('create', entry);
      } else if (entry.kind === 'directory') {
        if (there.isDirectory()) step('keep', entry);
        else problems.push(`${path}: expected a directory`);
      } else if (entry.kind === 'command') {
        const to = there.isSymbolicLink() ? readlinkSync(path) : null;
        if (to === this.#linkTo(entry)) step('keep', entry);
        else if (placed?.kind === 'command' && placed.to === to) step('replace', entry);
        else problems.push(`${path}: is somebody else's: remove the package it belongs to (auditd) first`);
      } else if (entry.onlyIfAbsent === true && placed === undefined) {
        step('keep', entry);
      } else if (!there.isFile()) {
        problems.push(`${path}: expected a regular file`);
      } else {
        const now = sha256(readFileSync(path));
        const ours = sha256(this.#source(entry.source));
        if (now === ours) step('keep', entry);
        else if (placed?.kind === 'file' && placed.sha256 === now) step('replace', entry);
        else if (placed?.kind === 'file' && placed.sha256 === ours)
          step('leave', entry, 'was changed; nothing new to offer');
        else step('beside', entry, `was changed, or is somebody else's: the new text goes to ${entry.target}${BESIDE}`);
      }
    }
    return { steps, problems };
  }

  /** What it takes to be rid of everything that was put in place, and has not been changed since. */
  planRemoval(isWanted: (target: string) => boolean): Step[] {
    const steps: Step[] = [];
    // Files before the directories they lie in.
    for (const [target, placed] of [...this.#manifest].sort(([a], [b]) => (a < b ? 1 : -1))) {
      if (!isWanted(target)) continue;
      const path = this.#path(target);
      const there = lstat(path);
      if (there === null) continue;
      const remove = () => steps.push({ action: 'remove', target, note: '', entry: null });
      const leave = (note: string) => steps.push({ action: 'leave', target, note, entry: null });
      if (placed.kind === 'directory') {
        if (there.isDirectory()) remove();
      } else if (placed.kind === 'command') {
        if (there.isSymbolicLink() && readlinkSync(path) === placed.to) remove();
        else leave('is no longer ours');
      } else if (there.isFile() && sha256(readFileSync(path)) === placed.sha256) remove();
      else leave('was changed');
    }
    return steps;
  }

  /** Does one step, and notes it in the manifest. Directories that still hold something stay. */
  apply(step: Step): void {
    const path = this.#path(step.target);
    const { entry } = step;
    if (step.action === 'remove') {
      const placed = this.#manifest.get(step.target);
      if (placed?.kind === 'directory') removeIfEmpty(path);
      else unlinkSync(path);
      this.#manifest.delete(step.target);
    } else if (step.action === 'create' || step.action === 'replace') {
      if (entry === null) throw new Error(`${step.target}: nothing to put there`);
      this.#manifest.set(step.target, this.#place(entry, path));
    } else if (step.action === 'beside' && entry?.kind === 'file') {
      writeWhole(`${path}${BESIDE}`, this.#source(entry.source), entry.mode, this.#isMachine);
    } else if (step.action === 'keep' && entry !== null && !this.#manifest.has(step.target)) {
      // Same text as ours, but it was there before: without a note here it outlives an uninstall.
      if (entry.kind === 'command') this.#manifest.set(step.target, { kind: 'command', to: this.#linkTo(entry) });
    }
  }

  #place(entry: Entry, path: string): Placed {
    if (entry.kind === 'directory') {
      this.#makeDirectories(dirname(entry.target));
      mkdirSync(path);
      chmodSync(path, entry.mode); // whatever the umask says
      return { kind: 'directory' };
    }
    this.#makeDirectories(dirname(entry.target));
    if (entry.kind === 'command') {
      const to = this.#linkTo(entry);
      // npm does this for its own links only.
      if (to.startsWith(this.#packageDirectory)) chmodSync(to, 0o755);
      const made = `${path}${BESIDE}`;
      unlinkIfThere(made);
      symlinkSync(to, made);
      renameSync(made, path);
      return { kind: 'command', to };
    }
    const bytes = this.#source(entry.source);
    writeWhole(path, bytes, entry.mode, this.#isMachine);
    return { kind: 'file', sha256: sha256(bytes) };
  }

  /** Directories of the system, as a package would make them; noted, so that an uninstall takes the empty ones away. */
  #makeDirectories(target: string): void {
    if (target === '/' || existsSync(this.#path(target))) return;
    this.#makeDirectories(dirname(target));
    mkdirSync(this.#path(target), { mode: 0o755 });
    this.#manifest.set(target, { kind: 'directory' });
  }

  /** @throws {PlacementError} when a symbolic link in the tree leads out of it: an image's /lib may point to the machine's own. */
  #path(target: string): string {
    const path = join(this.#root, target);
    // An image yet to be made has no links.
    if (lstat(this.#root) === null) return path;
    let parent = dirname(path);
    while (lstat(parent) === null) parent = dirname(parent);
    const real = realpathSync(parent);
    const root = realpathSync(this.#root);
    if (root !== sep && real !== root && !real.startsWith(root + sep)) {
      throw new PlacementError(`${path}: leads out of ${this.#root}, to ${real}`);
    }
    return path;
  }

  #linkTo(entry: { readonly source: string }): string {
    return join(this.#packageTarget, entry.source);
  }

  #source(name: string): Buffer {
    return readFileSync(join(this.#packageDirectory, name));
  }

  #hasOthers(directory: string, target: string): boolean {
    try {
      return readdirSync(this.#path(directory)).some(name => extname(name) === extname(target));
    } catch (error) {
      // It will be made, and is empty then.
      if (!isErrno(error, 'ENOENT')) throw error;
      return false;
    }
  }
}

/**
 * Writes a file so that no reader ever sees half of it, owned by whoever installs: root.
 *
 * @param isDurable  Whether it must be whole after a power failure too; an image is then made again.
 */
export function writeWhole(path: string, bytes: Uint8Array, mode: number, isDurable: boolean): void {
  const made = `${path}.${process.pid}`;
  unlinkIfThere(made);
  const fd = openSync(made, 'wx', mode);
  try {
    writeSync(fd, bytes);
    if (isDurable) fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  chmodSync(made, mode);
  if (process.geteuid?.() === 0) chownSync(made, 0, 0);
  renameSync(made, path);
}

function unlinkIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    // Its absence is what was wanted.
    if (!isErrno(error, 'ENOENT')) throw error;
  }
}

function removeIfEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch (error) {
    // Logs, or files of the administrator: they stay, and so does the directory.
    if (!isErrno(error, 'ENOTEMPTY')) throw error;
  }
}

function lstat(path: string) {
  return lstatSync(path, { throwIfNoEntry: false }) ?? null;
}
