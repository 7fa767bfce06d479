import { Failure } from '../errors.ts';
import { ByteWindow } from './byte-window.ts';
import { Agreement, badPart, type Joined, NO_SOUND, type Patch, type SpeechPart } from './speech-parts.ts';
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
      const before = written.dataLength;
      for await (const piece of window.rest(knownLength(dataLength))) {
        written.dataLength += piece.length;
        yield piece;
      }
      const problem = lengthProblem(dataLength, written.dataLength - before);
      if (problem !== undefined) throw badPart(part, problem);
      if (written.dataLength % format.blockAlign !== 0) throw badPart(part, 'ends in the middle of a sample');
    } finally {
      await window.close();
    }
  }
  // Chunks have an even length.
  if (written.dataLength % 2 === 1) yield new Uint8Array(1);
}

/**
 * Writers into a pipe, who cannot know the length, write the largest that there is, or one near it: 0x7ffff000 (SoX,
 * `wav.c`), 0x7fffffff and 0x80000000 (others, less a header). No speech is as long: of 24 kHz these are 12 hours.
 */
const PLACEHOLDERS = 0x7fff_0000;

/** @returns undefined where the length that a header tells is none */
function knownLength(dataLength: number | undefined): number | undefined {
  return dataLength !== undefined && dataLength < PLACEHOLDERS ? dataLength : undefined;
}

/** What is wrong where there are fewer samples than there should be. @param came bytes */
function lengthProblem(dataLength: number | undefined, came: number): string | undefined {
  const told = knownLength(dataLength);
  if (told !== undefined && came < told) {
    return `breaks off: its header tells of ${told} bytes of samples, ${came} came`;
  }
  return came === 0 ? NO_SOUND : undefined;
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

/**
 * A WAV as it is; the patch is for one that was written into a pipe, and does not know its length.
 * @throws Failure (network), out of `bytes` and after the last of them, where it is cut
 */
export function mendWav(bytes: AsyncIterable<Uint8Array>): Joined {
  let start = Buffer.alloc(0);
  let total = 0;
  async function* counted() {
    for await (const piece of bytes) {
      total += piece.length;
      if (start.length < START_BYTES) start = Buffer.concat([start, piece]);
      yield piece;
    }
    const problem = cutProblem(start, total);
    if (problem !== undefined) throw new Failure('network', `the speech ${problem}`);
  }
  return { bytes: counted(), patch: () => lengthPatch(start, total) };
}

/** What is wrong with a WAV that is cut. What is no WAV at all is handed on. */
function cutProblem(start: Buffer, total: number): string | undefined {
  const found = readWavHeader(start);
  if (found === undefined) return undefined;
  if (!('problem' in found)) return lengthProblem(found.dataLength, total - found.dataOffset);
  return found.short && start.length === total ? `is a WAV ${found.problem}` : undefined;
}

function lengthPatch(start: Buffer, total: number): Patch | undefined {
  const found = readWavHeader(start);
  if (found === undefined || 'problem' in found || start.toString('latin1', 0, 4) !== 'RIFF')
    return undefined;
  const { dataOffset, dataLength } = found;
  if (knownLength(dataLength) !== undefined) return undefined;
  const header = Buffer.from(start.subarray(0, dataOffset));
  if (total - 8 > 0xffffffff) return undefined;
  header.writeUInt32LE(total - 8, 4);
  header.writeUInt32LE(total - dataOffset, dataOffset - 4);
  return { offset: 0, bytes: header };
}
