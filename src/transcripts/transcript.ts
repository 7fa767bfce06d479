import type { TranscriptionAnswer, TranscriptionEvent } from '../api/transcriptions.ts';
import type { Context } from '../context.ts';
import { isObject } from '../json.ts';
import { warn } from '../output/messages.ts';
import { joinAnswers, type Place } from './answers.ts';
import { isJson } from './format.ts';
import { type Ears, type Heard, type Hearing, hear, hearLive, noteSpeakers } from './hear.ts';
import type { Recording } from './opened-input.ts';
import { type Look, rendering } from './render.ts';
import type { Result } from './result.ts';

/** How recordings are heard, and what is made of it. */
export interface TranscriptJob {
  readonly hearing: Hearing;
  readonly look: Look;
  /** As it is recognised. */
  readonly streams: boolean;
}

/** What is said in a recording, in the form that was asked for. Nothing is asked before the result is read. */
export function transcriptOf(recording: Recording, job: TranscriptJob, ears: Ears): Result {
  const { look, streams } = job;
  if (!isJson(look.format)) return { kind: 'text', pieces: textPieces(recording, job, ears) };
  if (streams) return { kind: 'lines', lines: events(recording, job, ears) };
  return {
    kind: 'json',
    async document() {
      const { answer, failure } = await answerOf(recording, job.hearing, ears);
      return { document: answer, failure };
    },
  };
}

function isHeard(item: Heard | TranscriptionEvent): item is Heard {
  return 'answer' in item;
}

async function* textPieces(
  recording: Recording,
  { hearing, look, streams }: TranscriptJob,
  ears: Ears,
): AsyncGenerator<string> {
  const text = rendering(look);
  let isEmpty = true;
  let last: Place | undefined;
  try {
    for await (const item of streams ? hearLive(recording, hearing, ears) : hear(recording, hearing, ears)) {
      if (isHeard(item)) last = item.place;
      const piece = isHeard(item) ? text.add(item.answer) : text.live(item);
      if (piece === '') continue;
      if (!isHeard(item) || item.answer.text.trim() !== '') isEmpty = false;
      yield piece;
    }
  } catch (error) {
    const rest = text.rest();
    if (rest !== '') yield rest;
    throw error;
  }
  const end = text.end();
  if (end !== '') yield end;
  if (isEmpty) noteSilence(recording, ears.context);
  if (look.hasSpeakers && last !== undefined) noteSpeakers(recording, last, ears.context);
}

/** The events of a stream; what comes in one piece is the event that ends a stream. */
async function* events(recording: Recording, { hearing }: TranscriptJob, ears: Ears): AsyncGenerator<object> {
  for await (const item of hearLive(recording, hearing, ears)) {
    yield isHeard(item) ? { type: 'transcript.text.done', ...item.answer } : item;
  }
}

/** What is said in a recording, as far as it was heard. */
export interface Answered {
  /** Of several parts, one that is made of the answers to them. */
  readonly answer: TranscriptionAnswer;
  /** What came between, where the rest was not heard. */
  readonly failure?: unknown;
}

/**
 * The API's answer for a recording.
 * @throws Failure or Stopped, where nothing was heard
 */
export async function answerOf(recording: Recording, hearing: Hearing, ears: Ears): Promise<Answered> {
  const answers: TranscriptionAnswer[] = [];
  const places: Place[] = [];
  try {
    for await (const { answer, place } of hear(recording, hearing, ears)) {
      answers.push(answer);
      places.push(place);
    }
  } catch (failure) {
    if (answers.length === 0) throw failure;
    return { answer: joinAnswers(answers, places), failure };
  }
  if (answers.every(({ text }) => text.trim() === '')) noteSilence(recording, ears.context);
  const [last] = places.slice(-1);
  const tellsSpeakers = answers.some(({ segments }) => Array.isArray(segments) && segments.some(hasSpeaker));
  if (last !== undefined && tellsSpeakers) noteSpeakers(recording, last, ears.context);
  return { answer: joinAnswers(answers, places) };
}

function hasSpeaker(segment: unknown): boolean {
  return isObject(segment) && typeof segment['speaker'] === 'string';
}

/** An empty transcript is the right one where nobody speaks; it is better said, all the same. */
export function noteSilence({ name }: Recording, context: Context): void {
  warn(context, `${name}: nothing is said in it`);
}
