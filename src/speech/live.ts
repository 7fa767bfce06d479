import type { Api } from '../api/client.ts';
import { openRealtime, type RealtimeSession } from '../api/realtime.ts';
import { problemIn } from '../api/realtime-ending.ts';
import { throwIfError } from '../api/realtime-events.ts';
import type { Joined } from '../audio/speech-parts.ts';
import type { Context } from '../context.ts';
import { Failure } from '../errors.ts';
import { warn } from '../output/messages.ts';
import { begun, inFormat, type LiveFormat, RATE } from './live-sound.ts';
import { misreading } from './misreading.ts';

/** What asks a model that converses to read aloud instead. */
const READ_ALOUD =
  'You are a voice that reads text aloud. Read the text of the user word for word, in its own language. Say nothing else: do not answer it, do not comment on it, leave nothing out and add nothing.';

export interface LiveSpeech {
  readonly model: string;
  readonly voice: string | { id: string };
  readonly speed: number | undefined;
  /** How to say it. */
  readonly instructions: string | undefined;
  readonly format: LiveFormat;
}

/**
 * Has the parts of a text read aloud, one after the other: resolves with the first sound of the first.
 * @throws Failure or Stopped
 */
export async function speakLive(
  [first, ...rest]: readonly [string, ...string[]],
  speech: LiveSpeech,
  api: Api,
  context: Context,
): Promise<Joined> {
  const reader = new LiveReader(speech, api, context);
  return inFormat(readAll(await reader.begin(first), rest, reader, api), speech.format);
}

async function* readAll(
  first: AsyncIterable<Uint8Array>,
  rest: readonly string[],
  reader: LiveReader,
  api: Api,
): AsyncGenerator<Uint8Array> {
  try {
    yield* first;
    for (const part of rest) yield* await reader.begin(part);
  } catch (error) {
    throw api.failure(error);
  } finally {
    reader.close();
  }
}

/** Reads part after part, in one session while that lasts. */
class LiveReader {
  readonly #speech: LiveSpeech;
  readonly #api: Api;
  readonly #context: Context;
  #session: RealtimeSession | undefined;

  constructor(speech: LiveSpeech, api: Api, context: Context) {
    this.#speech = speech;
    this.#api = api;
    this.#context = context;
  }

  /**
   * Asks for a part: a try that fails before its first sound is made again, in a new session.
   * @returns its sound, as it comes; what ends it early is thrown there, and `Api.failure` has the words for it
   * @throws Failure or Stopped
   */
  begin(text: string): Promise<AsyncIterable<Uint8Array>> {
    return this.#api.call(async (_, { signal }) => {
      try {
        this.#session ??= await this.#open(signal);
        return (await begun(read(text, this.#session, this.#context))) ?? NOTHING;
      } catch (error) {
        this.close();
        throw error;
      }
    });
  }

  close(): void {
    this.#session?.close();
    this.#session = undefined;
  }

  async #open(signal: AbortSignal): Promise<RealtimeSession> {
    const session = await openRealtime(this.#api, { model: this.#speech.model }, this.#context, signal);
    session.send({ type: 'session.update', session: sessionOf(this.#speech) });
    return session;
  }
}

const NOTHING: AsyncIterable<Uint8Array> = { async *[Symbol.asyncIterator]() {} };

function sessionOf({ voice, speed, instructions }: LiveSpeech) {
  const manner = instructions === undefined ? '' : `\n\nHow to read it: ${instructions}`;
  return {
    type: 'realtime' as const,
    output_modalities: ['audio' as const],
    instructions: `${READ_ALOUD}${manner}`,
    audio: {
      output: {
        format: { type: 'audio/pcm' as const, rate: RATE } as const,
        voice,
        ...(speed !== undefined && { speed }),
      },
    },
  };
}

async function* read(text: string, session: RealtimeSession, context: Context): AsyncGenerator<Uint8Array> {
  const message = {
    type: 'message' as const,
    role: 'user' as const,
    content: [{ type: 'input_text' as const, text }],
  };
  // Each part is asked for by itself: what was read before is no part of its conversation.
  session.send({ type: 'response.create', response: { conversation: 'none', input: [message] } });
  let isSilent = true;
  let said: string | undefined;
  for (;;) {
    const event = await session.next();
    throwIfError(event);
    if (event.type === 'response.output_audio.delta') {
      isSilent &&= event.delta === '';
      yield Buffer.from(event.delta, 'base64');
    } else if (event.type === 'response.output_audio_transcript.done') {
      said = `${said ?? ''}${event.transcript}`;
    } else if (event.type === 'response.done') {
      const problem = problemIn(event.response, 'the speech');
      if (problem !== undefined) throw problem;
      break;
    }
  }
  // A line of nothing but dots may well be passed over.
  if (isSilent && /[\p{L}\p{N}]/u.test(text)) throw new Failure('incomplete', 'the speech has no sound');
  const differs = said === undefined ? undefined : misreading(said, text);
  if (differs !== undefined) warn(context, `what was said differs from the text: ${differs}`);
}
