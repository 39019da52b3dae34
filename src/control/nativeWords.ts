import { endianness } from 'node:os';

const isLittleEndian = endianness() === 'LE';

/** The 32-bit word at byte `offset`, in this machine's order, as the kernel shares structures with programs. */
export function readWord(bytes: Uint8Array, offset: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(offset, isLittleEndian);
}

/** Stores `value`, signed or unsigned, as the 32-bit word at byte `offset`, in this machine's order. */
export function writeWord(bytes: Uint8Array, offset: number, value: number): void {
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).setUint32(offset, value >>> 0, isLittleEndian);
}
