import type { Api } from '../api/client.ts';
import { hasEnded } from '../api/models.ts';
import { noteRetirement } from '../api/notices.ts';
import {
  MOST_BYTES,
  modelFor,
  type TranscriptionTraits,
  tells,
  transcriptionTraits,
  type Wanted,
  WHISPER,
} from '../api/transcription-models.ts';
import type { TranscriptionFields } from '../api/transcriptions.ts';
import type { Context } from '../context.ts';
import { Failure, type FailureDetails, usageError } from '../errors.ts';
import type { Granularity, TranscriptFormat } from '../flags/transcripts.ts';
import { withParams } from '../input/params.ts';
import type { JsonObject } from '../json.ts';
import { trace } from '../output/messages.ts';
import { isJson, isSubtitles } from './format.ts';
import type { SoundLimits } from './sound-parts.ts';

/** What the user says of a transcript, read. */
export interface TranscriptWish {
  /** Undefined: text, or what fits the rest. */
  readonly format: TranscriptFormat | undefined;
  /** The answer itself is wanted, as JSON. */
  readonly asJson: boolean;
  readonly timestamps: readonly Granularity[];
  readonly diarize: boolean;
  /** Names, and for each of them a sound as a data URL. */
  readonly speakers: readonly { readonly name: string; readonly reference: string }[];
  readonly model: string | undefined;
  /** Codes of ISO 639-1. */
  readonly languages: readonly string[];
  readonly prompt: string | undefined;
  readonly keywords: readonly string[];
  readonly temperature: number | undefined;
  /** Word times help to lay out subtitles. */
  readonly laysOut: boolean;
  /** Undefined: where it can be. */
  readonly stream: boolean | undefined;
  /** The fields of `--param`. */
  readonly params: JsonObject;
}

/** How a transcript is asked for, and what becomes of it. */
export interface TranscriptPlan {
  readonly fields: TranscriptionFields;
  readonly format: TranscriptFormat;
  readonly timestamps: readonly Granularity[];
  /** The text is to come as it is recognised. */
  readonly streams: boolean;
  readonly limits: SoundLimits;
  /** What to say where the model turns out to be gone. */
  explain(error: unknown): unknown;
}

/** Fields that the command itself decides. */
const OWN_FIELDS: Readonly<Record<string, string>> = {
  file: 'the files are arguments',
  stream: '--stream and --no-stream are the flags for that',
  response_format: '--format is the flag for that',
};

/**
 * Finds the model and the request for what is wished.
 * @throws Failure (usage) on what no model gives, or the chosen one does not
 */
export function planTranscript(wish: TranscriptWish, api: Api, context: Context): TranscriptPlan {
  checkTogether(wish);
  const format = wish.format ?? defaultFormat(wish);
  const wanted = wantedOf(wish, format);
  const { model, isChosen } = modelOf(wish, wanted, api, context);
  const traits = transcriptionTraits(model);
  if (api.settings.isOpenAI) checkModel(wish, model, traits);
  const timestamps = timesFor(wish, format);
  const fields = {
    model,
    response_format: responseFormat(wanted, format),
    ...hearing(wish, traits, context),
    ...(wanted === 'times' && timestamps.length > 0 && { timestamp_granularities: timestamps }),
    ...(wanted === 'speakers' && speakerFields(wish)),
  };
  const request = withParams(fields, wish.params);
  return {
    fields: request,
    format,
    timestamps,
    streams: streamsBy(wish, format, model, traits, api),
    limits: limitsOf(request, traits, api),
    explain: (error) => (isChosen ? error : explained(error, wanted, model)),
  };
}

