import type { TranscriptionAnswer } from '../api/transcriptions.ts';
import { Failure } from '../errors.ts';
import { isObject } from '../json.ts';
import type { Cue, TimedWord } from './subtitles/cue.ts';

/** The segments of an answer; whatever is no segment is left out. Undefined where the answer has none. */
export function segmentsOf({ segments }: TranscriptionAnswer): readonly Cue[] | undefined {
  if (!Array.isArray(segments)) return undefined;
  return segments.flatMap((segment) => {
    const { start, end, text, speaker } = isObject(segment) ? segment : {};
    if (typeof start !== 'number' || typeof end !== 'number' || typeof text !== 'string') return [];
    const trimmed = text.trim();
    return trimmed === ''
      ? []
      : [{ start, end, text: trimmed, ...(typeof speaker === 'string' && { speaker }) }];
  });
}

/** The words of an answer, with their times. */
export function wordsOf({ words }: TranscriptionAnswer): readonly TimedWord[] | undefined {
  if (!Array.isArray(words)) return undefined;
  return words.flatMap((timed) => {
    const { start, end, word } = isObject(timed) ? timed : {};
    if (typeof start !== 'number' || typeof end !== 'number' || typeof word !== 'string') return [];
    return [{ start, end, word }];
  });
}

/**
 * The segments of an answer that is to have them.
 * @throws Failure (incomplete) where there is a text without times
 */
export function timedSegments(answer: TranscriptionAnswer): readonly Cue[] {
  const segments = segmentsOf(answer);
  if (segments !== undefined && (segments.length > 0 || answer.text.trim() === '')) return segments;
  if (answer.text.trim() === '') return [];
  throw new Failure('incomplete', 'the answer has a text, but no times', {
    hint: 'the text alone is to be had with -f text; or name another model: -m',
  });
}
