import type { Api } from '../api/client.ts';
import { defaultModels, hasEnded, REALTIME_MODEL } from '../api/models.ts';
import { noteRetirement } from '../api/notices.ts';
import type { SpeechRequest } from '../api/speech.ts';
import type { SpeechFormat } from '../audio/join.ts';
import type { Joined } from '../audio/speech-parts.ts';
import type { Context } from '../context.ts';
import { Failure, Stopped, usageError } from '../errors.ts';
import { withParams } from '../input/params.ts';
import type { JsonObject } from '../json.ts';
import { warn } from '../output/messages.ts';
import { voiceField, voices } from './voices.ts';

/** The ways to have a text said: `/audio/speech`, or a conversation over the Realtime API. */
export type Via = 'speech' | 'realtime';

/** What is to be said, and how. */
export interface Wish {
  readonly said: string;
  readonly voice: string;
  readonly speed: number | undefined;
  readonly instructions: string | undefined;
  readonly format: SpeechFormat;
  /** The model that the user chose. */
  readonly chosen: string | undefined;
  /** The route that the user chose. */
  readonly via: Via | undefined;
  /** The fields of `--param`. */
  readonly params: JsonObject;
}

/** A way to have it said. */
export interface Route {
  readonly model: string;
  /** How many requests or responses it takes. */
  readonly parts: number;
  /** @throws Failure or Stopped */
  open(): Promise<Joined>;
  /** Shows the requests of a dry run. */
  show(): Promise<void>;
  /** The way to go where the model turns out to be gone. */
  readonly successor?: () => Promise<Route>;
}

/** Finds the way to have it said. @throws Failure (usage) on what that way does not take */
export function findRoute(wish: Wish, api: Api, context: Context): Promise<Route> {
  const via = routeOf(wish, api, context);
  return via === 'realtime' ? realtimeRoute(wish, api, context) : speechRoute(wish, api, context);
}

/** Where the user chose no model, a default that has ended gives way to its successor (design, section 3 a). */
function routeOf({ chosen, via }: Wish, { settings }: Api, context: Context): Via {
  if (via !== undefined) return via;
  if (chosen !== undefined) return /^gpt-realtime/.test(chosen) ? 'realtime' : 'speech';
  if (!settings.isOpenAI || !hasEnded(defaultModels.speak, context.clock.now())) return 'speech';
  noteSuccession(context);
  return 'realtime';
}

function noteSuccession(context: Context): void {
  warn(context, `${defaultModels.speak} has ended; ${REALTIME_MODEL} takes its place`);
}

/** @throws Failure (usage) on a voice that OpenAI does not have there; other servers have their own */
function checkVoice(name: string, known: readonly string[], { settings }: Api): void {
  if (!settings.isOpenAI || known.includes(name) || name.startsWith('voice_')) return;
  throw usageError(
    `--voice ${name} is none of ${known.join(', ')}`,
    '`oai speak --voices` says what they are like',
  );
}

/** The way by `/audio/speech`. @throws Failure (usage) on what it does not take */
async function speechRoute(wish: Wish, api: Api, context: Context): Promise<Route> {
  const { said, voice, speed, instructions, format, chosen, via, params } = wish;
  const model = chosen ?? defaultModels.speak;
  // The default's end is this program's own affair.
  if (chosen !== undefined) noteRetirement(chosen, api, context);
  checkVoice(
    voice,
    voices.map((known) => known.voice),
    api,
  );
  if (instructions !== undefined && /^tts-1/.test(model)) {
    throw usageError(`${model} takes no --instructions`, `-m ${defaultModels.speak} does`);
  }
  const fields = {
    model,
    voice: voiceField(voice),
    response_format: format,
    ...(instructions !== undefined && { instructions }),
    ...(speed !== undefined && { speed }),
  };
  const requests = (await partsOf(said, model)).map((input) => toRequest({ ...fields, input }, params));
  const mayGiveWay = chosen === undefined && via === undefined && api.settings.isOpenAI;
  return {
    model,
    parts: requests.length,
    async open() {
      const { openSpeech } = await import('../api/speech.ts');
      const { speakParts } = await import('../speech/speech.ts');
      const [first] = requests;
      if (first === undefined) throw usageError('no text');
      return speakParts(requests, await openSpeech(api, first, context), format, api, context);
    },
    show: () => showRequests(requests, api, context),
    ...(mayGiveWay && { successor: () => realtimeRoute(wish, api, context) }),
  };
}