/** @throws Failure (usage) on flags that do not go together */
function checkTogether({ format, asJson, timestamps, diarize, speakers, params }: TranscriptWish): void {
  for (const [field, instead] of Object.entries(OWN_FIELDS)) {
    if (field in params) throw usageError(`--param ${field}: ${instead}`);
  }
  if (speakers.length > 0 && !diarize) {
    throw usageError('--speaker names whom --diarize tells apart', 'add --diarize');
  }
  if (diarize && timestamps.includes('word')) {
    throw usageError(
      '--timestamps word does not go with --diarize: no model tells both',
      '-f diarized_json has the times of segments',
    );
  }
  if (diarize && format === 'verbose_json') {
    throw usageError('-f verbose_json does not go with --diarize', '-f diarized_json does');
  }
  if (asJson && format !== undefined && !isJson(format)) {
    throw usageError(
      `--json and -f ${format} contradict each other`,
      'with -o both go: the file, and word of it',
    );
  }
  if (timestamps.length > 0 && (format === 'json' || format === 'diarized_json')) {
    throw usageError(`-f ${format} has no place for --timestamps`, '-f verbose_json has');
  }
  if (timestamps.length > 1 && format === 'text') {
    throw usageError(
      'a text has one kind of times: --timestamps word or segment',
      '-f verbose_json has both',
    );
  }
}

function defaultFormat({ asJson, timestamps, diarize }: TranscriptWish): TranscriptFormat {
  if (diarize && asJson) return 'diarized_json';
  if (timestamps.length > 1 || (timestamps.length > 0 && asJson)) return 'verbose_json';
  return asJson ? 'json' : 'text';
}

function wantedOf({ diarize, timestamps }: TranscriptWish, format: TranscriptFormat): Wanted {
  if (diarize || format === 'diarized_json') return 'speakers';
  return isSubtitles(format) || format === 'verbose_json' || timestamps.length > 0 ? 'times' : 'text';
}

/** What the model is to answer with: always JSON, from which all else is made here. */
function responseFormat(wanted: Wanted, format: TranscriptFormat): string {
  if (wanted === 'text' || (wanted === 'speakers' && format === 'json')) return 'json';
  return wanted === 'times' ? 'verbose_json' : 'diarized_json';
}

/** The model follows from what is wanted, unless one was chosen that can do it, or was named for this run. */
function modelOf(
  { model: flag, stream }: TranscriptWish,
  wanted: Wanted,
  api: Api,
  context: Context,
): { readonly model: string; readonly isChosen: boolean } {
  const { settings } = api;
  const chosen = settings.model('transcribe', flag);
  const takes = (model: string) => !settings.isOpenAI || tells(transcriptionTraits(model), wanted);
  const fits = (model: string) =>
    takes(model) && (stream !== true || !settings.isOpenAI || transcriptionTraits(model).streams);
  if (chosen !== undefined && (flag !== undefined || fits(chosen))) {
    noteRetirement(chosen, api, context);
    if (!takes(chosen)) throw wrongModel(chosen, wanted);
    return { model: chosen, isChosen: true };
  }
  // Other servers know the name that everybody knows.
  const model = settings.isOpenAI ? modelFor[wanted] : wanted === 'speakers' ? modelFor.speakers : WHISPER;
  if (settings.isOpenAI && hasEnded(model, context.clock.now())) throw cannotGive(wanted, model, 'usage');
  return { model, isChosen: false };
}

const WORDS: Readonly<Record<Wanted, string>> = {
  text: 'text',
  times: 'times, which subtitles need',
  speakers: 'speakers',
};

function wrongModel(model: string, wanted: Wanted): Failure {
  return usageError(`${model} tells no ${WORDS[wanted]}`, `-m ${modelFor[wanted]} does`);
}

/** The default has ended, and what takes its place does less. */
function cannotGive(
  wanted: Wanted,
  model: string,
  kind: 'usage' | 'refused',
  details?: FailureDetails,
): Failure {
  return new Failure(kind, `${model} has ended, and ${modelFor.text} tells no ${WORDS[wanted]}`, {
    ...details,
    hint: 'the text alone is to be had; a server that runs Whisper tells more: --base-url, -m',
  });
}

