/** The checksums of FLAC: RFC 9639, sections 9.1.8 (of a frame's header) and 9.3 (of a frame). */

/** x⁸ + x² + x + 1, from 0. */
export function crc8(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) crc = CRC8[crc ^ byte] ?? 0;
  return crc;
}

/** x¹⁶ + x¹⁵ + x² + 1, from `crc` on: 0 after bytes that end with their own checksum. */
export function crc16(bytes: Uint8Array, crc = 0): number {
  let sum = crc;
  // The one hot loop of a split: an index is twice as fast as an iterator.
  for (let i = 0; i < bytes.length; i++) {
    sum = ((sum << 8) & 0xffff) ^ (CRC16[(sum >> 8) ^ (bytes[i] ?? 0)] ?? 0);
  }
  return sum;
}

const CRC8 = Uint8Array.from({ length: 256 }, (_, byte) => remainder(byte, 8, 0x07));
const CRC16 = Uint16Array.from({ length: 256 }, (_, byte) => remainder(byte << 8, 16, 0x8005));

function remainder(value: number, bits: 8 | 16, polynomial: number): number {
  const top = 1 << (bits - 1);
  let rest = value;
  for (let bit = 0; bit < 8; bit++) rest = (rest & top) === 0 ? rest << 1 : (rest << 1) ^ polynomial;
  return rest & (top * 2 - 1);
}
