import { usageError } from '../errors.ts';
import { type AudioPart, isWithin, type PartLimits, partName, type SplitRequest } from './audio-part.ts';
import { ByteWindow } from './byte-window.ts';
import { filePieces } from './file-pieces.ts';
import {
  codedNumberBytes,
  DamagedFlac,
  type FlacFrame,
  flacFrames,
  flacHeader,
  renumbered,
} from './flac-frames.ts';
import { makeStreamStart, passMetadata, STREAM_START_BYTES, type StreamInfo } from './flac-stream.ts';

/**
 * Parts of a FLAC, cut between frames, each a stream of its own whose frames are numbered anew. Its metadata are left
 * out.
 * @returns none where it has no frames
 * @throws Failure (usage) for a header that makes no sense, and a frame that is damaged
 */
export async function splitFlac(request: SplitRequest): Promise<readonly AudioPart[]> {
  const window = new ByteWindow(filePieces(request, 0, request.size));
  try {
    const info = await passMetadata(window);
    if (info === undefined) throw usageError(`${request.name} is a FLAC whose header makes no sense`);
    const parts: FlacPart[] = [];
    let samples = 0;
    for await (const frame of flacFrames(window, info)) {
      if (parts.at(-1)?.takes(frame, request.limits) !== true) {
        parts.push(new FlacPart(frame, samples, info.sampleRate));
      }
      parts.at(-1)?.add(frame);
      samples += frame.header.blockSize;
    }
    return parts.map((part, index) => part.finish(request, info, index + 1));
  } catch (error) {
    if (!(error instanceof DamagedFlac)) throw error;
    throw usageError(`${request.name} is a FLAC that is damaged at byte ${error.offset}`, undefined, error);
  } finally {
    await window.close();
  }
}

/** A part that frames are added to. */
class FlacPart {
  readonly #firstSample: number;
  /** Hz. */
  readonly #sampleRate: number;
  /** Bytes from the start of the file. */
  readonly #from: number;
  /** Bytes of each frame as it is in the file: no header tells. */
  readonly #frameBytes: number[] = [];
  #bytes = STREAM_START_BYTES;
  #samples = 0;

  constructor({ offset }: FlacFrame, firstSample: number, sampleRate: number) {
    this.#from = offset;
    this.#firstSample = firstSample;
    this.#sampleRate = sampleRate;
  }

  takes(frame: FlacFrame, limits: PartLimits): boolean {
    const seconds = (this.#samples + frame.header.blockSize) / this.#sampleRate;
    return isWithin(limits, { bytes: this.#bytes + this.#sizeOf(frame), seconds });
  }

  add(frame: FlacFrame): void {
    this.#bytes += this.#sizeOf(frame);
    this.#frameBytes.push(frame.bytes.length);
    this.#samples += frame.header.blockSize;
  }

  /** Bytes that a frame takes with the number that it gets. */
  #sizeOf({ header, bytes }: FlacFrame): number {
    const number = header.variable ? this.#samples : this.#frameBytes.length;
    return bytes.length - header.numberBytes + codedNumberBytes(number);
  }

  finish(request: SplitRequest, info: StreamInfo, number: number): AudioPart {
    const [from, frameBytes, totalSamples] = [this.#from, this.#frameBytes, this.#samples];
    return {
      start: this.#firstSample / info.sampleRate,
      seconds: totalSamples / info.sampleRate,
      bytes: this.#bytes,
      type: 'audio/flac',
      name: partName(request.name, number, 'flac'),
      async *open() {
        yield makeStreamStart({ ...info, minFrame: 0, maxFrame: 0, totalSamples });
        yield* numberedAnew(request, from, frameBytes);
      },
    };
  }
}

async function* numberedAnew(request: SplitRequest, from: number, frameBytes: readonly number[]) {
  const to = frameBytes.reduce((sum, length) => sum + length, from);
  const window = new ByteWindow(filePieces(request, from, to));
  let samples = 0;
  try {
    for (const [index, length] of frameBytes.entries()) {
      await window.reach(length);
      const bytes = window.take(length);
      const header = flacHeader(bytes);
      if (header === undefined) throw usageError(`${request.name} changed while it was read`);
      yield renumbered({ header, bytes }, header.variable, header.variable ? samples : index);
      samples += header.blockSize;
    }
  } finally {
    await window.close();
  }
}
