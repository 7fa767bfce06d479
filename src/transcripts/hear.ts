import type { Api } from '../api/client.ts';
import { MOST_BYTES } from '../api/transcription-models.ts';
import {
  streamTranscript,
  type TranscriptionAnswer,
  type TranscriptionCall,
  type TranscriptionEvent,
  transcribe,
} from '../api/transcriptions.ts';
import type { Slots } from '../bulk/slots.ts';
import type { Context } from '../context.ts';
import { Failure } from '../errors.ts';
import { isObject } from '../json.ts';
import { joined, warn } from '../output/messages.ts';
import { inPlace, type Place } from './answers.ts';
import type { Recording } from './opened-input.ts';
import { type SoundLimits, type SoundPart, type SoundParts, soundParts } from './sound-parts.ts';

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
  readonly api: Api;
  readonly context: Context;
  /** Requests that are under way at the same time. */
  readonly slots: Slots;
  /** Told when a part has been heard. @param seconds undefined where its length is not known */
  onHeard(seconds: number | undefined): void;
}

/** An answer in its place in the recording. */
export interface Heard {
  readonly answer: TranscriptionAnswer;
  readonly place: Place;
}

/**
 * Asks what is said in a recording: in one request, or in several at a time where it is too large or too long for one.
 * The answers come in order.
 * @throws Failure that says which part failed; Stopped
 */
export async function* hear(recording: Recording, hearing: Hearing, ears: Ears): AsyncGenerator<Heard> {
  yield* withParts(recording, hearing, ears, (parts) => inParallel(parts, recording, hearing, ears));
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
  yield* withParts(recording, hearing, ears, async function* (parts) {
    const [first, ...rest] = parts;
    if (first === undefined) return;
    const later = inParallel(rest, recording, hearing, ears, { before: 1, count: parts.length });
    // What comes later is asked for meanwhile.
    const next = rest.length === 0 ? undefined : later.next();
    next?.catch(() => {});
    try {
      yield* live(first, recording, hearing, ears, parts.length);
      const step = await next;
      if (step === undefined || step.done === true) return;
      yield step.value;
      yield* later;
    } finally {
      await later.return(undefined);
    }
  });
}

/** What a request is refused for that parts of the recording would not be. */
function smaller(error: unknown, { bytes, seconds }: SoundLimits): SoundLimits | undefined {
  if (!(error instanceof Failure) || error.kind !== 'refused') return undefined;
  if (error.status === 413 && bytes === undefined) return { bytes: MOST_BYTES - FORM_BYTES, seconds };
  const [, told] = /longer than (\d+(?:\.\d+)?) seconds/.exec(error.message) ?? [];
  const longest = Number(told);
  return longest > 0 && (seconds === undefined || longest < seconds)
    ? { bytes, seconds: longest }
    : undefined;
}

/** Bytes of a form beside its file. */
const FORM_BYTES = 64 * 1024;

/** Makes the parts, and makes them anew, smaller, where the server says that the first is too large or too long. */
async function* withParts<T>(
  recording: Recording,
  { limits }: Hearing,
  { context }: Ears,
  work: (parts: readonly SoundPart[]) => AsyncGenerator<T>,
): AsyncGenerator<T> {
  let most = limits;
  for (;;) {
    const sound: SoundParts = await soundParts(recording, most, context);
    let begun = false;
    try {
      for await (const result of work(sound.parts)) {
        begun = true;
        yield result;
      }
      return;
    } catch (error) {
      const less = begun ? undefined : smaller(error, most);
      if (less === undefined) throw error;
      most = less;
    } finally {
      await sound.dispose();
    }
  }
}

/** Parts that come after others. */
interface Offset {
  readonly before: number;
  readonly count: number;
}

async function* inParallel(
  parts: readonly SoundPart[],
  recording: Recording,
  hearing: Hearing,
  ears: Ears,
  { before, count }: Offset = { before: 0, count: parts.length },
): AsyncGenerator<Heard> {
  const { api, slots, onHeard } = ears;
  let isOver = false;
  const ask = (sound: SoundPart) =>
    slots.run(async () => {
      if (isOver) throw new Error('nobody waits for it');
      const answer = await transcribe(api, { sound, fields: hearing.fields, endpoint: hearing.endpoint });
      onHeard(sound.seconds);
      return answer;
    });
  const answers = parts.map((part) => ask(part));
  // Each is looked at when its turn comes.
  for (const answer of answers) answer.catch(() => {});
  try {
    for (const [index, answer] of answers.entries()) {
      const place = placeOf(parts[index], before + index + 1, count, hearing);
      yield { answer: inPlace(await named(answer, recording, place), place), place };
    }
  } finally {
    isOver = true;
  }
}

function placeOf(part: SoundPart | undefined, number: number, count: number, { speakers }: Hearing): Place {
  return { start: part?.start ?? 0, number, count, speakers };
}

/** The failure of a part says which it is. */
async function named<T>(answer: Promise<T>, { name }: Recording, { number, count }: Place): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw count === 1 ? error : ofPart(error, name, number, count);
  }
}

function ofPart(error: unknown, name: string, number: number, count: number): unknown {
  if (!(error instanceof Failure)) return error;
  const { kind, hint, code, status, requestId } = error;
  const message = `part ${number} of ${count} of ${name}: ${error.message}`;
  return new Failure(kind, message, { hint, code, status, requestId, cause: error });
}

async function* live(
  sound: SoundPart,
  recording: Recording,
  hearing: Hearing,
  { api, context, slots, onHeard }: Ears,
  count: number,
): AsyncGenerator<TranscriptionEvent> {
  const place = placeOf(sound, 1, count, hearing);
  const call = { sound, fields: hearing.fields, endpoint: hearing.endpoint };
  const opened = slots.run(() => streamTranscript(api, call, context.clock));
  const stream = await named(opened, recording, place);
  let isWhole = false;
  try {
    for (;;) {
      const event = await stream.next();
      if (event === undefined) break;
      if (!isObject(event)) continue;
      if (event.type === 'transcript.text.done') {
        isWhole = true;
        stream.complete();
      }
      stream.pause();
      yield event;
    }
  } catch (error) {
    throw cut(api.failure(error));
  } finally {
    stream.close();
  }
  if (!isWhole) {
    throw cut(new Failure('network', 'the transcript was cut: the stream ended before it was complete'));
  }
  onHeard(sound.seconds);
}

function cut(error: Error): Error {
  if (!(error instanceof Failure)) return error;
  const { kind, code, status, requestId } = error;
  const kept = 'what arrived is kept';
  const hint = error.hint === undefined ? kept : joined(error.hint, kept);
  return new Failure(kind, error.message, { hint, code, status, requestId, cause: error });
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
