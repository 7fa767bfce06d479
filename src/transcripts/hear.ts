import type { Api } from '../api/client.ts';
import {
  streamTranscript,
  type TranscriptionCall,
  type TranscriptionEvent,
  transcribe,
} from '../api/transcriptions.ts';
import type { Slots } from '../bulk/slots.ts';
import type { Context } from '../context.ts';
import { Failure, Stopped } from '../errors.ts';
import { warn } from '../output/messages.ts';
import type { Place } from './answers.ts';
import { livePart } from './live-part.ts';
import type { Recording } from './opened-input.ts';
import { ask, type Heard, type PartCall, Turns } from './part.ts';
import { roomBeside } from './request.ts';
import { type SoundLimits, type SoundPart, type SoundParts, soundParts } from './sound-parts.ts';

export type { Heard } from './part.ts';

/** What is done with each part of a recording. */
export interface Hearing {
  readonly fields: TranscriptionCall['fields'];
  readonly endpoint: TranscriptionCall['endpoint'];
  readonly limits: SoundLimits;
  /** Of `--speaker`. */
  readonly speakers: readonly string[];
}

/** What all recordings of a run share. */
export interface Ears {
  /** Each request has a time of its own: a recording may have any number of parts. */
  readonly api: Api;
  readonly context: Context;
  /** Requests that are under way at the same time. */
  readonly slots: Slots;
  /** Told into how many requests a recording goes. */
  onParts(count: number): void;
  /** Told when a part has been heard. @param seconds undefined where its length is not known */
  onHeard(seconds: number | undefined): void;
}

/**
 * Asks what is said in a recording: in one request, or in several at a time where it is too large or too long for one.
 * The answers come in order. What comes after a part that failed is given up.
 * @throws Failure that says which part failed; Stopped
 */
export async function* hear(recording: Recording, hearing: Hearing, ears: Ears): AsyncGenerator<Heard> {
  for await (const item of withParts(recording, hearing, ears, (calls) => inOrder(calls, false))) {
    if ('answer' in item) yield item;
  }
}

/**
 * The same, as it is recognised: the first part as events, the rest as answers.
 * @throws Failure that says which part failed; Stopped
 */
export async function* hearLive(
  recording: Recording,
  hearing: Hearing,
  ears: Ears,
): AsyncGenerator<Heard | TranscriptionEvent> {
  yield* withParts(recording, hearing, ears, (calls) => inOrder(calls, true));
}

/** Makes the parts, and makes them anew, smaller, where the server says that the first is too large or too long. */
async function* withParts(
  recording: Recording,
  hearing: Hearing,
  ears: Ears,
  work: (calls: readonly PartCall[]) => AsyncGenerator<Heard | TranscriptionEvent>,
): AsyncGenerator<Heard | TranscriptionEvent> {
  let most = hearing.limits;
  for (;;) {
    const sound: SoundParts = await soundParts(recording, most, ears.context);
    let begun = false;
    try {
      ears.onParts(sound.parts.length);
      const calls = callsFor(sound.parts, recording, hearing, ears);
      for await (const result of work(calls)) {
        begun = true;
        yield result;
      }
      return;
    } catch (error) {
      const less = begun ? undefined : smaller(error, recording, hearing, most);
      if (less === undefined) throw error;
      most = less;
    } finally {
      await sound.dispose();
    }
  }
}

function callsFor(
  parts: readonly SoundPart[],
  { name }: Recording,
  { fields, endpoint, speakers }: Hearing,
  ears: Ears,
): PartCall[] {
  return parts.map((sound, index) => {
    const place: Place = { start: sound.start, number: index + 1, count: parts.length, speakers };
    return { call: { sound, fields, endpoint }, place, recording: name, ears };
  });
}

/** What a request is refused for that parts of the recording would not be. */
function smaller(
  error: unknown,
  { size }: Recording,
  { fields }: Hearing,
  { bytes, seconds }: SoundLimits,
): SoundLimits | undefined {
  if (!(error instanceof Failure) || error.kind !== 'refused') return undefined;
  const room = roomBeside(fields);
  // A server that takes less than OpenAI does not say how much: the same would be sent again.
  if (error.status === 413 && bytes === undefined && size >= room) return { bytes: room, seconds };
  const [, told] = /longer than (\d+(?:\.\d+)?) seconds/.exec(error.message) ?? [];
  const longest = Number(told);
  return longest > 0 && (seconds === undefined || longest < seconds)
    ? { bytes, seconds: longest }
    : undefined;
}

/** @param streams the first part is to come as it is recognised */
async function* inOrder(
  calls: readonly PartCall[],
  streams: boolean,
): AsyncGenerator<Heard | TranscriptionEvent> {
  const [first] = calls;
  if (first?.ears.api.dryRun) return await showRequests(calls, streams);
  const turns = new Turns(calls.length);
  const live = streams && first !== undefined ? livePart(first, turns.signal(0)) : undefined;
  // Begun before the others are: it is what is waited for, and has the first place.
  let step = live?.next();
  step?.catch(() => {});
  const later = calls.slice(live === undefined ? 0 : 1).map((call) => ask(call, turns));
  try {
    for (; live !== undefined && step !== undefined; step = live.next()) {
      const event = await step;
      if (event.done === true) break;
      yield event.value;
    }
    for (const heard of later) yield await heard;
  } finally {
    turns.giveUp(0);
    await live?.return(undefined);
  }
}

/** In a dry run each request ends the run: here, once all of them are shown. @throws Stopped */
async function showRequests(calls: readonly PartCall[], streams: boolean): Promise<void> {
  let shown: unknown;
  for (const { call, place, ears } of calls) {
    const isLive = streams && place.number === 1;
    const { api, context } = ears;
    const request = isLive ? streamTranscript(api, call, context.clock) : transcribe(api, call);
    shown = await request.catch((error: unknown) => error);
    if (!(shown instanceof Stopped) || shown.by !== 'dry run') break;
  }
  throw shown;
}

/** Says once what speakers of a recording in several parts are called. */
export function noteSpeakers({ name }: Recording, { count, speakers }: Place, context: Context): void {
  if (count === 1) return;
  const hint = speakers.length > 0 ? '' : '; --speaker NAME=clip.wav names them throughout';
  warn(
    context,
    `${name} was heard in ${count} parts: speakers are told apart within each, as A-1 and A-2${hint}`,
  );
}
