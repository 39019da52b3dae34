import type { Messages } from '../../base/messages.ts';
import type { SpaceFacts } from './files.ts';
import type { LogAction, SpaceSettings, SpaceThreshold } from './logSettings.ts';

export type SpaceStage = 'space_left' | 'admin_space_left' | 'disk_full';

/** A watermark has been passed; `action` is what the configuration wants done. */
export interface SpaceCrossing {
  readonly stage: SpaceStage;
  readonly action: LogAction;
}

const MEGABYTE = 1 << 20;
/** Fewer free blocks than this are none. */
const FEWEST_BLOCKS = 5;
/** Of the free space above the next watermark: written that much, the log looks again. */
const FRACTION_BETWEEN_CHECKS = 1 / 4;
/** Others fill the disk too. */
const MOST_MILLISECONDS_BETWEEN_CHECKS = 1000;

/**
 * Free space against space_left, admin_space_left and a full disk: which watermark has been passed, which warnings
 * stand, and when it is time to look again.
 *
 * However fast the log grows, it passes a watermark by one run of the pipeline at most before that is noticed: after
 * a look the next one is due when a quarter of the way down has been written. What others write is noticed with the
 * first record a second later.
 */
export class SpaceWatch {
  readonly #messages: Messages;
  #settings: SpaceSettings;
  #spaceLeftMegabytes = 0;
  #adminSpaceLeftMegabytes = 0;
  #spaceWarned = false;
  #adminWarned = false;
  #hasSpace = true;
  #unseenBytes = 0;
  #lookAfterBytes = 0;
  #lookAt = Number.NEGATIVE_INFINITY;

  constructor(settings: SpaceSettings, messages: Messages) {
    this.#settings = settings;
    this.#messages = messages;
    this.#setThresholds(null);
  }

  /** False from the moment the disk was found full. A full disk is acted upon while this is true. */
  get hasSpace(): boolean {
    return this.#hasSpace;
  }

  /** The action for space_left was taken and is not due again. */
  get spaceActionDone(): boolean {
    return this.#spaceWarned;
  }

  get adminSpaceActionDone(): boolean {
    return this.#adminWarned;
  }

  get spaceLeftMegabytes(): number {
    return this.#spaceLeftMegabytes;
  }

  get adminSpaceLeftMegabytes(): number {
    return this.#adminSpaceLeftMegabytes;
  }

  /** The disk was full at a write. True when that is news: the action for it is due. */
  takeSpaceFlag(): boolean {
    const hadSpace = this.#hasSpace;
    this.#hasSpace = false;
    return hadSpace;
  }

  /** Somebody has made room, or says so. */
  setSpaceFlag(): void {
    this.#hasSpace = true;
  }

  clearWarnings(): void {
    this.#spaceWarned = false;
    this.#adminWarned = false;
    this.lookSoon();
  }

  /** New settings: every warning is due again. */
  reconfigure(settings: SpaceSettings): void {
    this.#settings = settings;
    this.#hasSpace = true;
    this.clearWarnings();
  }

  /** Percentages are of the file system the log lies on; null while that is not known. */
  measure(facts: SpaceFacts | null): void {
    this.#setThresholds(facts);
    const { spaceLeft, adminSpaceLeft } = this.#settings;
    if (facts === null || (spaceLeft.kind !== 'percent' && adminSpaceLeft.kind !== 'percent')) return;
    if (this.#spaceLeftMegabytes > this.#adminSpaceLeftMegabytes) return;
    this.#messages.error(
      `Error - space_left(${this.#spaceLeftMegabytes}) must be larger than ` +
        `admin_space_left(${this.#adminSpaceLeftMegabytes})`,
    );
  }

  wrote(bytes: number): void {
    this.#unseenBytes += bytes;
  }

  lookSoon(): void {
    this.#lookAfterBytes = 0;
    this.#lookAt = Number.NEGATIVE_INFINITY;
  }

  /** @param now  Monotonic milliseconds. */
  isDue(now: number): boolean {
    return this.#unseenBytes >= this.#lookAfterBytes || now >= this.#lookAt;
  }

  /**
   * What has been passed, in the order in which it is to be acted upon. rotate repeats with every look; syslog warns
   * anew after space came back; every other action is due once, until the warnings are cleared.
   */
  look(facts: SpaceFacts, now: number): SpaceCrossing[] {
    this.#unseenBytes = 0;
    this.#lookAt = now + MOST_MILLISECONDS_BETWEEN_CHECKS;
    this.#lookAfterBytes = this.#bytesAboveNext(facts) * FRACTION_BETWEEN_CHECKS;
    const { spaceLeftAction, adminSpaceLeftAction, diskFullAction } = this.#settings;
    if (facts.bavail < FEWEST_BLOCKS) {
      this.#hasSpace = false;
      return [{ stage: 'disk_full', action: diskFullAction }];
    }
    // The reference leaves this to SIGUSR2, and passes over the next full disk in silence.
    this.#hasSpace = true;
    const crossings: SpaceCrossing[] = [];
    if (facts.bavail < limitBlocks(this.#spaceLeftMegabytes, facts)) {
      if (!this.#spaceWarned) crossings.push({ stage: 'space_left', action: spaceLeftAction });
      this.#spaceWarned ||= spaceLeftAction.kind !== 'rotate';
    } else if (spaceLeftAction.kind === 'syslog') {
      this.#spaceWarned = false;
    }
    if (facts.bavail < limitBlocks(this.#adminSpaceLeftMegabytes, facts)) {
      if (!this.#adminWarned) crossings.push({ stage: 'admin_space_left', action: adminSpaceLeftAction });
      this.#adminWarned ||= adminSpaceLeftAction.kind !== 'rotate';
    } else if (adminSpaceLeftAction.kind === 'syslog') {
      this.#adminWarned = false;
    }
    return crossings;
  }

  #setThresholds(facts: SpaceFacts | null): void {
    this.#spaceLeftMegabytes = thresholdMegabytes(this.#settings.spaceLeft, facts);
    this.#adminSpaceLeftMegabytes = thresholdMegabytes(this.#settings.adminSpaceLeft, facts);
  }

  // Infinite on a full disk: there is nothing left to pass, so the action repeats by time alone.
  #bytesAboveNext(facts: SpaceFacts): number {
    let blocks = Number.POSITIVE_INFINITY;
    for (const megabytes of [this.#spaceLeftMegabytes, this.#adminSpaceLeftMegabytes]) {
      const above = facts.bavail - limitBlocks(megabytes, facts);
      if (above >= 0) blocks = Math.min(blocks, above);
    }
    if (facts.bavail >= FEWEST_BLOCKS) blocks = Math.min(blocks, facts.bavail - FEWEST_BLOCKS);
    return blocks * facts.bsize;
  }
}

// A file system with blocks over a megabyte has no limit above 0 here, as in the reference.
function limitBlocks(megabytes: number, { bsize }: SpaceFacts): number {
  return megabytes * Math.floor(MEGABYTE / bsize);
}

/** A percentage of the whole file system, rounded down twice as the reference does; 0 while it is not known. */
function thresholdMegabytes(threshold: SpaceThreshold, facts: SpaceFacts | null): number {
  if (threshold.kind === 'megabytes') return threshold.value;
  if (facts === null) return 0;
  return Math.floor((facts.bsize * Math.floor((facts.blocks * threshold.value) / 100)) / MEGABYTE);
}
