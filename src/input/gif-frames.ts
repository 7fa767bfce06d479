/** GIF89a, section 18: the header and the logical screen, before a table of colours where there is one. */
const HEADER = 13;
/** Sections 20, 23 and 27. */
const IMAGE = 0x2c;
const EXTENSION = 0x21;

/**
 * Whether a GIF has more than one frame. Where it breaks off, only what is there counts.
 * @param bytes of a GIF
 */
export function isAnimatedGif(bytes: Uint8Array): boolean {
  let frames = 0;
  let at = HEADER + tableLength(bytes[10]);
  while (at < bytes.length) {
    const block = bytes[at];
    if (block === IMAGE) {
      frames += 1;
      if (frames > 1) return true;
      // The descriptor with its own table, then a byte of the compression.
      at = afterBlocks(bytes, at + 10 + tableLength(bytes[at + 9]) + 1);
    } else if (block === EXTENSION) at = afterBlocks(bytes, at + 2);
    else return false;
  }
  return false;
}

/** Bytes of the table of colours that a byte of flags announces (sections 18 and 20). */
function tableLength(flags = 0): number {
  return (flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1);
}

/** Blocks of up to 255 bytes, each after its length, up to one of none (section 15). */
function afterBlocks(bytes: Uint8Array, start: number): number {
  let at = start;
  while (at < bytes.length && bytes[at] !== 0) at += 1 + (bytes[at] ?? 0);
  return at + 1;
}