function explained(error: unknown, wanted: Wanted, model: string): unknown {
  if (!(error instanceof Failure) || wanted === 'text') return error;
  if (error.code !== 'model_not_found' && error.status !== 410) return error;
  const { code, status, requestId } = error;
  return cannotGive(wanted, model, 'refused', { code, status, requestId, cause: error });
}

/** @throws Failure (usage) on what a model of OpenAI does not take */
function checkModel(
  { prompt, keywords, languages }: TranscriptWish,
  model: string,
  traits: TranscriptionTraits,
): void {
  if (prompt !== undefined && !traits.hasPrompt) throw usageError(`${model} takes no --prompt`);
  if (keywords.length > 0 && !traits.hasKeywords && !traits.hasPrompt) {
    throw usageError(`${model} takes no --keyword`);
  }
  if (languages.length > 1 && !traits.hasKeywords) {
    throw usageError(`${model} takes one --language`, `-m ${modelFor.text} takes several`);
  }
}

/** What helps the model to hear. */
function hearing(wish: TranscriptWish, traits: TranscriptionTraits, context: Context): JsonObject {
  const { languages, keywords, temperature } = wish;
  const keywordsInPrompt = keywords.length > 0 && !traits.hasKeywords;
  if (keywordsInPrompt) trace(context, 'this model takes no keywords: they go into the prompt');
  const prompt = [wish.prompt, keywordsInPrompt ? keywords.join(', ') : undefined].filter(
    (part) => part !== undefined,
  );
  return {
    ...(languages.length === 1 && { language: languages[0] }),
    ...(languages.length > 1 && { languages }),
    ...(prompt.length > 0 && { prompt: prompt.join('\n') }),
    ...(keywords.length > 0 && traits.hasKeywords && { keywords }),
    ...(temperature !== undefined && { temperature }),
  };
}

function timesFor({ timestamps, laysOut }: TranscriptWish, format: TranscriptFormat): readonly Granularity[] {
  if (!isSubtitles(format)) return timestamps;
  return laysOut || timestamps.includes('word') ? ['word', 'segment'] : ['segment'];
}

/** Longer sounds are refused without a way to cut them into chunks (the API's reference, `chunking_strategy`). */
function speakerFields({ speakers }: TranscriptWish): JsonObject {
  return {
    chunking_strategy: 'auto',
    ...(speakers.length > 0 && {
      known_speaker_names: speakers.map(({ name }) => name),
      known_speaker_references: speakers.map(({ reference }) => reference),
    }),
  };
}

/** @throws Failure (usage) where `--stream` asks for what cannot be */
function streamsBy(
  { stream, timestamps }: TranscriptWish,
  format: TranscriptFormat,
  model: string,
  traits: TranscriptionTraits,
  { settings }: Api,
): boolean {
  const canShow = !isSubtitles(format) && format !== 'verbose_json' && timestamps.length === 0;
  if (stream === true && !canShow) throw usageError('--stream is for text and JSON without times');
  if (stream === true && settings.isOpenAI && !traits.streams) {
    throw usageError(`${model} does not stream`, `-m ${modelFor.text} does`);
  }
  return stream ?? (traits.streams && format === 'text');
}

/** Bytes of a form beside its file and the values of its fields: names, types, boundaries. */
const FORM_BYTES = 16 * 1024;

/** Other servers have limits of their own, which they tell when they are met. */
function limitsOf(fields: JsonObject, { longest }: TranscriptionTraits, { settings }: Api): SoundLimits {
  if (!settings.isOpenAI) return { bytes: undefined, seconds: undefined };
  return { bytes: roomBeside(fields), seconds: longest };
}

/** Bytes of sound that a request of 25 MB has room for beside its fields. */
export function roomBeside(fields: JsonObject): number {
  return MOST_BYTES - FORM_BYTES - Buffer.byteLength(JSON.stringify(fields));
}
