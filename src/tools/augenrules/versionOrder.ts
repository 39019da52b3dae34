/**
 * Orders file names as `sort -V` does: runs of digits count as numbers, so that 9-x comes before 10-x. Names are
 * byte strings. @see "Version sort ordering" in the manual of the GNU core utilities
 */
export function compareVersions(a: string, b: string): number {
  // What looks like a file's extension decides only between names that are otherwise alike.
  const byStem = compareParts(withoutExtensions(a), withoutExtensions(b));
  if (byStem !== 0) return byStem;
  const byParts = compareParts(a, b);
  if (byParts !== 0) return byParts;
  return a < b ? -1 : a > b ? 1 : 0;
}

function withoutExtensions(name: string): string {
  return name.replace(/(\.[A-Za-z~][A-Za-z0-9~]*)*$/, '');
}

function compareParts(a: string, b: string): number {
  const pattern = /([^0-9]*)([0-9]*)/y;
  for (let atA = 0, atB = 0; atA < a.length || atB < b.length; ) {
    const [partA, textA, digitsA] = partAt(pattern, a, atA);
    const [partB, textB, digitsB] = partAt(pattern, b, atB);
    const byText = compareText(textA, textB);
    if (byText !== 0) return byText;
    const byNumber = BigInt(digitsA || '0') - BigInt(digitsB || '0');
    if (byNumber !== 0n) return byNumber < 0n ? -1 : 1;
    atA += partA;
    atB += partB;
  }
  return 0;
}

function partAt(pattern: RegExp, text: string, at: number): [length: number, text: string, digits: string] {
  pattern.lastIndex = at;
  const [whole = '', part = '', digits = ''] = pattern.exec(text) ?? [];
  return [whole.length, part, digits];
}

/** A tilde comes before the end, letters before everything else. */
function compareText(a: string, b: string): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = weight(a, i) - weight(b, i);
    if (difference !== 0) return difference;
  }
  return 0;
}

function weight(text: string, at: number): number {
  if (at >= text.length) return 0;
  const code = text.charCodeAt(at);
  if (text[at] === '~') return -1;
  return /[A-Za-z]/.test(text.charAt(at)) ? code : code + 256;
}
