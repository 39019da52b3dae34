/**
 * Cases of the corpus in which ausearch deliberately answers otherwise than the reference, and why ours is right. Keys as
 * ausearch.conformance.ts names its cases, with the log in front.
 */
export const exceptions: ReadonlyMap<string, string> = new Map([]);
