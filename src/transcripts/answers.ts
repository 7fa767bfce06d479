import type { TranscriptionAnswer, TranscriptionEvent } from '../api/transcriptions.ts';
import { isObject, type JsonObject } from '../json.ts';

/** Where an answer belongs. */
export interface Place {
  /** Seconds from the start of the recording to that of its part. */
  readonly start: number;
  /** Of the part, from 1 on. */
  readonly number: number;
  /** How many parts there are. */
  readonly count: number;
  /** Speakers that are known by name are the same in each part. */
  readonly speakers: readonly string[];
}

/**
 * The answer to a part of a recording, as it is in the whole: its times are those of the recording, and the speakers of
 * a part, whose letters mean nothing in the next, are kept apart: `A-1`, `A-2`.
 */
export function inPlace(answer: TranscriptionAnswer, place: Place): TranscriptionAnswer {
  if (place.count === 1) return answer;
  const { segments, words } = answer;
  return {
    ...answer,
    ...(Array.isArray(segments) && { segments: segments.map((segment) => shifted(segment, place)) }),
    ...(Array.isArray(words) && { words: words.map((word) => shifted(word, place)) }),
  };
}

/** The same for what is told of an answer while it comes. */
export function eventInPlace(event: TranscriptionEvent, place: Place): TranscriptionEvent {
  if (place.count === 1) return event;
  const isSegment = event.type === 'transcript.text.segment';
  return (isSegment ? shifted(event, place) : inPlace(event as never, place)) as TranscriptionEvent;
}

/** Frames of 10 ms, in which Whisper counts (`seek`). */
const FRAMES_A_SECOND = 100;

function shifted(timed: unknown, { start, number, speakers }: Place): unknown {
  if (!isObject(timed)) return timed;
  const { seek, speaker } = timed;
  const isNamed = typeof speaker !== 'string' || speakers.includes(speaker);
  return {
    ...timed,
    ...laterBy(timed, start),
    ...(typeof seek === 'number' && { seek: seek + Math.round(start * FRAMES_A_SECOND) }),
    ...(!isNamed && { speaker: `${speaker}-${number}` }),
  };
}

function laterBy({ start, end }: JsonObject, seconds: number): JsonObject {
  return {
    ...(typeof start === 'number' && { start: rounded(start + seconds) }),
    ...(typeof end === 'number' && { end: rounded(end + seconds) }),
  };
}

/** To microseconds: a sum of fractions is to read like one. */
function rounded(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e6;
}

/**
 * The answers to the parts of a recording as one: texts are joined, segments numbered anew, what was counted is added up.
 * @param answers in order, each in its place; at least one
 */
export function joinAnswers(
  answers: readonly TranscriptionAnswer[],
  parts: readonly Place[],
): TranscriptionAnswer {
  const [first] = answers;
  if (first === undefined || answers.length === 1) return first ?? { text: '' };
  const lists = (name: string) =>
    answers.flatMap((answer) => (Array.isArray(answer[name]) ? answer[name] : []));
  const joined: JsonObject = { ...first, text: joinTexts(answers.map(({ text }) => text)) };
  for (const name of ['words', 'logprobs', 'segments']) {
    if (answers.some((answer) => Array.isArray(answer[name]))) joined[name] = lists(name);
  }
  if (Array.isArray(joined['segments'])) joined['segments'] = joined['segments'].map(renumbered);
  if (Array.isArray(first['languages'])) joined['languages'] = unlike(lists('languages'));
  if (typeof first['duration'] === 'number') joined['duration'] = endOf(answers, parts);
  const usage = usageOf(answers);
  if (usage !== undefined) joined['usage'] = usage;
  return joined as TranscriptionAnswer;
}

/** Whisper numbers segments from 0 on, the model that tells speakers apart names them `seg_001`. */
function renumbered(segment: unknown, index: number): unknown {
  if (!isObject(segment)) return segment;
  const { id } = segment;
  if (typeof id === 'number') return { ...segment, id: index };
  if (typeof id !== 'string' || !/^seg_\d+$/.test(id)) return segment;
  return { ...segment, id: `seg_${String(index + 1).padStart(id.length - 'seg_'.length, '0')}` };
}

function unlike(values: readonly unknown[]): unknown[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}

/** Where the last part ends, in seconds. */
function endOf(answers: readonly TranscriptionAnswer[], parts: readonly Place[]): number {
  const duration = answers.at(-1)?.['duration'];
  const start = parts[answers.length - 1]?.start ?? 0;
  return rounded(start + (typeof duration === 'number' ? duration : 0));
}

/** The sum of what was counted, tokens or seconds. */
function usageOf(answers: readonly TranscriptionAnswer[]): JsonObject | undefined {
  const usages = answers.map(({ usage }) => usage).filter(isObject);
  return usages.reduce<JsonObject | undefined>(
    (sum, usage) => (sum === undefined ? usage : added(sum, usage)),
    undefined,
  );
}

function added(sum: JsonObject, usage: JsonObject): JsonObject {
  const total: JsonObject = { ...sum };
  for (const [name, value] of Object.entries(usage)) {
    const earlier = total[name];
    if (typeof value === 'number') total[name] = (typeof earlier === 'number' ? earlier : 0) + value;
    else if (isObject(value)) total[name] = added(isObject(earlier) ? earlier : {}, value);
    else total[name] = value;
  }
  return total;
}

/** Scripts whose words have no space between them, with their marks. */
const UNSPACED =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\u3000-\u303f\uff01-\uff5e]/u;

/** What stands between two texts, of which one goes on where the other ends. */
export function gapBetween(before: string, after: string): string {
  if (before === '' || after === '') return '';
  return UNSPACED.test(after) && UNSPACED.test([...before].at(-1) ?? '') ? '' : ' ';
}

function joinTexts(texts: readonly string[]): string {
  return texts.reduce((whole, text) => {
    const next = text.trim();
    return whole + gapBetween(whole, next) + next;
  }, '');
}
