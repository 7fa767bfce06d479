import type { ModelCatalogue } from './models.ts';
import { unsupportedModel } from './request-check.ts';

export type TranscriptionFormat = 'json' | 'text' | 'srt' | 'verbose_json' | 'vtt' | 'diarized_json';

/** What a model of transcriptions takes. */
export interface TranscriptionModel {
  readonly formats: readonly TranscriptionFormat[];
  /** `timestamp_granularities`. */
  readonly hasTimestamps: boolean;
  readonly hasPrompt: boolean;
  /** `include: logprobs`. */
  readonly hasLogprobs: boolean;
  /** `keywords` and `languages`; and it tells which languages it heard. */
  readonly hasKeywords: boolean;
  /** It tells the speakers apart. */
  readonly hasSpeakers: boolean;
  readonly streams: boolean;
  /** What is counted: seconds of sound, or tokens. */
  readonly counts: 'duration' | 'tokens';
}

const GPT: TranscriptionModel = {
  formats: ['json'],
  hasTimestamps: false,
  hasPrompt: true,
  hasLogprobs: true,
  hasKeywords: false,
  hasSpeakers: false,
  streams: true,
  counts: 'tokens',
};

export const WHISPER: TranscriptionModel = {
  ...GPT,
  formats: ['json', 'text', 'srt', 'verbose_json', 'vtt'],
  hasTimestamps: true,
  hasLogprobs: false,
  streams: false,
  counts: 'duration',
};

/**
 * The SDK's types (`TranscriptionCreateParams`). They do not say which formats `gpt-transcribe` has: it is taken to be
 * as its predecessors.
 */
const TRAITS: readonly (readonly [models: RegExp, traits: TranscriptionModel])[] = [
  [/^whisper-1$/, WHISPER],
  [/^gpt-transcribe/, { ...GPT, hasLogprobs: false, hasKeywords: true }],
  [
    /^gpt-4o-transcribe-diarize/,
    {
      ...GPT,
      formats: ['json', 'text', 'diarized_json'],
      hasPrompt: false,
      hasLogprobs: false,
      hasSpeakers: true,
    },
  ],
];

/**
 * What a model of `/audio/transcriptions` takes.
 * @throws ApiError 404 where there is no such model, 400 where it does something else
 */
export function transcriptionModel(model: string, models: ModelCatalogue): TranscriptionModel {
  // The live one listens on a socket of its own.
  const takes = (id: string) => !id.startsWith('gpt-live-');
  if (models.kindOf(model) !== 'transcription' || !takes(model)) {
    throw unsupportedModel(model, models.idsOf('transcription').filter(takes));
  }
  return TRAITS.find(([names]) => names.test(model))?.[1] ?? GPT;
}

/** @throws ApiError as `transcriptionModel`: only `whisper-1` translates */
export function checkTranslationModel(model: string, models: ModelCatalogue): void {
  models.kindOf(model);
  if (model !== 'whisper-1') throw unsupportedModel(model, ['whisper-1']);
}
