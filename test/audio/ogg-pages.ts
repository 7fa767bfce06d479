/** Ogg by the book (RFC 3533, RFC 7845), apart from the library that the program uses. */

export interface OggPage {
  readonly flags: number;
  readonly granule: number;
  readonly serial: number;
  readonly sequence: number;
  /** The packets that end on it, each with what earlier pages had of it. */
  readonly packets: readonly Buffer[];
}

/** @throws Error for a page that is none, or whose checksum is wrong */
export function readPages(bytes: Buffer): OggPage[] {
  const pages: OggPage[] = [];
  let open = Buffer.alloc(0);
  for (let at = 0; at < bytes.length; ) {
    if (bytes.toString('latin1', at, at + 4) !== 'OggS') throw new Error(`no page at ${at}`);
    const dataAt = at + 27 + bytes.readUInt8(at + 26);
    const packets: Buffer[] = [];
    let end = dataAt;
    for (const size of bytes.subarray(at + 27, dataAt)) {
      open = Buffer.concat([open, bytes.subarray(end, end + size)]);
      end += size;
      if (size === 255) continue;
      packets.push(open);
      open = Buffer.alloc(0);
    }
    const page = Buffer.from(bytes.subarray(at, end));
    page.writeUInt32LE(0, 22);
    if (oggCrc(page) !== bytes.readUInt32LE(at + 22)) throw new Error(`wrong checksum at ${at}`);
    pages.push({
      flags: bytes.readUInt8(at + 5),
      granule: Number(bytes.readBigInt64LE(at + 6)),
      serial: bytes.readUInt32LE(at + 14),
      sequence: bytes.readUInt32LE(at + 18),
      packets,
    });
    at = end;
  }
  return pages;
}

export function oggCrc(bytes: Buffer): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  }
  return crc >>> 0;
}

/** A page of whole packets. */
export function makePage(
  packets: readonly Buffer[],
  flags: number,
  granule: number,
  sequence: number,
): Buffer {
  const table = packets.flatMap((packet) => [
    ...Array.from({ length: Math.floor(packet.length / 255) }, () => 255),
    packet.length % 255,
  ]);
  const head = Buffer.alloc(27);
  head.write('OggS', 'latin1');
  head.writeUInt8(flags, 5);
  head.writeBigInt64LE(BigInt(granule), 6);
  head.writeUInt32LE(7, 14);
  head.writeUInt32LE(sequence, 18);
  head.writeUInt8(table.length, 26);
  const page = Buffer.concat([head, Buffer.from(table), ...packets]);
  page.writeUInt32LE(oggCrc(page), 22);
  return page;
}

/** A stream of Opus packets of 20 ms, fifty to a page. @param trimmed samples at 48 kHz to leave out at the end */
export function makeOpus(
  packets: readonly Buffer[],
  { channels = 1, preSkip = 312, trimmed = 0 } = {},
): Buffer {
  const head = Buffer.from('OpusHead\x01\x01\0\0\xc0\x5d\0\0\0\0\0', 'latin1');
  head.writeUInt8(channels, 9);
  head.writeUInt16LE(preSkip, 10);
  const tags = Buffer.from('OpusTags\0\0\0\0\0\0\0\0', 'latin1');
  const pages = [makePage([head], 2, 0, 0), makePage([tags], 0, 0, 1)];
  for (let from = 0; from < packets.length; from += 50) {
    const to = Math.min(from + 50, packets.length);
    const isLast = to === packets.length;
    const granule = to * 960 - (isLast ? trimmed : 0);
    pages.push(makePage(packets.slice(from, to), isLast ? 4 : 0, granule, pages.length));
  }
  return Buffer.concat(pages);
}
