import { gapBetween, joinAnswers } from '../transcripts/answers.ts';
import type { Ears } from '../transcripts/hear.ts';
import type { Recording } from '../transcripts/opened-input.ts';
import type { Documented } from '../transcripts/result.ts';
import { timedSegments } from '../transcripts/segments.ts';
import { plainLine, readMarkup } from '../transcripts/subtitles/markup.ts';
import type { SubtitleFile } from '../transcripts/subtitles/subtitle-file.ts';
import type { Source } from './inputs.ts';
import { type Hearings, type Spoken, spokenParts } from './spoken.ts';
import { type TranslatedSegment, translatedSegments } from './translated-segments.ts';
import { translatedText } from './translated-text.ts';
import { translatedTexts } from './translated-texts.ts';
import type { Translator } from './translator.ts';

/** How a document is made of speech. */
export interface SpeechDocument {
  readonly hearings: Hearings;
  /** Its segments are to be translated, each by itself. */
  readonly hasSegments: boolean;
}

/**
 * The API's own answer where there is one; else the translation, and what it was made of.
 * @throws Failure or Stopped where nothing was translated
 */
export async function translatedDocument(
  source: Source,
  speech: SpeechDocument,
  translator: Translator,
  ears: Ears,
): Promise<Documented> {
  if (source.kind === 'sound') return speechDocument(source.recording, speech, translator, ears);
  if (source.kind === 'subtitles') return subtitleDocument(source.file, translator);
  const { items, failure } = await collected(translatedText(source.text, translator));
  return { document: { ...aboutOf(translator), text: items.join('') }, failure };
}

function aboutOf({ to, model }: Translator): object {
  return { task: 'translate', language: to.name.toLowerCase(), model };
}

/** All that comes, and what ended it early. @throws that, where nothing came */
async function collected<T>(
  stream: AsyncIterable<T>,
): Promise<{ readonly items: readonly T[]; readonly failure?: unknown }> {
  const items: T[] = [];
  try {
    for await (const item of stream) items.push(item);
  } catch (failure) {
    if (items.length === 0) throw failure;
    return { items, failure };
  }
  return { items };
}

async function subtitleDocument({ format, cues }: SubtitleFile, translator: Translator): Promise<Documented> {
  const stream = translatedTexts(
    cues.map(({ text }) => text),
    translator,
  );
  const { items, failure } = await collected(stream);
  const segments = cues.slice(0, items.length).map(({ start, end }, id) => {
    const { text, speaker } = readMarkup(items[id] ?? '', format);
    return { id, start, end, text: plainLine({ text }), ...(speaker !== undefined && { speaker }) };
  });
  const text = segments
    .map((segment) => segment.text)
    .filter((line) => line !== '')
    .join(' ');
  return { document: { ...aboutOf(translator), text, segments }, failure };
}

/** What is made of speech, as it comes. */
interface Draft {
  readonly heard: Spoken[];
  readonly segments: TranslatedSegment[];
  text: string;
}

async function speechDocument(
  recording: Recording,
  { hearings, hasSegments }: SpeechDocument,
  translator: Translator,
  ears: Ears,
): Promise<Documented> {
  const draft: Draft = { heard: [], segments: [], text: '' };
  let failure: unknown;
  try {
    for await (const part of spokenParts(recording, hearings, ears)) {
      draft.heard.push(part);
      await (hasSegments ? addSegments(part, draft, translator) : addText(part, draft, translator));
    }
  } catch (error) {
    // What was heard and not translated is not what was asked for.
    if (draft.text === '') throw error;
    failure = error;
  }
  const { heard, segments, text } = draft;
  const transcript = joinAnswers(
    heard.map(({ answer }) => answer),
    heard.map(({ place }) => place),
  );
  if (heard.every(({ isTranslated }) => isTranslated)) return { document: transcript, failure };
  const numbered = segments.map((segment, id) => ({ id, ...segment }));
  const document = { ...aboutOf(translator), text, ...(hasSegments && { segments: numbered }), transcript };
  return { document, failure };
}

async function addSegments(
  { answer, isTranslated }: Spoken,
  draft: Draft,
  translator: Translator,
): Promise<void> {
  const own = () => timedSegments(answer).map(({ start, end, text }) => ({ start, end, text }));
  for await (const segment of isTranslated ? own() : translatedSegments(answer, translator)) {
    draft.segments.push(segment);
    draft.text += gapBetween(draft.text, segment.text) + segment.text;
  }
}

async function addText(
  { answer, isTranslated }: Spoken,
  draft: Draft,
  translator: Translator,
): Promise<void> {
  const text = answer.text.trim();
  let before = draft.text;
  for await (const piece of isTranslated ? [text] : translatedText(text, translator)) {
    draft.text += gapBetween(before, piece) + piece;
    before = '';
  }
}
