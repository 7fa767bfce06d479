import type { Api } from '../api/client.ts';
import { defaultModels, hasEnded, REALTIME_MODEL } from '../api/models.ts';
import { noteRetirement } from '../api/notices.ts';
import type { SpeechRequest } from '../api/speech.ts';
import { liveVoice, type Via, voiceField, voicesVia } from '../api/voices.ts';
import type { SpeechFormat } from '../audio/join.ts';
import type { Joined } from '../audio/speech-parts.ts';
import type { Context } from '../context.ts';
import { Failure, Stopped, usageError } from '../errors.ts';
import { withParams } from '../input/params.ts';
import type { JsonObject } from '../json.ts';
import { warn } from '../output/messages.ts';

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
  readonly voice: string;
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
  const { chosen, via } = wish;
  const way = via ?? (/^gpt-realtime/.test(chosen ?? '') ? 'realtime' : 'speech');
  if (way === 'realtime') return realtimeRoute(wish, api, context);
  const hasNotEnded = !hasEnded(defaultModels.speak, context.clock.now());
  return hasNotEnded || !mayGiveWay(wish, api)
    ? speechRoute(wish, api, context)
    : succeed(wish, api, context);
}

/** Where the user chose neither model nor way, a default that has ended gives way to its successor (design, section 3 a). */
function mayGiveWay({ chosen, via }: Wish, { settings }: Api): boolean {
  return chosen === undefined && via === undefined && settings.isOpenAI;
}

/** The way that takes the place of the default, with a voice that is to be had there. */
function succeed(wish: Wish, api: Api, context: Context): Promise<Route> {
  warn(context, `${defaultModels.speak} has ended; ${REALTIME_MODEL} takes its place`);
  const voice = liveVoice(wish.voice);
  if (voice !== wish.voice) {
    warn(context, `the voice ${wish.voice} has ended with it; ${voice} takes its place`);
  }
  return realtimeRoute({ ...wish, voice }, api, context);
}

/** @throws Failure (usage) on a voice that OpenAI does not have there; other servers have their own */
function checkVoice(name: string, via: Via, { settings }: Api): void {
  const known = voicesVia(via);
  if (!settings.isOpenAI || known.includes(name) || name.startsWith('voice_')) return;
  const hint = '`oai speak --voices` says what they are like';
  if (voicesVia('speech').includes(name)) {
    throw usageError(`--voice ${name} is not to be had by the Realtime API: ${known.join(', ')} are`, hint);
  }
  throw usageError(`--voice ${name} is none of ${known.join(', ')}`, hint);
}

/** Fields of a request that this program must know of, and what to use in the place of `--param`. */
const OWN_FIELDS: Readonly<Record<string, string>> = {
  input: 'give the text as words, or pipe it in',
  response_format: '-f is the format',
  stream_format: 'the sound is always written as it comes',
};

/** @throws Failure (usage) */
function checkParams(params: JsonObject): void {
  for (const [field, hint] of Object.entries(OWN_FIELDS)) {
    if (Object.hasOwn(params, field)) throw usageError(`--param ${field} is not for speak`, hint);
  }
}

/** The way by `/audio/speech`. @throws Failure (usage) on what it does not take */
async function speechRoute(wish: Wish, api: Api, context: Context): Promise<Route> {
  const { said, voice, speed, instructions, format, chosen, params } = wish;
  const model = chosen ?? defaultModels.speak;
  // The default's end is this program's own affair.
  if (chosen !== undefined) noteRetirement(chosen, api, context);
  checkVoice(voice, 'speech', api);
  checkParams(params);
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
  return {
    model,
    voice,
    parts: requests.length,
    async open() {
      const { openSpeech } = await import('../api/speech.ts');
      const { speakParts } = await import('./speech.ts');
      const [first] = requests;
      if (first === undefined) throw usageError('no text');
      return speakParts(requests, await openSpeech(api, first, context), format, api, context);
    },
    show: () => showRequests(requests, api, context),
    ...(mayGiveWay(wish, api) && { successor: () => succeed(wish, api, context) }),
  };
}

/** The way by the Realtime API: a model that converses reads aloud. @throws Failure (usage) on what it does not take */
async function realtimeRoute(wish: Wish, api: Api, context: Context): Promise<Route> {
  const { liveFormats } = await import('./live-sound.ts');
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
  checkVoice(voice, 'realtime', api);
  const model = chosen ?? REALTIME_MODEL;
  const { splitText } = await import('./split-text.ts');
  const { liveLimits } = await import('./live-limits.ts');
  const parts = splitText(said, liveLimits);
  const speech = { model, voice: voiceField(voice), speed, instructions, format };
  const open = async () => {
    const { speakLive } = await import('./live.ts');
    const [first, ...rest] = parts;
    if (first === undefined) throw usageError('no text');
    return speakLive([first, ...rest], speech, api, context);
  };
  // Of a dry run the first event is shown.
  return { model, voice, parts: parts.length, open, show: async () => void (await open()) };
}

/** The fastest speed of the Realtime API (the SDK's types, `speed` of its audio output). */
const FASTEST_LIVE = 1.5;

/** The most characters of a request, and of gpt-4o-mini-tts the most tokens (the API's reference; OpenAI's page of the model). */
const MOST_CHARACTERS = 4096;
const MOST_TOKENS = 2000;

async function partsOf(said: string, model: string): Promise<string[]> {
  const { splitText } = await import('./split-text.ts');
  const counts = /^gpt-4o-mini-tts/.test(model) && Buffer.byteLength(said) > MOST_TOKENS;
  // A token is a byte or more.
  if (!counts) return splitText(said, { characters: MOST_CHARACTERS });
  const { countO200k } = await import('../tokens/o200k.ts');
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
export async function openRoute(route: Route): Promise<{ joined: Joined; route: Route }> {
  try {
    return { joined: await route.open(), route };
  } catch (error) {
    const isGone = error instanceof Failure && (error.code === 'model_not_found' || error.status === 410);
    if (!isGone || route.successor === undefined) throw error;
    const successor = await route.successor();
    return { joined: await successor.open(), route: successor };
  }
}
