import { defaultModels } from './models.ts';

/** What a model of `/audio/transcriptions` can do. */
export interface TranscriptionTraits {
  /** It says when each segment and each word is spoken (`verbose_json`). */
  readonly hasTimes: boolean;
  /** It tells the speakers apart, and says when each of them speaks (`diarized_json`). */
  readonly hasSpeakers: boolean;
  /** It takes a `prompt`. */
  readonly hasPrompt: boolean;
  /** It takes `keywords`, and several languages. */
  readonly hasKeywords: boolean;
  /** It tells its text as it is recognised. */
  readonly streams: boolean;
  /** The longest sound that it takes, in seconds, where there is such a limit. */
  readonly longest?: number;
}

/** The model that says when each word is spoken, and the one that translates. */
export const WHISPER = 'whisper-1';
/** The model that tells the speakers apart. */
export const DIARIZE = 'gpt-4o-transcribe-diarize';

const GPT: TranscriptionTraits = {
  hasTimes: false,
  hasSpeakers: false,
  hasPrompt: true,
  hasKeywords: false,
  streams: true,
};

/** Seconds: "audio duration … is longer than 1400 seconds which is the maximum for this model", the API says. */
const LONGEST_OF_GPT_4O = 1400;

/** The API's reference and the SDK's types (`TranscriptionCreateParams`; openai 7.55.0). */
const TRAITS: readonly (readonly [names: RegExp, traits: TranscriptionTraits])[] = [
  [/^gpt-4o-transcribe-diarize/, { ...GPT, hasSpeakers: true, hasPrompt: false, longest: LONGEST_OF_GPT_4O }],
  [/^gpt-4o-(?:mini-)?transcribe/, { ...GPT, longest: LONGEST_OF_GPT_4O }],
  [/^gpt-transcribe/, { ...GPT, hasKeywords: true }],
];

/** Of `whisper-1`, and of what other servers have: they nearly all run a kind of Whisper. */
const WHISPER_TRAITS: TranscriptionTraits = { ...GPT, hasTimes: true, streams: false };

export function transcriptionTraits(model: string): TranscriptionTraits {
  return TRAITS.find(([names]) => names.test(model))?.[1] ?? WHISPER_TRAITS;
}

/** What a transcript is to tell beside its text. */
export type Wanted = 'text' | 'times' | 'speakers';

/** The model of OpenAI that tells it. */
export const modelFor: Readonly<Record<Wanted, string>> = {
  text: defaultModels.transcribe,
  times: WHISPER,
  speakers: DIARIZE,
};

/** Whether a model tells it. */
export function tells(traits: TranscriptionTraits, wanted: Wanted): boolean {
  if (wanted === 'times') return traits.hasTimes;
  return wanted === 'text' || traits.hasSpeakers;
}

/** The most bytes of a request with sound at OpenAI: 25 MB (its guide to speech to text). */
export const MOST_BYTES = 25 * 1024 * 1024;
