import { closeSync } from 'node:fs';
import { chown, lstat, rename, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { isErrno, SystemError } from '../../base/errors.ts';
import { addon, native } from '../../binding/addon.ts';
import type { ListenEvents, ListenerFactory, Listening, SocketSettings } from '../../sinks/dispatch/socketPlugin.ts';
import { openOutlet } from './openOutlet.ts';

const EADDRINUSE = 98;
const MODE_BITS = 0o777;

/**
 * Listening Unix sockets. What an earlier daemon left behind is replaced; what somebody else listens on, or is no
 * socket, is not. Permissions and owner are right before anybody can connect.
 */
export const unixListeners: ListenerFactory = {
  async listen(settings: SocketSettings, events: ListenEvents): Promise<Listening> {
    const { path, mode, uid, gid } = settings;
    await requireFree(path);
    const fresh = `${path}.new`;
    await remove(fresh);
    const umask = process.umask(~mode & MODE_BITS);
    const listener = native(() => {
      try {
        return new addon.UnixListener(
          fresh,
          mode,
          (fd, pid, peerUid, peerGid) =>
            events.onClient(
              { pid, uid: peerUid, gid: peerGid },
              outletEvents => openOutlet(fd, outletEvents),
              () => closeSync(fd),
            ),
          errno => events.onFailure(new SystemError({ syscall: 'accept4', errno, path })),
        );
      } finally {
        process.umask(umask);
      }
    });
    try {
      if (uid !== null || gid !== null) await chown(fresh, uid ?? process.getuid?.() ?? 0, gid ?? 0);
      listener.listen();
      await rename(fresh, path);
    } catch (error) {
      listener.close();
      await remove(fresh);
      throw error;
    }
    let isOpen = true;
    return {
      pause: () => listener.pause(),
      go: () => {
        if (isOpen) listener.listen();
      },
      close: async () => {
        isOpen = false;
        listener.close();
        await remove(path);
      },
    };
  },
};

async function requireFree(path: string): Promise<void> {
  try {
    if (!(await lstat(path)).isSocket()) throw new SystemError({ syscall: 'bind', errno: EADDRINUSE, path });
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return;
    throw error;
  }
  if (await hasListener(path)) throw new SystemError({ syscall: 'bind', errno: EADDRINUSE, path });
}

function hasListener(path: string): Promise<boolean> {
  return new Promise(resolve => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    // ECONNREFUSED: nobody listens. Anything else: nobody we could give way to.
    probe.once('error', () => resolve(false));
  });
}

async function remove(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    // What matters is that it is not there.
    if (!isErrno(error, 'ENOENT')) throw error;
  }
}
