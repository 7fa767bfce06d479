import type { RatedSamples } from '../audio/mp3-samples.ts';
import { Resampler } from '../audio/resample.ts';
import { usageError } from '../errors.ts';
import { RATE } from '../speech/live-sound.ts';

/** Bytes of a tenth of a second: as much is sent at a time, and as much the API wants at least. */
export const PIECE_BYTES = RATE / 5;

/** Samples of any rate as PCM of the API's. */
export async function* resampled(samples: AsyncIterable<RatedSamples>): AsyncGenerator<Uint8Array> {
  let resampler: { readonly of: Resampler; readonly rate: number } | undefined;
  for await (const { samples: some, rate } of samples) {
    if (resampler !== undefined && resampler.rate !== rate) {
      yield pcm16(resampler.of.end());
      resampler = undefined;
    }
    resampler ??= { of: new Resampler(rate, RATE), rate };
    yield pcm16(rate === RATE ? some : resampler.of.push(some));
  }
  if (resampler !== undefined && resampler.rate !== RATE) yield pcm16(resampler.of.end());
}

function pcm16(samples: Float32Array): Uint8Array {
  const bytes = Buffer.alloc(samples.length * 2);
  for (let index = 0; index < samples.length; index += 1) {
    const level = Math.round((samples[index] ?? 0) * 0x8000);
    bytes.writeInt16LE(Math.max(-0x8000, Math.min(0x7fff, level)), index * 2);
  }
  return bytes;
}

/**
 * Bytes in pieces of one size, however they come: the same sound is sent in the same way each time. The last one is
 * filled with silence where it is all that there is.
 * @throws Failure (usage) where there is no sound at all
 */
export async function* asPieces(bytes: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
  let rest = Buffer.alloc(0);
  let isEmpty = true;
  for await (const piece of bytes) {
    rest = rest.length === 0 ? Buffer.from(piece) : Buffer.concat([rest, piece]);
    let at = 0;
    for (; at + PIECE_BYTES <= rest.length; at += PIECE_BYTES) {
      isEmpty = false;
      yield rest.subarray(at, at + PIECE_BYTES);
    }
    rest = rest.subarray(at);
  }
  if (rest.length > 0) {
    yield isEmpty ? Buffer.concat([rest], PIECE_BYTES) : rest;
  } else if (isEmpty) throw usageError(`${name} has no sound in it`);
}
