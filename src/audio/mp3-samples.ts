import { MPEGDecoder } from 'mpg123-decoder';
import type { ByteWindow } from './byte-window.ts';
import { mp3Frames } from './mp3-frames.ts';

/** Bytes that are decoded at a time, at most. */
const MOST_BYTES = 1 << 16;

/** Samples of one channel, of full scale 1. */
export interface RatedSamples {
  readonly samples: Float32Array;
  /** Hz */
  readonly rate: number;
}

/**
 * Decodes an MP3 as it comes.
 * @param batch frames are gathered up to so many bytes before they are decoded
 */
export async function* mp3Samples(window: ByteWindow, batch = MOST_BYTES): AsyncGenerator<RatedSamples> {
  const decoder = new MPEGDecoder();
  await decoder.ready;
  try {
    for await (const frames of framesOf(window, batch)) {
      const { channelData, sampleRate, samplesDecoded } = decoder.decode(frames);
      if (samplesDecoded > 0) yield { samples: mixed(channelData), rate: sampleRate };
    }
  } finally {
    decoder.free();
  }
}

/** The frames of an MP3, many at a time. The decoder is given nothing else. */
async function* framesOf(window: ByteWindow, batch: number): AsyncGenerator<Uint8Array> {
  let gathered: Uint8Array[] = [];
  let length = 0;
  for await (const frame of mp3Frames(window)) {
    gathered.push(frame.bytes);
    length += frame.bytes.length;
    if (length < batch) continue;
    yield Buffer.concat(gathered);
    gathered = [];
    length = 0;
  }
  if (length > 0) yield Buffer.concat(gathered);
}

/** The mean of the channels. */
function mixed([first = new Float32Array(0), ...others]: readonly Float32Array[]): Float32Array {
  const all = 1 + others.length;
  return first.map((sample, index) => others.reduce((sum, other) => sum + (other[index] ?? 0), sample) / all);
}
