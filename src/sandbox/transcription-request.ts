import { isObject, type JsonObject } from '../json.ts';
import { type ApiError, invalidRequest } from './error-answer.ts';
import { languageName } from './language.ts';
import type { ModelCatalogue } from './models.ts';
import type { FormShape } from './multipart.ts';
import {
  array,
  boolean,
  type Check,
  decimal,
  integer,
  missing,
  nullable,
  object,
  oneOf,
  string,
  stringOr,
  unknownParameter,
  unsupportedParameter,
} from './request-check.ts';
import {
  checkTranslationModel,
  type TranscriptionFormat,
  type TranscriptionModel,
  transcriptionModel,
  WHISPER,
} from './transcription-models.ts';

/** A request for a transcription or a translation, but for its file, checked. */
export interface TranscriptionRequest {
  readonly traits: TranscriptionModel;
  readonly format: TranscriptionFormat;
  readonly prompt: string;
  readonly temperature: number;
  /** Of the sound, as it was told: ISO 639-1. */
  readonly language: string | undefined;
  /** Of `verbose_json`. */
  readonly granularities: readonly string[];
  readonly withLogprobs: boolean;
  readonly isStream: boolean;
  readonly isChunked: boolean;
  /** Names, and for each of them a sound as a data URL. */
  readonly speakers: readonly string[];
  readonly references: readonly string[];
}

/** How the fields of the forms are sent. */
export const TRANSCRIPTION_FORM: FormShape = {
  numbers: ['temperature', 'prefix_padding_ms', 'silence_duration_ms', 'threshold'],
  booleans: ['stream'],
  files: ['file'],
  lists: [
    'include',
    'keywords',
    'languages',
    'timestamp_granularities',
    'known_speaker_names',
    'known_speaker_references',
  ],
  objects: ['chunking_strategy'],
  verbatim: ['prompt', 'model', 'language', 'keywords', 'known_speaker_names'],
};

export const TRANSLATION_FORM: FormShape = { ...TRANSCRIPTION_FORM, booleans: [], lists: [], objects: [] };

/** The API's reference: `known_speaker_names`. */
const MOST_SPEAKERS = 4;

const text = string();
const strings: Check = array(text, { of: 'strings' });

/** ISO 639-1. */
const language: Check = (value, path) => {
  text(value, path);
  if (languageName(String(value)) !== undefined) return;
  throw invalidRequest(
    `Invalid language '${value}'. Language parameter must be specified in ISO-639-1 format.`,
    path,
    'invalid_language_format',
  );
};

const serverVad: Check = object(
  {
    type: oneOf('server_vad'),
    prefix_padding_ms: integer(0),
    silence_duration_ms: integer(0),
    threshold: decimal(0, 1),
  },
  ['type'],
);

/** A field that only some models have. */
const onlyFor =
  (holds: boolean, check: Check): Check =>
  (value, path) => {
    if (!holds) throw unsupportedParameter(path);
    check(value, path);
  };

/** Every field of the published request (OpenAPI `CreateTranscriptionRequest`, and the SDK's types). */
function fieldsOf(model: string, traits: TranscriptionModel): Readonly<Record<string, Check>> {
  const speakers = array(string({ filled: true }), { max: MOST_SPEAKERS, of: 'strings' });
  return {
    ...translationFields(model, traits),
    chunking_strategy: nullable(stringOr(oneOf('auto'), serverVad, isObject, 'an object')),
    include: onlyFor(traits.hasLogprobs, array(oneOf('logprobs'), { of: 'strings' })),
    keywords: onlyFor(traits.hasKeywords, strings),
    known_speaker_names: onlyFor(traits.hasSpeakers, speakers),
    known_speaker_references: onlyFor(traits.hasSpeakers, speakers),
    language,
    languages: onlyFor(traits.hasKeywords, array(language, { min: 1, of: 'strings' })),
    prompt: onlyFor(traits.hasPrompt, text),
    stream: nullable(boolean),
    timestamp_granularities: onlyFor(
      traits.hasTimestamps,
      array(oneOf('word', 'segment'), { of: 'strings' }),
    ),
  };
}

/** Every field of the published request (OpenAPI `CreateTranslationRequest`). */
function translationFields(model: string, traits: TranscriptionModel): Readonly<Record<string, Check>> {
  return {
    model: text,
    prompt: text,
    response_format: (value, path) => {
      oneOf('json', 'text', 'srt', 'verbose_json', 'vtt', 'diarized_json')(value, path);
      if (!traits.formats.some((format) => format === value)) throw wrongFormat(value, model, traits);
    },
    temperature: decimal(0, 1),
  };
}

function wrongFormat(value: unknown, model: string, { formats }: TranscriptionModel): ApiError {
  const others = formats.map((format) => `'${format}'`).join(' or ');
  return invalidRequest(
    `response_format '${value}' is not compatible with model '${model}'. Use ${others} instead.`,
    'response_format',
    'unsupported_value',
  );
}

/**
 * Reads the fields of a form for transcriptions.
 * @throws ApiError naming the first field that is wrong
 */
export function readTranscriptionRequest(fields: JsonObject, models: ModelCatalogue): TranscriptionRequest {
  const model = modelOf(fields);
  const traits = transcriptionModel(model, models);
  object(fieldsOf(model, traits), [], unknownParameter)(fields, '');
  const request = requestOf(fields, traits);
  checkTogether(request, fields);
  return request;
}

/** Reads the fields of a form for translations. @throws as `readTranscriptionRequest` */
export function readTranslationRequest(fields: JsonObject, models: ModelCatalogue): TranscriptionRequest {
  const model = modelOf(fields);
  checkTranslationModel(model, models);
  object(translationFields(model, WHISPER), [], unknownParameter)(fields, '');
  return requestOf(fields, WHISPER);
}

function modelOf({ model }: JsonObject): string {
  if (model === undefined) throw missing('model');
  text(model, 'model');
  return String(model);
}

/** @param fields each of which has passed its check */
function requestOf(fields: JsonObject, traits: TranscriptionModel): TranscriptionRequest {
  const list = (name: string) => (Array.isArray(fields[name]) ? fields[name].map(String) : []);
  const { response_format, prompt = '', temperature = 0, language } = fields;
  return {
    traits,
    format: traits.formats.find((format) => format === response_format) ?? 'json',
    prompt: String(prompt),
    temperature: Number(temperature),
    language: language === undefined ? undefined : String(language),
    granularities: list('timestamp_granularities'),
    withLogprobs: list('include').includes('logprobs'),
    isStream: fields['stream'] === true,
    isChunked: (fields['chunking_strategy'] ?? null) !== null,
    speakers: list('known_speaker_names'),
    references: list('known_speaker_references'),
  };
}

/** Fields that only make sense with another one. */
function checkTogether(request: TranscriptionRequest, fields: JsonObject): void {
  const { format, speakers, references } = request;
  if (fields['timestamp_granularities'] !== undefined && format !== 'verbose_json') {
    throw invalidRequest(
      "The 'timestamp_granularities' parameter is only allowed when 'response_format' is 'verbose_json'.",
      'timestamp_granularities',
    );
  }
  if (speakers.length !== references.length) {
    throw invalidRequest(
      `'known_speaker_names' and 'known_speaker_references' must have the same length, but have ${speakers.length} and ${references.length}.`,
      'known_speaker_references',
      'invalid_value',
    );
  }
}
