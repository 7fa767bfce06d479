import { ByteWindow } from './byte-window.ts';
import { DamagedFlac, flacFrames, renumbered } from './flac-frames.ts';
import { makeStreamStart, passMetadata, type StreamInfo } from './flac-stream.ts';
import { Agreement, BROKEN_FRAME, badPart, type Joined, NO_SOUND, type SpeechPart } from './speech-parts.ts';
import { id3v1Length } from './tags.ts';

/**
 * The frames of all parts behind one start, numbered by their first sample: the last frame of a part is shorter than
 * the others, which a stream whose frames are numbered by themselves has at its end only (RFC 9639, section 9.1).
 */
export function joinFlac(parts: AsyncIterable<SpeechPart>): Joined {
  const written: Written = { info: undefined, samples: 0, maxBlock: 0, minFrame: 0, maxFrame: 0 };
  return { bytes: flac(parts, written), patch: () => patchOf(written) };
}

interface Written {
  /** Of the first part. */
  info: StreamInfo | undefined;
  samples: number;
  maxBlock: number;
  minFrame: number;
  maxFrame: number;
}

/** Section 8.2: what is written before the blocks are known may be wider than they are. */
const ANY_BLOCKS = { minBlock: 16, maxBlock: 65_535, minFrame: 0, maxFrame: 0, totalSamples: 0 } as const;

async function* flac(parts: AsyncIterable<SpeechPart>, written: Written) {
  const agreement = new Agreement();
  for await (const part of parts) {
    const window = new ByteWindow(part.bytes);
    try {
      const info = await passMetadata(window);
      if (info === undefined) throw badPart(part, 'is no FLAC');
      const { channels, sampleRate: Hz, bitsPerSample: bits } = info;
      agreement.check(part, { channels, Hz, bits });
      if (written.info === undefined) {
        written.info = info;
        yield makeStreamStart({ ...info, ...ANY_BLOCKS });
      }
      const before = written.samples;
      for await (const frame of flacFrames(window, info)) {
        const bytes = renumbered(frame, true, written.samples);
        count(written, frame.header.blockSize, bytes.length);
        yield bytes;
      }
      const rest = window.ahead;
      if (rest.length > 0 && id3v1Length(rest) === 0) throw badPart(part, BROKEN_FRAME);
      checkSamples(part, info.totalSamples, written.samples - before);
    } catch (error) {
      throw error instanceof DamagedFlac ? badPart(part, 'is a damaged FLAC') : error;
    } finally {
      await window.close();
    }
  }
}

/**
 * @param told by the header; 0: it does not know
 * @throws Failure where some or all are missing
 */
function checkSamples(part: SpeechPart, told: number, came: number): void {
  if (came === 0) throw badPart(part, NO_SOUND);
  if (came < told) throw badPart(part, `breaks off: its header tells of ${told} samples, ${came} came`);
}

function count(written: Written, blockSize: number, frameBytes: number): void {
  written.minFrame = written.samples === 0 ? frameBytes : Math.min(written.minFrame, frameBytes);
  written.samples += blockSize;
  written.maxBlock = Math.max(written.maxBlock, blockSize);
  written.maxFrame = Math.max(written.maxFrame, frameBytes);
}

function patchOf({ info, samples, maxBlock, minFrame, maxFrame }: Written) {
  if (info === undefined || samples === 0) return undefined;
  const known = { maxBlock: Math.max(maxBlock, 16), minFrame, maxFrame, totalSamples: samples };
  return { offset: 0, bytes: makeStreamStart({ ...info, ...ANY_BLOCKS, ...known }) };
}
