import { extname } from 'node:path';
import type { Api } from '../api/client.ts';
import type { TranscriptionFields } from '../api/transcriptions.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import type { TranscriptFormat, TranscriptOptions } from '../flags/transcripts.ts';
import type { InputWord } from '../input/find-files.ts';
import { withParams } from '../input/params.ts';
import { chosenFormat, extensionOf, isSubtitles, onlySubtitles } from '../transcripts/format.ts';
import type { Hearing } from '../transcripts/hear.ts';
import { planTranscript, roomBeside, type TranscriptPlan } from '../transcripts/request.ts';
import { runTranscripts } from '../transcripts/run.ts';
import { findTranslationInputs, mayBeSound, mayBeSubtitles } from './inputs.ts';
import { planTranslation, type TranslationPlan, type TranslationWish } from './plan.ts';
import { Note, type TranslationJob, translationOf } from './translation.ts';
import { ofTranscribing, transcribing } from './words.ts';

/** What the flags say beside the wish. */
export type TranslateFlags = Pick<
  TranscriptOptions,
  'format' | 'output' | 'force' | 'concurrency' | 'json' | 'maxLine' | 'maxLines'
>;

/** Translates what the words name, or what is piped in. @throws Failure or Stopped */
export async function translateAll(
  words: readonly string[],
  wish: TranslationWish & { readonly asJson: boolean },
  options: TranslateFlags,
  api: Api,
  context: Context,
): Promise<void> {
  for (const field of ['file', 'stream', 'response_format']) {
    if (field in wish.params) throw usageError(`--param ${field}: the command decides that`);
  }
  const { maxLine, maxLines, ...flags } = options;
  // Which inputs are subtitles, whose lines can be laid out without -f, is not known here.
  const format = chosenFormat(flags) ?? (wish.asJson ? 'json' : undefined);
  const plan = planTranslation(wish, api, context);
  const found = await findTranslationInputs(words, wish.to, context);
  const look = { maxLine, maxLines };
  const mayLayOut = format === undefined ? found.inputs.some(mayBeSubtitles) : isSubtitles(format);
  if (!mayLayOut && (maxLine ?? maxLines) !== undefined) throw onlySubtitles(maxLine);
  const transcript = once(() => transcribing(() => transcriptFor(wish, format, api, context)));
  // What cannot be is found before anything is paid for.
  const isCertain = (input: InputWord) => input.kind === 'file' && mayBeSound(input);
  if (plan.route.via === 'chat' && found.inputs.some(isCertain)) transcript();
  const job: TranslationJob = {
    hearings: { route: plan.route, endpoint: endpointFor(wish, plan, format, api), transcript },
    translator: { model: plan.chats, to: wish.to, about: wish.prompt, params: wish.params },
    format,
    look,
    onlyForSpeech: new Note(speechFlags(wish).join(' and ')),
  };
  await runTranscripts(
    found,
    {
      what: `translating into ${wish.to.name}`,
      format: format ?? 'text',
      ending: (name) => `.${wish.to.tag}.${endingOf(name, format)}`,
      options: flags,
      result: (input, ears) => translationOf(input, job, ears),
    },
    (error) => error,
    api,
    context,
  );
}

/** The same each time, made when it is first needed. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** The flags that say how to listen, as far as they were given. */
function speechFlags({ languages, temperature, transcribeModel }: TranslationWish): string[] {
  return [
    ...(languages.length > 0 ? ['--language'] : []),
    ...(temperature !== undefined ? ['-t'] : []),
    ...(transcribeModel !== undefined ? ['--transcribe-model'] : []),
  ];
}

/** Subtitles stay what they are, where nothing else is asked for. */
function endingOf(name: string, format: TranscriptFormat | undefined): string {
  const own = extname(name).slice(1).toLowerCase();
  if (format !== undefined) return extensionOf(format);
  return own === 'srt' || own === 'vtt' ? own : 'txt';
}

function needsTimes(format: TranscriptFormat | undefined): boolean {
  return format !== undefined && (isSubtitles(format) || format === 'verbose_json');
}

/** The request for the endpoint that translates speech itself. */
function endpointFor(
  { prompt, temperature, params }: TranslationWish,
  { hears }: TranslationPlan,
  format: TranscriptFormat | undefined,
  { settings }: Api,
): Hearing {
  const fields: TranscriptionFields = withParams(
    {
      model: hears,
      response_format: needsTimes(format) ? 'verbose_json' : 'json',
      ...(prompt !== undefined && { prompt }),
      ...(temperature !== undefined && { temperature }),
    },
    params,
  );
  const bytes = settings.isOpenAI ? roomBeside(fields) : undefined;
  return { fields, endpoint: 'translations', limits: { bytes, seconds: undefined }, speakers: [] };
}

/** The request that has speech written down. The fields of `--param` are for what translates. */
function transcriptFor(
  { languages, prompt, temperature, transcribeModel }: TranslationWish,
  format: TranscriptFormat | undefined,
  api: Api,
  context: Context,
): TranscriptPlan {
  const plan = planTranscript(
    {
      format: needsTimes(format) ? 'verbose_json' : 'json',
      asJson: true,
      timestamps: [],
      diarize: false,
      speakers: [],
      model: transcribeModel,
      languages,
      prompt,
      keywords: [],
      temperature,
      laysOut: false,
      stream: undefined,
      params: {},
    },
    api,
    context,
  );
  return { ...plan, explain: (error) => ofTranscribing(plan.explain(error)) };
}
