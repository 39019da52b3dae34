import { FieldError, reasonOf } from '../../base/errors.ts';
import type { SystemFacts } from '../config/systemFacts.ts';
import { octal } from '../config/trustedFile.ts';

const LEAST_KEY_BYTES = 32;
/** As much as OpenSSL takes. */
const MOST_KEY_BYTES = 512;

/**
 * Reads a pre-shared key: the first line, in hexadecimal. Nobody but root may read the file.
 *
 * @throws {FieldError}
 */
export function readPskFile(path: string, facts: SystemFacts): Buffer {
  const refuse = (expected: string) => new FieldError({ file: path, line: null, field: null, value: null, expected });
  let file: ReturnType<SystemFacts['open']>;
  try {
    file = facts.open(path, false);
  } catch (error) {
    throw refuse(`a key file that opens, and no symbolic link (${reasonOf(error)})`);
  }
  try {
    const { isRegular, ownerId, mode } = file.stat();
    if (!isRegular) throw refuse('a regular file');
    if (ownerId !== 0) throw refuse(`owner root, not uid ${ownerId}`);
    if (mode !== 0o400) throw refuse(`mode 0400, not ${octal(mode)}`);
    const text = Buffer.from(file.read(2 * MOST_KEY_BYTES + 2)).toString('latin1');
    const line = text.split('\n', 1)[0] ?? '';
    // The value is not in the message: it is a secret.
    if (!/^(?:[0-9a-fA-F]{2})+$/.test(line)) throw refuse('an even number of hexadecimal digits in the first line');
    if (line.length < 2 * LEAST_KEY_BYTES || line.length > 2 * MOST_KEY_BYTES) {
      throw refuse(`a key of ${LEAST_KEY_BYTES} to ${MOST_KEY_BYTES} bytes`);
    }
    return Buffer.from(line, 'hex');
  } finally {
    file.close();
  }
}
