import { extname } from 'node:path';
import type { Api } from '../api/client.ts';
import type { TranscriptionFields } from '../api/transcriptions.ts';
import { Slots } from '../bulk/slots.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import type { TranscriptFormat, TranscriptOptions } from '../flags/transcripts.ts';
import { withParams } from '../input/params.ts';
import { chosenFormat, extensionOf, isSubtitles } from '../transcripts/format.ts';
import type { Hearing } from '../transcripts/hear.ts';
import { planTranscript, roomBeside } from '../transcripts/request.ts';
import { AT_ONCE, findTranscriptInputs, runTranscripts } from '../transcripts/run.ts';
import { planTranslation, type TranslationPlan, type TranslationWish } from './plan.ts';
import { type TranslationJob, translationOf } from './translation.ts';

/** What the flags say beside the wish. */
export type TranslateFlags = Pick<
  TranscriptOptions,
  'format' | 'output' | 'force' | 'concurrency' | 'json' | 'maxLine' | 'maxLines'
> & { readonly transcribeModel?: string };

/** Translates what the words name, or what is piped in. @throws Failure or Stopped */
export async function translateAll(
  words: readonly string[],
  wish: TranslationWish & { readonly asJson: boolean },
  options: TranslateFlags,
  api: Api,
  context: Context,
): Promise<void> {
  const found = await findTranscriptInputs(words, context, 'nothing to translate');
  const format = chosenFormat(options) ?? (wish.asJson ? 'json' : undefined);
  for (const field of ['file', 'stream', 'response_format']) {
    if (field in wish.params) throw usageError(`--param ${field}: the command decides that`);
  }
  const plan = planTranslation(wish, api, context);
  const job: TranslationJob = {
    plan,
    translator: {
      api,
      context,
      slots: new Slots(options.concurrency ?? AT_ONCE),
      model: plan.chats,
      to: wish.to,
      about: wish.prompt,
      params: wish.params,
    },
    format,
    look: { maxLine: options.maxLine, maxLines: options.maxLines },
    endpoint: endpointFor(wish, plan, format, api),
    transcript: () => transcriptFor(wish, format, options.transcribeModel, api, context),
  };
  await runTranscripts(
    found,
    {
      what: `translating into ${wish.to.name}`,
      format: format ?? 'text',
      ending: (name) => `.${wish.to.tag}.${endingOf(name, format)}`,
      options,
      result: (input, ears) => translationOf(input, job, ears),
    },
    (error) => error,
    api,
    context,
  );
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
  { languages, prompt, temperature }: TranslationWish,
  format: TranscriptFormat | undefined,
  model: string | undefined,
  api: Api,
  context: Context,
) {
  return planTranscript(
    {
      format: needsTimes(format) ? 'verbose_json' : 'json',
      asJson: true,
      timestamps: [],
      diarize: false,
      speakers: [],
      model,
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
}
