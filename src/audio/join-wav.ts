import { ByteWindow } from './byte-window.ts';
import { Agreement, badPart, type Joined, type Patch, type SpeechPart } from './speech-parts.ts';
import { makeWavHeader, readWavHeader, type WavHeader, wavHeader } from './wav.ts';

/** The samples of all parts behind one header, which says that their length is not known until it is patched. */
export function joinWav(parts: AsyncIterable<SpeechPart>): Joined {
  const written: Written = { formatChunk: undefined, dataLength: 0 };
  return { bytes: wav(parts, written), patch: () => patchOf(written) };
}

interface Written {
  formatChunk: Uint8Array | undefined;
  /** Bytes of samples. */
  dataLength: number;
}

async function* wav(parts: AsyncIterable<SpeechPart>, written: Written) {
  const agreement = new Agreement();
  for await (const part of parts) {
    const window = new ByteWindow(part.bytes);
    try {
      const { format, dataOffset, dataLength } = await headerOf(part, window);
      const { encoding, channels, sampleRate: Hz, bitsPerSample: bits } = format;
      agreement.check(part, { encoding, channels, Hz, bits });
      if (written.formatChunk === undefined) {
        written.formatChunk = format.chunk;
        yield makeWavHeader(format.chunk, undefined);
      }
      await window.skip(dataOffset - window.offset);
      for await (const piece of window.rest(dataLength)) {
        written.dataLength += piece.length;
        yield piece;
      }
      if (written.dataLength % format.blockAlign !== 0) throw badPart(part, 'ends in the middle of a sample');
    } finally {
      await window.close();
    }
  }
  // Chunks have an even length.
  if (written.dataLength % 2 === 1) yield new Uint8Array(1);
}

async function headerOf(part: SpeechPart, window: ByteWindow): Promise<WavHeader> {
  const reader = wavHeader();
  let step = reader.next();
  while (step.done !== true) {
    const { at, length } = step.value;
    await window.skip(at - window.offset);
    await window.reach(length);
    step = reader.next(window.ahead.subarray(0, length));
  }
  if (step.value === undefined) throw badPart(part, 'is no WAV');
  if ('problem' in step.value) throw badPart(part, `is a WAV ${step.value.problem}`);
  return step.value;
}

function patchOf({ formatChunk, dataLength }: Written): Patch | undefined {
  return formatChunk === undefined ? undefined : { offset: 0, bytes: makeWavHeader(formatChunk, dataLength) };
}

/** The header of a WAV is looked for in so many bytes. */
const START_BYTES = 64 * 1024;

/** A WAV as it is; the patch is for one that was written into a pipe, and does not know its length. */
export function mendWav(bytes: AsyncIterable<Uint8Array>): Joined {
  let start = Buffer.alloc(0);
  let total = 0;
  async function* counted() {
    for await (const piece of bytes) {
      total += piece.length;
      if (start.length < START_BYTES) start = Buffer.concat([start, piece]);
      yield piece;
    }
  }
  return { bytes: counted(), patch: () => lengthPatch(start, total) };
}

function lengthPatch(start: Buffer, total: number): Patch | undefined {
  const found = readWavHeader(start);
  if (found === undefined || 'problem' in found || start.toString('latin1', 0, 4) !== 'RIFF')
    return undefined;
  const { dataOffset, dataLength } = found;
  if (dataLength !== undefined && dataOffset + dataLength <= total) return undefined;
  const header = Buffer.from(start.subarray(0, dataOffset));
  if (total - 8 > 0xffffffff) return undefined;
  header.writeUInt32LE(total - 8, 4);
  header.writeUInt32LE(total - dataOffset, dataOffset - 4);
  return { offset: 0, bytes: header };
}
