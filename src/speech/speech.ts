import type { Api } from '../api/client.ts';
import { readSpeech, type SpeechRequest } from '../api/speech.ts';
import { joinSpeech, type SpeechFormat } from '../audio/join.ts';
import type { Joined } from '../audio/speech-parts.ts';
import type { Context } from '../context.ts';

/** Requests that are under way at the same time. */
const AT_ONCE = 4;

/**
 * Speaks the parts of a text, in parallel, and joins them in order into one sound, whose bytes come as they arrive.
 * @param first the answer to the first request, which has been made to see that it can be
 */
export function speakParts(
  requests: readonly SpeechRequest[],
  first: AsyncIterable<Uint8Array>,
  format: SpeechFormat,
  api: Api,
  context: Context,
): Joined {
  const joined = joinSpeech(format, sounds(requests, first, api, context));
  return { bytes: inWords(joined.bytes, api), patch: joined.patch };
}

/** Each sound by itself. What is behind the one that is being listened to is fetched meanwhile. */
async function* sounds(
  requests: readonly SpeechRequest[],
  first: AsyncIterable<Uint8Array>,
  api: Api,
  context: Context,
): AsyncGenerator<AsyncIterable<Uint8Array>> {
  const fetched = new Map<number, Promise<Uint8Array>>();
  const fetchAhead = (from: number) => {
    for (const [index, request] of requests.entries()) {
      if (index < Math.max(from, 1) || index >= from + AT_ONCE || fetched.has(index)) continue;
      const sound = readSpeech(api, request, context);
      // It is looked at when its turn comes.
      sound.catch(() => {});
      fetched.set(index, sound);
    }
  };
  async function* sound(index: number): AsyncGenerator<Uint8Array> {
    fetchAhead(index);
    if (index === 0) yield* first;
    else yield (await fetched.get(index)) ?? new Uint8Array();
    fetched.delete(index);
  }
  for (const index of requests.keys()) yield sound(index);
}

async function* inWords(bytes: AsyncIterable<Uint8Array>, api: Api): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch (error) {
    throw api.failure(error);
  }
}
