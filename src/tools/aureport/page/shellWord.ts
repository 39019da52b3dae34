const PLAIN = /^[A-Za-z0-9_@%+:,./-][A-Za-z0-9_@%+=:,./-]*$/;
const PRINTABLE = /^[\x20-\x7e]*$/;

/**
 * A word that a shell reads as exactly these bytes, and a person reads as what it is: nothing in it is interpreted, and
 * whatever is no printable ASCII is an escape. Bash, ksh, zsh and POSIX 2024 know $'…'.
 *
 * @param bytes  Byte string.
 * @returns null for what no word can hold: a NUL.
 */
export function shellWord(bytes: string): string | null {
  if (bytes.includes('\0')) return null;
  if (PLAIN.test(bytes)) return bytes;
  if (PRINTABLE.test(bytes)) return `'${bytes.replaceAll("'", "'\\''")}'`;
  const escaped = bytes.replace(/[\\']|[^\x20-\x7e]/g, byte =>
    byte === '\\' || byte === "'" ? `\\${byte}` : `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return `$'${escaped}'`;
}
