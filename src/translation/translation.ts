import type { TranscriptionAnswer } from '../api/transcriptions.ts';
import { Failure, usageError } from '../errors.ts';
import type { TranscriptFormat } from '../flags/transcripts.ts';
import { warn } from '../output/messages.ts';
import { isJson, isSubtitles } from '../transcripts/format.ts';
import type { Ears, Hearing } from '../transcripts/hear.ts';
import type { OpenedInput, Recording } from '../transcripts/opened-input.ts';
import { type Look, rendering } from '../transcripts/render.ts';
import type { TranscriptPlan } from '../transcripts/request.ts';
import type { Result } from '../transcripts/result.ts';
import { timedSegments } from '../transcripts/segments.ts';
import { layOut } from '../transcripts/subtitles/lay-out.ts';
import { writeSubtitles } from '../transcripts/subtitles/subtitle-file.ts';
import { SubtitleWriter } from '../transcripts/subtitles/subtitle-writer.ts';
import { answerOf } from '../transcripts/transcript.ts';
import { type Translator, translatedText, translatedTexts } from './chat-translation.ts';
import { readSource, type Source } from './inputs.ts';
import { isVisiblyForeign } from './not-english.ts';
import { noteSuccession, type TranslationPlan } from './plan.ts';

/** How inputs are translated, and what is made of it. */
export interface TranslationJob {
  readonly plan: TranslationPlan;
  readonly translator: Translator;
  /** Undefined: text, and subtitles for subtitles. */
  readonly format: TranscriptFormat | undefined;
  readonly look: Pick<Look, 'maxLine' | 'maxLines'>;
  /** How speech is sent to the endpoint for translations. */
  readonly endpoint: Hearing;
  /** How speech is written down, where that is wanted; it may turn out that it cannot be. */
  transcript(): TranscriptPlan;
}

/** An input in another language, in the form that was asked for. Nothing is asked before the result is read. */
export function translationOf(input: OpenedInput, job: TranslationJob, ears: Ears): Result {
  const { format } = job;
  if (format !== undefined && isJson(format)) {
    return { kind: 'json', document: async () => documentOf(await readSource(input), job, ears) };
  }
  return { kind: 'text', pieces: textOf(input, job, ears) };
}

async function* textOf(input: OpenedInput, job: TranslationJob, ears: Ears): AsyncGenerator<string> {
  const source = await readSource(input);
  if (source.kind === 'subtitles') yield* subtitlesOf(source, job);
  else if (source.kind === 'sound') yield* speechOf(source.recording, job, ears);
  else {
    if (job.format !== undefined && isSubtitles(job.format)) throw hasNoTimes(source.name, job.format);
    yield* translatedText(source.text, job.translator);
  }
}

function hasNoTimes(name: string, format: string): Failure {
  return usageError(`${name} is a text without times, of which no ${format} can be made`);
}

/** A file of subtitles with other texts: all else stays, unless it becomes another format. */
async function* subtitlesOf(
  { file }: Extract<Source, { kind: 'subtitles' }>,
  { format, translator, look }: TranslationJob,
): AsyncGenerator<string> {
  const texts = await translatedTexts(
    file.cues.map(({ text }) => text),
    translator,
  );
  if (format === 'text') {
    yield texts.map((text) => `${text.replace(/\s+/g, ' ')}\n`).join('');
  } else if (
    (format ?? file.format) === file.format &&
    look.maxLine === undefined &&
    look.maxLines === undefined
  ) {
    yield writeSubtitles(file, texts);
  } else {
    const cues = file.cues.map((cue, index) => ({ ...cue, text: texts[index] ?? '' }));
    yield new SubtitleWriter(format === 'vtt' ? 'vtt' : 'srt').push(layOut(cues, look));
  }
}

/** What is said in a recording, in the other language. */
async function* speechOf(recording: Recording, job: TranslationJob, ears: Ears): AsyncGenerator<string> {
  const format = job.format ?? 'text';
  const answer = await spoken(recording, job, ears);
  if (isSubtitles(format)) {
    const text = rendering({ format, timestamps: [], hasSpeakers: false, ...job.look });
    yield text.add(answer.isTranslated ? answer : await translatedSegments(answer, job.translator));
    yield text.end();
  } else if (answer.isTranslated) {
    if (answer.text.trim() !== '') yield `${answer.text.trim()}\n`;
  } else {
    yield* translatedText(answer.text.trim(), job.translator);
    if (answer.text.trim() !== '') yield '\n';
  }
}

type Spoken = TranscriptionAnswer & { readonly isTranslated: boolean };

/** What is said, in English where the endpoint gives that. */
async function spoken(recording: Recording, job: TranslationJob, ears: Ears): Promise<Spoken> {
  const { plan, endpoint } = job;
  if (plan.via === 'chat') return writtenDown(recording, job, ears);
  let answer: TranscriptionAnswer;
  try {
    answer = await answerOf(recording, endpoint, ears);
  } catch (error) {
    if (!plan.mayGiveWay || !isGone(error)) throw error;
    noteSuccession(ears.context);
    return writtenDown(recording, job, ears);
  }
  if (!isVisiblyForeign(answer.text)) return { ...answer, isTranslated: true };
  warn(ears.context, `${recording.name}: the translation is not in English; it goes through chat as well`);
  return { ...answer, isTranslated: false };
}

function isGone(error: unknown): boolean {
  return error instanceof Failure && (error.code === 'model_not_found' || error.status === 410);
}

async function writtenDown(recording: Recording, job: TranslationJob, ears: Ears): Promise<Spoken> {
  const { fields, limits, explain } = job.transcript();
  const hearing: Hearing = { fields, limits, endpoint: 'transcriptions', speakers: [] };
  try {
    return { ...(await answerOf(recording, hearing, ears)), isTranslated: false };
  } catch (error) {
    throw explain(error);
  }
}

/** The same with its segments translated one by one: their times stay. */
async function translatedSegments(answer: Spoken, translator: Translator): Promise<TranscriptionAnswer> {
  const segments = timedSegments(answer);
  const texts = await translatedTexts(
    segments.map(({ text }) => text),
    translator,
  );
  return {
    text: texts.join(' '),
    segments: segments.map((segment, index) => ({ ...segment, text: texts[index] ?? '' })),
  };
}

/** The API's own answer where there is one; else the translation, and what it was made of. */
async function documentOf(source: Source, job: TranslationJob, ears: Ears): Promise<object> {
  const { translator } = job;
  const { to, model } = translator;
  const about = { task: 'translate', language: to.name.toLowerCase(), model };
  if (source.kind === 'text') return { ...about, text: await joinedText(source.text, translator) };
  if (source.kind === 'subtitles') {
    const texts = await translatedTexts(
      source.file.cues.map(({ text }) => text),
      translator,
    );
    const segments = source.file.cues.map(({ start, end }, id) => ({
      id,
      start,
      end,
      text: texts[id] ?? '',
    }));
    return { ...about, text: texts.join(' '), segments };
  }
  const { isTranslated, ...answer } = await spoken(source.recording, job, ears);
  if (isTranslated) return answer;
  if (job.format === 'verbose_json') {
    const { text, segments } = await translatedSegments({ ...answer, isTranslated }, translator);
    return { ...about, text, segments, transcript: answer };
  }
  return { ...about, text: await joinedText(answer.text.trim(), translator), transcript: answer };
}

async function joinedText(text: string, translator: Translator): Promise<string> {
  let translated = '';
  for await (const piece of translatedText(text, translator)) translated += piece;
  return translated;
}
