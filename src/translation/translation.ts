import { usageError } from '../errors.ts';
import type { TranscriptFormat } from '../flags/transcripts.ts';
import { warn } from '../output/messages.ts';
import { gapBetween } from '../transcripts/answers.ts';
import { isJson, isSubtitles, onlySubtitles } from '../transcripts/format.ts';
import type { Ears } from '../transcripts/hear.ts';
import type { OpenedInput, Recording } from '../transcripts/opened-input.ts';
import { type Look, rendering } from '../transcripts/render.ts';
import type { Result } from '../transcripts/result.ts';
import { plainLine, readMarkup } from '../transcripts/subtitles/markup.ts';
import { rewriting } from '../transcripts/subtitles/rewrite.ts';
import { translatedDocument } from './document.ts';
import { readSource, type Source } from './inputs.ts';
import { type Hearings, spokenParts } from './spoken.ts';
import { translatedSegments } from './translated-segments.ts';
import { translatedText } from './translated-text.ts';
import { translatedTexts } from './translated-texts.ts';
import type { Translator, TranslatorWish } from './translator.ts';

/** How the inputs of a run are translated, and what is made of them. */
export interface TranslationJob {
  readonly hearings: Hearings;
  readonly translator: TranslatorWish;
  /** Undefined: text, and subtitles for subtitles. */
  readonly format: TranscriptFormat | undefined;
  readonly look: Pick<Look, 'maxLine' | 'maxLines'>;
  /** Flags that say how to listen, as typed: a text has no use for them. */
  readonly onlyForSpeech: Note;
}

/** Something that is said once in a run. */
export class Note {
  #text: string;

  /** @param text empty: there is nothing to say */
  constructor(text: string) {
    this.#text = text;
  }

  /** @returns what is to be said, the first time */
  take(): string {
    const text = this.#text;
    this.#text = '';
    return text;
  }
}

/** An input in another language, in the form that was asked for. Nothing is asked before the result is read. */
export function translationOf(input: OpenedInput, job: TranslationJob, ears: Ears): Result {
  const { format } = job;
  const { api, context, slots } = ears;
  const translator: Translator = { ...job.translator, api, context, slots };
  if (format !== undefined && isJson(format)) {
    const speech = { hearings: job.hearings, hasSegments: format === 'verbose_json' };
    const document = async () =>
      translatedDocument(await sourceOf(input, job, ears), speech, translator, ears);
    return { kind: 'json', document };
  }
  return { kind: 'text', pieces: textOf(input, job, translator, ears) };
}

/** @throws Failure (usage) */
async function sourceOf(input: OpenedInput, job: TranslationJob, { context }: Ears): Promise<Source> {
  const source = await readSource(input);
  if (source.kind !== 'sound') {
    const flags = job.onlyForSpeech.take();
    if (flags !== '') warn(context, `${flags}: only for speech, and ${source.name} is text`);
  }
  checkLayout(source, job);
  return source;
}

/** Lines are laid out in subtitles only, which an input may turn out not to become. @throws Failure (usage) */
function checkLayout(source: Source, { format, look }: TranslationJob): void {
  const becomes = format ?? (source.kind === 'subtitles' ? source.file.format : 'text');
  if (source.kind === 'text' && isSubtitles(becomes)) {
    throw usageError(`${source.name} is a text without times, of which no ${becomes} can be made`);
  }
  if (!isSubtitles(becomes) && (look.maxLine ?? look.maxLines) !== undefined)
    throw onlySubtitles(look.maxLine);
}

async function* textOf(
  input: OpenedInput,
  job: TranslationJob,
  translator: Translator,
  ears: Ears,
): AsyncGenerator<string> {
  const source = await sourceOf(input, job, ears);
  if (source.kind === 'subtitles') yield* subtitlesOf(source, job, translator);
  else if (source.kind === 'text') yield* translatedText(source.text, translator);
  else if (job.format !== undefined && isSubtitles(job.format)) {
    yield* subtitledSpeech(source.recording, job.format, job, translator, ears);
  } else yield* speech(source.recording, job, translator, ears);
}

/** A file of subtitles with other texts. */
async function* subtitlesOf(
  { file }: Extract<Source, { kind: 'subtitles' }>,
  { format, look }: TranslationJob,
  translator: Translator,
): AsyncGenerator<string> {
  const texts = (cues: typeof file.cues) =>
    translatedTexts(
      cues.map(({ text }) => text),
      translator,
    );
  if (format !== undefined && !isSubtitles(format)) {
    for await (const text of texts(file.cues)) {
      const line = plainLine(readMarkup(text, file.format));
      if (line !== '') yield `${line}\n`;
    }
    return;
  }
  const rewrites = rewriting(file, format ?? file.format, look);
  for await (const text of texts(rewrites.cues)) yield rewrites.add(text);
  yield rewrites.end();
}

/** What is said in a recording, as subtitles. */
async function* subtitledSpeech(
  recording: Recording,
  format: TranscriptFormat,
  { hearings, look }: TranslationJob,
  translator: Translator,
  ears: Ears,
): AsyncGenerator<string> {
  const subtitles = rendering({ format, timestamps: [], hasSpeakers: false, ...look });
  for await (const { answer, isTranslated } of spokenParts(recording, hearings, ears)) {
    if (isTranslated) yield subtitles.add(answer);
    else {
      for await (const segment of translatedSegments(answer, translator)) {
        yield subtitles.add({ text: segment.text, segments: [segment] });
      }
    }
  }
  yield subtitles.end();
}

/** What is said in a recording, as text. */
async function* speech(
  recording: Recording,
  { hearings }: TranslationJob,
  translator: Translator,
  ears: Ears,
): AsyncGenerator<string> {
  let last = '';
  for await (const { answer, isTranslated } of spokenParts(recording, hearings, ears)) {
    const text = answer.text.trim();
    let gap = last;
    for await (const piece of isTranslated ? [text] : translatedText(text, translator)) {
      if (piece === '') continue;
      yield gapBetween(gap, piece) + piece;
      gap = '';
      last = piece;
    }
  }
  if (last !== '') yield '\n';
}
