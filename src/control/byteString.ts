/**
 * A string whose every character is one byte, 0 to 255. Paths, keys and fields of rules are bytes that need not be
 * UTF-8, while the grammar around them is text; in this form both can be split, compared and measured.
 */
export type ByteString = string;

/** The bytes of ordinary text in UTF-8, as a byte string. */
export function byteStringOf(text: string): ByteString {
  return Buffer.from(text, 'utf8').toString('latin1');
}

export function byteStringFromBytes(bytes: Uint8Array): ByteString {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

export function bytesOfByteString(text: ByteString): Buffer {
  return Buffer.from(text, 'latin1');
}

/** Folds ASCII letters alone, as the C locale does: byte strings hold bytes of characters above them. */
export function lowerAscii(text: ByteString): ByteString {
  return text.replace(/[A-Z]/g, letter => letter.toLowerCase());
}
