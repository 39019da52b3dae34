import { addon, native } from '../../binding/addon.ts';
import type { Outlet, OutletEvents } from '../../sinks/dispatch/outlet.ts';

/** Our end of a stream, over the event loop. The descriptor then belongs to it. */
export function openOutlet(fd: number, events: OutletEvents): Outlet {
  const outlet = native(
    () =>
      new addon.Outlet(
        fd,
        () => events.onWritable(),
        () => events.onGone(),
      ),
  );
  return {
    write: (buffers, offset) => native(() => outlet.write(buffers, offset)),
    finish: () => outlet.finish(),
    close: () => outlet.close(),
    detach: () => outlet.detach(),
    get unreadBytes() {
      return outlet.unreadBytes;
    },
  };
}
