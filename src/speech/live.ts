import type { Api } from '../api/client.ts';
import { openRealtime, type RealtimeSession } from '../api/realtime.ts';
import { encodeMp3 } from '../audio/mp3-encoder.ts';
import type { Joined } from '../audio/speech-parts.ts';
import { makeWavHeader, pcmFormat } from '../audio/wav.ts';
import type { Context } from '../context.ts';
import { Failure } from '../errors.ts';
import { warn } from '../output/messages.ts';

/** Hz of the sound that the Realtime API gives (its PCM format; the SDK's types). */
const RATE = 24_000;

/** The formats that can be made of that sound here. */
export const liveFormats = ['mp3', 'wav', 'pcm'] as const;
export type LiveFormat = (typeof liveFormats)[number];

/** The voices of the Realtime API (the SDK's types): not all that `/audio/speech` has. */
export const liveVoices: readonly string[] = [
  'alloy',
  'ash',
  'ballad',
  'cedar',
  'coral',
  'echo',
  'marin',
  'sage',
  'shimmer',
  'verse',
];

/**
 * The longest text of one response: 4,096 tokens of sound are some 200 seconds, in which about 3,000 characters are
 * said; half of that leaves room for slow voices.
 */
export const LIVE_CHARACTERS = 1500;

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

/** Opens a session that reads the parts of a text aloud, one after the other. @throws Failure or Stopped */
export async function speakLive(
  parts: readonly string[],
  speech: LiveSpeech,
  api: Api,
  context: Context,
): Promise<Joined> {
  const session = await openRealtime(api, speech.model, context.clock);
  return inFormat(read(parts, speech, session, api, context), speech.format);
}

async function* read(
  parts: readonly string[],
  speech: LiveSpeech,
  session: RealtimeSession,
  api: Api,
  context: Context,
): AsyncGenerator<Uint8Array> {
  try {
    session.send({ type: 'session.update', session: sessionOf(speech) });
    for (const part of parts) yield* readPart(part, session, context);
  } catch (error) {
    throw api.failure(error);
  } finally {
    session.close();
  }
}

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

async function* readPart(
  text: string,
  session: RealtimeSession,
  context: Context,
): AsyncGenerator<Uint8Array> {
  const message = {
    type: 'message' as const,
    role: 'user' as const,
    content: [{ type: 'input_text' as const, text }],
  };
  // Each part is asked for by itself: what was read before is no part of its conversation.
  session.send({ type: 'response.create', response: { conversation: 'none', input: [message] } });
  let said = '';
  for (;;) {
    const event = await session.next();
    if (event.type === 'response.output_audio.delta') yield Buffer.from(event.delta, 'base64');
    else if (event.type === 'response.output_audio_transcript.done') said += event.transcript;
    else if (event.type === 'error') throw refused(event.error);
    else if (event.type === 'response.done') {
      throwUnlessWhole(event.response.status_details);
      break;
    }
  }
  if (lettersOf(said) !== lettersOf(text)) {
    warn(context, `what was said differs from the text: ${excerpt(said, text)}`);
  }
}

function refused({ message, code, type }: { message: string; code?: string | null; type: string }): Failure {
  const kind = type === 'invalid_request_error' ? 'refused' : 'network';
  return new Failure(kind, message, { code: code ?? type });
}

/** @throws Failure where the model stopped before its end */
function throwUnlessWhole(
  details:
    | { readonly type?: string; readonly reason?: string; readonly error?: { code?: string; type?: string } }
    | undefined,
): void {
  if (details?.reason === 'content_filter') {
    throw new Failure('verdict', 'the speech was cut off by the content filter', { code: 'content_filter' });
  }
  if (details?.reason !== undefined) {
    throw new Failure('incomplete', `the speech broke off: ${details.reason}`, { code: details.reason });
  }
  if (details?.type === 'failed') {
    throw new Failure('network', `the speech failed: ${details.error?.code ?? 'no reason given'}`);
  }
}

/** Only what is heard: letters and digits, in lower case. */
function lettersOf(text: string): string {
  return (
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
  ).join('');
}

/** Characters of an excerpt. */
const EXCERPT = 40;

/** The place where two texts part. */
function excerpt(said: string, text: string): string {
  const [saidWords, textWords] = [said.split(/\s+/), text.split(/\s+/)];
  const at = textWords.findIndex((word, index) => lettersOf(word) !== lettersOf(saidWords[index] ?? ''));
  const from = Math.max(at, 0);
  const shown = (words: readonly string[]) => words.slice(from).join(' ').slice(0, EXCERPT);
  return `"${shown(saidWords)}" for "${shown(textWords)}"`;
}

function inFormat(pcm: AsyncIterable<Uint8Array>, format: LiveFormat): Joined {
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

/** What is made of a sound; nothing, and no header either, where none comes. */
async function* unlessSilent(
  pcm: AsyncIterable<Uint8Array>,
  make: (sound: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const pieces = pcm[Symbol.asyncIterator]();
  const first = await pieces.next();
  if (first.done === true) return;
  async function* whole() {
    try {
      yield first.value;
      for (let next = await pieces.next(); next.done !== true; next = await pieces.next()) yield next.value;
    } finally {
      await pieces.return?.();
    }
  }
  yield* make(whole());
}
