import { joinFlac } from './join-flac.ts';
import { joinAac, joinMp3 } from './join-frames.ts';
import { joinPcm } from './join-pcm.ts';
import { joinWav, mendWav } from './join-wav.ts';
import type { Joined, SpeechPart } from './speech-parts.ts';

export type { Joined, Patch } from './speech-parts.ts';

/** The formats of `/audio/speech` (`response_format` in OpenAI's document): all of them can be joined. */
export const joinableFormats = ['mp3', 'opus', 'aac', 'flac', 'wav', 'pcm'] as const;

export type SpeechFormat = (typeof joinableFormats)[number];

const joins: Readonly<Record<SpeechFormat, (parts: AsyncIterable<SpeechPart>) => Joined>> = {
  mp3: joinMp3,
  aac: joinAac,
  flac: joinFlac,
  wav: joinWav,
  pcm: joinPcm,
  opus: (parts) => ({ bytes: loadAndJoinOpus(parts), patch: () => undefined }),
};

/** What reads and writes Ogg is large: it is loaded for that alone. */
async function* loadAndJoinOpus(parts: AsyncIterable<SpeechPart>) {
  const { joinOpus } = await import('./join-opus.ts');
  yield* joinOpus(parts);
}

/**
 * Joins the answers of several speech requests, in order, into one stream of the format, as their bytes arrive. One
 * answer is handed on as it is.
 * @param parts the second is asked for before the first byte is given: hand each over as soon as it is known that there
 *   is one; its bytes may come later. What it throws comes after the bytes of the parts before.
 * @throws Failure (network), out of `bytes`, when one of several parts is not of the format
 */
export function joinSpeech(format: SpeechFormat, parts: AsyncIterable<AsyncIterable<Uint8Array>>): Joined {
  let joined: Joined | undefined;
  async function* bytes() {
    const rest = parts[Symbol.asyncIterator]();
    try {
      const first = await rest.next();
      if (first.done === true) return;
      const second = rest.next();
      const single = await second.then(
        ({ done }) => done === true,
        () => false,
      );
      if (single) joined = alone(format, first.value);
      else joined = joins[format](numbered(first.value, second, rest));
      yield* joined.bytes;
    } finally {
      await rest.return?.();
    }
  }
  return { bytes: bytes(), patch: () => joined?.patch() };
}

function alone(format: SpeechFormat, bytes: AsyncIterable<Uint8Array>): Joined {
  return format === 'wav' ? mendWav(bytes) : { bytes, patch: () => undefined };
}

type Bytes = AsyncIterable<Uint8Array>;

async function* numbered(
  first: Bytes,
  second: Promise<IteratorResult<Bytes, unknown>>,
  rest: AsyncIterator<Bytes>,
): AsyncGenerator<SpeechPart, void, undefined> {
  yield { number: 1, bytes: first };
  let number = 2;
  for (let next = await second; next.done !== true; next = await rest.next()) {
    yield { number, bytes: next.value };
    number += 1;
  }
}
