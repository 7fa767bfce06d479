import { badPart, type Joined, NO_SOUND, type SpeechPart } from './speech-parts.ts';

/** Bytes of a sample: `pcm` is 24 kHz, 16 bits, one channel (OpenAI's guide to text to speech). */
const SAMPLE_BYTES = 2;

/** One part after the other. */
export function joinPcm(parts: AsyncIterable<SpeechPart>): Joined {
  return { bytes: pcm(parts), patch: () => undefined };
}

async function* pcm(parts: AsyncIterable<SpeechPart>) {
  for await (const part of parts) {
    let length = 0;
    for await (const piece of part.bytes) {
      length += piece.length;
      yield piece;
    }
    if (length === 0) throw badPart(part, NO_SOUND);
    // All that follows would be noise.
    if (length % SAMPLE_BYTES !== 0) throw badPart(part, 'ends in the middle of a sample');
  }
}
