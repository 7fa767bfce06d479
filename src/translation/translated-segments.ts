import type { TranscriptionAnswer } from '../api/transcriptions.ts';
import { timedSegments } from '../transcripts/segments.ts';
import type { Timed } from '../transcripts/subtitles/cue.ts';
import { translatedTexts } from './translated-texts.ts';
import type { Translator } from './translator.ts';
import { transcribing } from './words.ts';

export interface TranslatedSegment extends Timed {
  readonly text: string;
}

/**
 * The segments of an answer, translated one by one: their times stay.
 * @throws Failure (incomplete) where the answer has a text, but no times; as `translatedTexts`
 */
export async function* translatedSegments(
  answer: TranscriptionAnswer,
  translator: Translator,
): AsyncGenerator<TranslatedSegment> {
  const segments = transcribing(() => timedSegments(answer));
  const texts = translatedTexts(
    segments.map(({ text }) => text),
    translator,
  );
  let next = 0;
  for await (const text of texts) {
    const { start = 0, end = 0 } = segments[next] ?? {};
    next += 1;
    yield { start, end, text };
  }
}
