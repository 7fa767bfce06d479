import { encodeMp3 } from '../audio/mp3-encoder.ts';
import type { Joined } from '../audio/speech-parts.ts';
import { makeWavHeader, pcmFormat } from '../audio/wav.ts';

/** Hz of the sound that the Realtime API gives (its PCM format; the SDK's types). */
export const RATE = 24_000;

/** The rates at which sound is recorded, in Hz: what is said to have another was not. */
export const [LOWEST_RATE, HIGHEST_RATE] = [4000, 384_000];

/** The formats that can be made of that sound here. */
export const liveFormats = ['mp3', 'wav', 'pcm'] as const;
export type LiveFormat = (typeof liveFormats)[number];

/** The sound of the Realtime API in a format. Where none comes, nothing is made of it: no header either. */
export function inFormat(pcm: AsyncIterable<Uint8Array>, format: LiveFormat): Joined {
  if (format === 'pcm') return { bytes: pcm, patch: () => undefined };
  if (format === 'mp3')
    return { bytes: unlessSilent(pcm, (sound) => encodeMp3(sound, RATE)), patch: () => undefined };
  let length = 0;
  async function* wav(sound: AsyncIterable<Uint8Array>) {
    yield makeWavHeader(pcmFormat(RATE), undefined);
    for await (const piece of sound) {
      length += piece.length;
      yield piece;
    }
  }
  const patch = () => ({ offset: 0, bytes: makeWavHeader(pcmFormat(RATE), length) });
  return { bytes: unlessSilent(pcm, wav), patch };
}

async function* unlessSilent(
  pcm: AsyncIterable<Uint8Array>,
  make: (sound: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const sound = await begun(pcm);
  if (sound === undefined) return;
  try {
    yield* make(sound);
  } finally {
    // Whoever left at the header has not come to the sound.
    await sound.return();
  }
}

/** The pieces of a sound. Whoever takes no more of them ends their source. */
export interface Pieces extends AsyncIterableIterator<Uint8Array> {
  return(): Promise<IteratorResult<Uint8Array>>;
}

/**
 * Waits for the first piece that is not empty.
 * @returns that piece and all after it; undefined where none comes
 * @throws whatever the source throws
 */
export async function begun(source: AsyncIterable<Uint8Array>): Promise<Pieces | undefined> {
  const pieces = source[Symbol.asyncIterator]();
  let first = await pieces.next();
  while (first.done !== true && first.value.length === 0) first = await pieces.next();
  if (first.done === true) return undefined;
  let waiting: IteratorResult<Uint8Array> | undefined = first;
  const sound: Pieces = {
    async next() {
      const next = waiting ?? (await pieces.next());
      waiting = undefined;
      return next;
    },
    async return() {
      await pieces.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => sound,
  };
  return sound;
}
