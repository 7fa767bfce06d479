/** As many bytes as tell whether a tag begins there. */
export const TAG_START_BYTES = 32;

/**
 * The length in bytes of the tag that begins at a place in an MP3 or AAC file; 0 where none does. Tags are words about
 * the sound (a title, a picture), not sound: ID3v1 (128 bytes, at the end), ID3v2 and APEv2.
 */
export function tagLength(bytes: Buffer, at = 0): number {
  return id3v2Length(bytes, at) || id3v1Length(bytes, at) || apeLength(bytes, at);
}

/** ID3v2.4, section 3.1: `ID3`, version, flags, and a length in four times seven bits; a footer is ten bytes more. */
export function id3v2Length(bytes: Buffer, at = 0): number {
  if (bytes.length < at + 10 || bytes.toString('latin1', at, at + 3) !== 'ID3') return 0;
  const [major = 0, minor = 0, flags = 0] = bytes.subarray(at + 3, at + 6);
  const size = bytes.subarray(at + 6, at + 10);
  if (major < 2 || major > 4 || minor === 0xff || size.some((byte) => byte > 0x7f)) return 0;
  const length = size.reduce((sum, byte) => sum * 128 + byte, 0);
  return 10 + length + ((flags & 0x10) === 0 ? 0 : 10);
}

export const ID3V1_BYTES = 128;

export function id3v1Length(bytes: Buffer, at = 0): number {
  return bytes.toString('latin1', at, at + 3) === 'TAG' ? ID3V1_BYTES : 0;
}

/** APEv2: a header or a footer of 32 bytes; the length counts the footer, not the header. */
function apeLength(bytes: Buffer, at: number): number {
  if (bytes.length < at + 32 || bytes.toString('latin1', at, at + 8) !== 'APETAGEX') return 0;
  const isHeader = (bytes.readUInt32LE(at + 20) & 0x20000000) !== 0;
  return isHeader ? 32 + bytes.readUInt32LE(at + 12) : 32;
}
