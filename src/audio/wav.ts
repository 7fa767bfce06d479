/** The samples of a WAV: the `fmt ` chunk (Microsoft, "Multimedia Programming Interface and Data Specifications"). */
export interface WavFormat {
  /** `other` are codecs whose blocks cannot be cut into samples. */
  readonly encoding: 'pcm' | 'float' | 'a-law' | 'mu-law' | 'other';
  readonly channels: number;
  /** Hz. */
  readonly sampleRate: number;
  readonly bitsPerSample: number;
  /** Bytes of one sample of all channels. */
  readonly blockAlign: number;
  readonly bytesPerSecond: number;
  /** What the `fmt ` chunk holds, to be written again. */
  readonly chunk: Uint8Array;
}

export interface WavHeader {
  readonly format: WavFormat;
  /** Bytes before the first sample. */
  readonly dataOffset: number;
  /** Bytes of samples as the header has it; undefined: up to the end, as in a WAV that was written into a pipe. */
  readonly dataLength: number | undefined;
}

/** Why there is no header. */
export interface WavProblem {
  /** For after "a WAV": `whose header breaks off`. */
  readonly problem: string;
  /** The bytes ended before the header. */
  readonly short: boolean;
}

/** A piece of the file that a reader of headers wants: what is given is shorter only where the file ends. */
export interface Wanted {
  /** Bytes from the start. */
  readonly at: number;
  readonly length: number;
}

const BREAKS_OFF: WavProblem = { problem: 'whose header breaks off', short: true };

/** The size of a chunk that is not known, or that does not fit 32 bits. */
const UNKNOWN = 0xffffffff;

/** A `fmt ` chunk that is longer than this is none. */
const MAX_FORMAT_BYTES = 4096;

/**
 * Reads the header of a WAV, asking for its pieces one after the other, so that it can be done from memory, from a
 * file and from a stream. Chunks come in any order, but for the samples (`data`), where it stops. RF64 and BW64 (EBU
 * Tech 3306) are read as well.
 * @returns undefined where it is no WAV at all
 */
export function* wavHeader(): Generator<Wanted, WavHeader | WavProblem | undefined, Buffer> {
  const start = yield { at: 0, length: 12 };
  if (!isWav(start)) return undefined;
  let format: WavFormat | undefined;
  let dataLength64: number | undefined;
  for (let at = 12; ; ) {
    const head = yield { at, length: 8 };
    if (head.length < 8) return BREAKS_OFF;
    const id = head.toString('latin1', 0, 4);
    const size = head.readUInt32LE(4);
    if (id === 'data') {
      if (format === undefined) return { problem: 'that does not tell its format', short: false };
      return { format, dataOffset: at + 8, dataLength: dataLengthOf(size, dataLength64) };
    }
    if (id === 'fmt ' && size <= MAX_FORMAT_BYTES) {
      const chunk = yield { at: at + 8, length: size };
      if (chunk.length < size) return BREAKS_OFF;
      const read = wavFormat(chunk);
      if ('problem' in read) return read;
      format = read;
    } else if (id === 'ds64') {
      const chunk = yield { at: at + 8, length: 16 };
      if (chunk.length < 16) return BREAKS_OFF;
      dataLength64 = Number(chunk.readBigUInt64LE(8));
    } else if (!/^[\x20-\x7e]{4}$/.test(id)) {
      return { problem: 'whose header makes no sense', short: false };
    }
    // Chunks begin at even places.
    at += 8 + size + (size % 2);
  }
}

function isWav(start: Buffer): boolean {
  return /^(?:RIFF|RF64|BW64)[\s\S]{4}WAVE$/.test(start.toString('latin1'));
}

/** A size of 0 is that of a WAV whose writer never came back to it: one that has samples after all. */
function dataLengthOf(size: number, size64: number | undefined): number | undefined {
  if (size === UNKNOWN) return size64;
  return size === 0 ? undefined : size;
}

/** Reads what bytes in memory have of a WAV header. @returns as `wavHeader` */
export function readWavHeader(bytes: Uint8Array): WavHeader | WavProblem | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const reader = wavHeader();
  let step = reader.next();
  while (step.done !== true) {
    const { at, length } = step.value;
    step = reader.next(buffer.subarray(at, at + length));
  }
  return step.value;
}

/** Format tags: RFC 2361, appendix A. */
const ENCODINGS: Readonly<Record<number, WavFormat['encoding']>> = {
  1: 'pcm',
  3: 'float',
  6: 'a-law',
  7: 'mu-law',
};

/** The tag that says that the tag is at the start of the GUID at the end. */
const EXTENSIBLE = 0xfffe;

function wavFormat(chunk: Buffer): WavFormat | WavProblem {
  if (chunk.length < 16) return { problem: 'whose header makes no sense', short: false };
  const ownTag = chunk.readUInt16LE(0);
  const tag = ownTag === EXTENSIBLE && chunk.length >= 26 ? chunk.readUInt16LE(24) : ownTag;
  const encoding = ENCODINGS[tag] ?? 'other';
  const format: WavFormat = {
    encoding,
    channels: chunk.readUInt16LE(2),
    sampleRate: chunk.readUInt32LE(4),
    // Some writers get this one wrong; what follows from the samples is right.
    bytesPerSecond:
      encoding === 'other' ? chunk.readUInt32LE(8) : chunk.readUInt32LE(4) * chunk.readUInt16LE(12),
    blockAlign: chunk.readUInt16LE(12),
    bitsPerSample: chunk.readUInt16LE(14),
    chunk: Buffer.from(chunk),
  };
  const { channels, sampleRate, blockAlign, bitsPerSample } = format;
  const fits = encoding === 'other' || blockAlign === channels * Math.ceil(bitsPerSample / 8);
  if (channels === 0 || sampleRate === 0 || blockAlign === 0 || !fits) {
    return { problem: 'whose header makes no sense', short: false };
  }
  return format;
}

/** The `fmt ` chunk of PCM. @param sampleRate Hz */
export function pcmFormat(sampleRate: number, channels = 1, bitsPerSample = 16): Uint8Array {
  const blockAlign = channels * Math.ceil(bitsPerSample / 8);
  const chunk = Buffer.alloc(16);
  chunk.writeUInt16LE(1, 0);
  chunk.writeUInt16LE(channels, 2);
  chunk.writeUInt32LE(sampleRate, 4);
  chunk.writeUInt32LE(sampleRate * blockAlign, 8);
  chunk.writeUInt16LE(blockAlign, 12);
  chunk.writeUInt16LE(bitsPerSample, 14);
  return chunk;
}

/**
 * A header for samples of a format. An odd number of bytes of samples has one more after it, of zero.
 * @param formatChunk what the `fmt ` chunk is to hold
 * @param dataLength bytes of samples; undefined: it is not known, and readers go on to the end
 */
export function makeWavHeader(formatChunk: Uint8Array, dataLength: number | undefined): Uint8Array {
  const formatBytes = formatChunk.length + (formatChunk.length % 2);
  const header = Buffer.alloc(12 + 8 + formatBytes + 8);
  header.write('RIFF\0\0\0\0WAVEfmt ', 'latin1');
  header.writeUInt32LE(formatChunk.length, 16);
  header.set(formatChunk, 20);
  header.write('data', 20 + formatBytes, 'latin1');
  const whole = dataLength === undefined ? UNKNOWN : header.length - 8 + dataLength + (dataLength % 2);
  const known = dataLength !== undefined && whole < UNKNOWN;
  header.writeUInt32LE(known ? whole : UNKNOWN, 4);
  header.writeUInt32LE(known ? dataLength : UNKNOWN, header.length - 4);
  return header;
}
