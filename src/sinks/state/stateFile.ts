import { open, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isErrno, reasonOf } from '../../base/errors.ts';
import type { Messages } from '../../base/messages.ts';

const MODE = 0o640;

/** The state report on disk, as text and as JSON beside it. A reader finds the report before or this one, never half. */
export class StateFile {
  readonly #path: string;
  readonly #messages: Messages;
  readonly #beside = new Set<string>();

  constructor(path: string, messages: Messages) {
    this.#path = path;
    this.#messages = messages;
  }

  /**
   * Writes each form under a new name, then renames it. A failure is logged: no record depends on it.
   *
   * @param gid  log_group: who besides root may read it.
   */
  async write(text: string, json: string, gid: number): Promise<void> {
    await this.#replace(this.#path, text, gid);
    await this.#replace(`${this.#path}.json`, json, gid);
  }

  /** One more report, `NAME.state` beside this one; nothing when that would be this one's own name. */
  async writeBeside(name: string, text: string, gid: number): Promise<void> {
    const path = join(dirname(this.#path), `${name}.state`);
    if (basename(path) === basename(this.#path)) return;
    this.#beside.add(path);
    await this.#replace(path, text, gid);
  }

  /** At the end. A failure is logged: what a reader finds is stale then, but no record is lost by it. */
  async remove(): Promise<void> {
    for (const path of [...this.#beside, this.#path, `${this.#path}.json`]) {
      try {
        await remove(path);
      } catch (error) {
        this.#messages.warning(`Cannot remove the state report ${path} (${reasonOf(error)})`);
      }
    }
  }

  async #replace(path: string, content: string, gid: number): Promise<void> {
    const fresh = `${path}.new`;
    try {
      await remove(fresh);
      const file = await open(fresh, 'wx', MODE);
      try {
        await file.writeFile(content);
        await file.chmod(MODE);
        await this.#share(() => file.chown(0, gid));
      } finally {
        await file.close();
      }
      await rename(fresh, path);
    } catch (error) {
      this.#messages.error(`Cannot write the state report ${path} (${reasonOf(error)})`);
    }
  }

  async #share(change: () => Promise<void>): Promise<void> {
    try {
      await change();
    } catch (error) {
      this.#messages.info(`fchown on state report failed (${reasonOf(error)}) continuing`);
    }
  }
}

async function remove(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    // What matters is that it is not there.
    if (!isErrno(error, 'ENOENT')) throw error;
  }
}