/** The way by the Realtime API: a model that converses reads aloud. @throws Failure (usage) on what it does not take */
async function realtimeRoute(wish: Wish, api: Api, context: Context): Promise<Route> {
  const { LIVE_CHARACTERS, liveFormats, liveVoices, speakLive } = await import('../speech/live.ts');
  const { splitText } = await import('../speech/split-text.ts');
  const { said, voice, speed, instructions, chosen } = wish;
  const format = liveFormats.find((known) => known === wish.format);
  if (format === undefined) {
    throw usageError(
      `${wish.format} is not to be had by the Realtime API`,
      `-f ${liveFormats.join(', ')} are`,
    );
  }
  if ((speed ?? 1) > FASTEST_LIVE) {
    throw usageError(`--speed ${speed} is too fast for the Realtime API: its most is ${FASTEST_LIVE}`);
  }
  if (Object.keys(wish.params).length > 0) throw usageError('--param does not go with the Realtime API here');
  checkVoice(voice, liveVoices, api);
  const model = chosen ?? REALTIME_MODEL;
  const parts = splitText(said, { characters: LIVE_CHARACTERS });
  const speech = { model, voice: voiceField(voice), speed, instructions, format };
  return {
    model,
    parts: parts.length,
    open: () => speakLive(parts, speech, api, context),
    async show() {
      throw usageError('--dry-run shows requests over HTTP, and the Realtime API has none');
    },
  };
}

/** The fastest speed of the Realtime API (the SDK's types, `speed` of its audio output). */
const FASTEST_LIVE = 1.5;

/** The most characters of a request, and of gpt-4o-mini-tts the most tokens (the API's reference; OpenAI's page of the model). */
const MOST_CHARACTERS = 4096;
const MOST_TOKENS = 2000;

async function partsOf(said: string, model: string): Promise<string[]> {
  const { splitText } = await import('../speech/split-text.ts');
  const counts = /^gpt-4o-mini-tts/.test(model) && Buffer.byteLength(said) > MOST_TOKENS;
  // A token is a byte or more.
  if (!counts) return splitText(said, { characters: MOST_CHARACTERS });
  const { countO200k } = await import('../speech/tokens.ts');
  return splitText(said, { characters: MOST_CHARACTERS, tokens: { most: MOST_TOKENS, count: countO200k } });
}

function toRequest(request: SpeechRequest, params: JsonObject): SpeechRequest {
  return withParams({ ...request }, params) as SpeechRequest;
}

/** Shows each request of a dry run. */
async function showRequests(requests: readonly SpeechRequest[], api: Api, context: Context): Promise<void> {
  const { openSpeech } = await import('../api/speech.ts');
  let shown: unknown;
  for (const request of requests) {
    await openSpeech(api, request, context).catch((error: unknown) => {
      if (!(error instanceof Stopped) || error.by !== 'dry run') throw error;
      shown = error;
    });
  }
  throw shown;
}

/** Goes the way, or the one that takes its place where the API says that the model is gone. */
export async function openRoute(route: Route, context: Context): Promise<{ joined: Joined; route: Route }> {
  try {
    return { joined: await route.open(), route };
  } catch (error) {
    const isGone = error instanceof Failure && (error.code === 'model_not_found' || error.status === 410);
    if (!isGone || route.successor === undefined) throw error;
    noteSuccession(context);
    const successor = await route.successor();
    return { joined: await successor.open(), route: successor };
  }
}
