const LARGEST = 2n ** 64n - 1n;

/** What strtol(3) and strtoul(3) read with base 0. */
export interface CNumber {
  /** Truncated to an unsigned 32-bit word; negative numbers as their two's complement. */
  word: number;
  /** Whether the number does not fit 64 bits: ERANGE. */
  isOverflow: boolean;
}

/**
 * The number at the start of `text`: 0x for hexadecimal, a leading 0 for octal, else decimal. What follows it is
 * ignored, as C does: `12abc` is 12; text without a number is 0.
 *
 * @param signedness  Where a number is cut that does not fit 64 bits: at the largest signed one, or unsigned one.
 */
export function parseCNumber(text: string, signedness: 'signed' | 'unsigned'): CNumber {
  const [, sign = '', digits = ''] = /^[ \t-\r]*([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)?/.exec(text) ?? [];
  if (digits === '') return { word: 0, isOverflow: false };
  const isOctal = digits.length > 1 && /^0[0-7]/.test(digits);
  const magnitude = BigInt(isOctal ? `0o${digits.slice(1)}` : digits);
  const isNegative = sign === '-';
  const limit = signedness === 'unsigned' ? LARGEST : isNegative ? 2n ** 63n : 2n ** 63n - 1n;
  const isOverflow = magnitude > limit;
  // strtoul gives its largest value, and no negated one, for what does not fit; strtol gives the bound of the sign.
  const kept = isOverflow
    ? isNegative && signedness === 'signed'
      ? -limit
      : limit
    : isNegative
      ? -magnitude
      : magnitude;
  return { word: Number(BigInt.asUintN(32, kept)), isOverflow };
}
