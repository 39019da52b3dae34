/** What tells how far the kernel's queue has come. */
export interface KernelQueue {
  /** Records that the kernel has queued now; null when it cannot be asked. */
  readonly backlog: () => number | null;
  /** Records that have come from it so far. */
  readonly received: () => number;
  readonly pause: (milliseconds: number) => Promise<void>;
  /** Milliseconds of a clock that never jumps. */
  readonly now: () => number;
}

const LOOK_MILLISECONDS = 2;
/** Records come even in a flood at some hundred thousand a second, and the queue holds a few thousand. */
const MOST_MILLISECONDS = 1000;

/**
 * Waits until what the kernel has queued now has come. The kernel sends in order, so so many records later all of them
 * are here, however many more were made meanwhile. Who unregisters before loses them: nobody is sent what is queued
 * while nobody is registered.
 *
 * @returns False when they did not come within a second: nobody reads, or the kernel holds them back.
 * @see kauditd_thread(), and AUDIT_GET in audit_receive_msg(), in the kernel's kernel/audit.c
 */
export async function queuedRecordsCame({ backlog, received, pause, now }: KernelQueue): Promise<boolean> {
  const deadline = now() + MOST_MILLISECONDS;
  const before = received();
  const queued = backlog() ?? 0;
  while (received() - before < queued) {
    if (now() > deadline) return false;
    await pause(LOOK_MILLISECONDS);
    // The kernel may drop some of them: an empty queue is enough.
    if (backlog() === 0) return true;
  }
  return true;
}
