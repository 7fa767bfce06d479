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

/** Each sound by itself, to be read in order. What is behind the one that is being listened to is fetched meanwhile. */
async function* sounds(
  [, ...requests]: readonly SpeechRequest[],
  first: AsyncIterable<Uint8Array>,
  api: Api,
  context: Context,
): AsyncGenerator<AsyncIterable<Uint8Array>> {
  const ahead: Promise<Uint8Array>[] = [];
  const left = requests.values();
  const fetchAhead = () => {
    while (ahead.length < AT_ONCE - 1) {
      const request = left.next();
      if (request.done === true) return;
      const sound = readSpeech(api, request.value, context);
      // It is looked at when its turn comes.
      sound.catch(() => {});
      ahead.push(sound);
    }
  };
  async function* firstSound() {
    fetchAhead();
    yield* first;
  }
  async function* nextSound() {
    const sound = ahead.shift();
    fetchAhead();
    if (sound !== undefined) yield await sound;
  }
  yield firstSound();
  for (const _ of requests) yield nextSound();
}

async function* inWords(bytes: AsyncIterable<Uint8Array>, api: Api): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch (error) {
    throw api.failure(error);
  }
}
