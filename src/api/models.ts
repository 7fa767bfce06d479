/** The model that each capability uses when the user names none. */
export const defaultModels = {
  chat: 'gpt-6-luna',
  image: 'gpt-image-2.5-sunburst',
  speak: 'gpt-4o-mini-tts',
  transcribe: 'gpt-transcribe',
  embed: 'text-embedding-3-small',
  moderate: 'omni-moderation-latest',
} as const;

/** What hears and speaks in a chat completion (design, section 3 g). */
export const AUDIO_CHAT_MODEL = 'gpt-audio-mini';

/** Whether a model of OpenAI hears and speaks in a chat completion, and takes no question without sound. */
export function isAudioModel(model: string): boolean {
  return /^gpt-(?:.*-)?audio/.test(model);
}

export interface Lifecycle {
  /** The day from which on the model answers no more: `2027-01-14`. */
  readonly shutdown: string;
  /** What to use in its place. */
  readonly successor: string;
}

/** What speaks and listens in one conversation; where models that only do the one have gone. */
export const REALTIME_MODEL = 'gpt-realtime-2.1-mini';

/** What writes down what is said while it is said. */
export const LIVE_TRANSCRIPTION_MODEL = 'gpt-live-transcribe';

/** Whether a model of OpenAI talks over the Realtime API, and nowhere else. */
export function isRealtimeModel(model: string): boolean {
  return /^gpt-(?:4o-(?:mini-)?)?realtime(?!-whisper)/.test(model);
}

/** Whether a model of OpenAI writes down what is said. */
export function isTranscriptionModel(model: string): boolean {
  return /transcribe|whisper/.test(model);
}

interface Retirement extends Lifecycle {
  readonly models: readonly string[];
}

/**
 * Models with an announced end. Those of chat, as the SDK's types have them (openai 7.55.0, `ChatModel`; they quote
 * https://developers.openai.com/api/docs/deprecations). The successors are our own choice: the default for what was
 * quick or general, the larger model for what was bought for its reasoning. Those of images and sound, as the SDK's
 * `ImageModel`, `SpeechModel` and `AudioModel` and OpenAI's deprecations page have them.
 */
const retirements: readonly Retirement[] = [
  ends('2024-09-13', defaultModels.chat, 'gpt-3.5-turbo-16k gpt-3.5-turbo-0301 gpt-3.5-turbo-0613'),
  ends('2024-09-13', defaultModels.chat, 'gpt-3.5-turbo-16k-0613'),
  ends('2024-12-06', defaultModels.chat, 'gpt-4-vision-preview'),
  ends('2025-06-06', defaultModels.chat, 'gpt-4-32k gpt-4-32k-0314 gpt-4-32k-0613'),
  ends('2025-07-28', 'gpt-6.1-sol', 'o1-preview o1-preview-2024-09-12'),
  ends('2025-10-10', REALTIME_MODEL, 'gpt-4o-audio-preview-2024-10-01'),
  ends(
    '2025-10-27',
    defaultModels.moderate,
    'text-moderation-latest text-moderation-stable text-moderation-007',
  ),
  ends('2025-10-27', 'gpt-6.1-sol', 'o1-mini o1-mini-2024-09-12'),
  ends('2026-02-12', 'gpt-6.1-sol', 'codex-mini-latest'),
  ends('2026-02-17', defaultModels.chat, 'chatgpt-4o-latest'),
  ends('2026-03-26', defaultModels.chat, 'gpt-4-0125-preview gpt-4-turbo-preview gpt-4-0314'),
  ends(
    '2026-05-07',
    REALTIME_MODEL,
    'gpt-4o-audio-preview gpt-4o-audio-preview-2024-12-17 gpt-4o-audio-preview-2025-06-03',
  ),
  ends('2026-05-07', REALTIME_MODEL, 'gpt-4o-mini-audio-preview gpt-4o-mini-audio-preview-2024-12-17'),
  ends('2026-07-23', defaultModels.chat, 'gpt-5.1-chat-latest gpt-5-chat-latest gpt-4o-search-preview'),
  ends(
    '2026-07-23',
    defaultModels.chat,
    'gpt-4o-mini-search-preview gpt-4o-search-preview-2025-03-11 gpt-4o-mini-search-preview-2025-03-11',
  ),
  ends('2026-07-23', 'gpt-6.1-sol', 'gpt-5.1-codex'),
  ends('2026-08-10', defaultModels.chat, 'gpt-5.3-chat-latest gpt-5.2-chat-latest'),
  ends('2026-09-28', defaultModels.chat, 'gpt-3.5-turbo-1106'),
  ends('2026-09-28', defaultModels.chat, 'gpt-3.5-turbo-instruct davinci-002 babbage-002'),
  ends(
    '2026-10-23',
    defaultModels.chat,
    'gpt-4.1-nano gpt-4.1-nano-2025-04-14 gpt-4o-2024-05-13 gpt-4-turbo gpt-4-turbo-2024-04-09',
  ),
  ends(
    '2026-10-23',
    defaultModels.chat,
    'gpt-4-1106-preview gpt-4 gpt-4-0613 gpt-3.5-turbo gpt-3.5-turbo-0125',
  ),
  ends('2026-10-23', 'gpt-6.1-sol', 'o4-mini o4-mini-2025-04-16 o3-mini o3-mini-2025-01-31 o1 o1-2024-12-17'),
  ends('2026-12-11', defaultModels.chat, 'gpt-5 gpt-5-mini gpt-5-nano gpt-5-2025-08-07'),
  ends('2026-12-11', defaultModels.chat, 'gpt-5-mini-2025-08-07 gpt-5-nano-2025-08-07'),
  ends('2026-12-11', 'gpt-6.1-sol', 'o3 o3-2025-04-16'),
  ends('2027-01-14', defaultModels.chat, 'gpt-4.1 gpt-4.1-mini gpt-4.1-2025-04-14 gpt-4.1-mini-2025-04-14'),
  ends(
    '2027-01-14',
    defaultModels.chat,
    'gpt-4o gpt-4o-2024-11-20 gpt-4o-2024-08-06 gpt-4o-mini gpt-4o-mini-2024-07-18',
  ),
  ends('2027-01-20', REALTIME_MODEL, 'gpt-audio-mini gpt-audio-mini-2025-12-15'),
  ends('2026-05-12', defaultModels.image, 'dall-e-2 dall-e-3'),
  ends('2026-10-23', defaultModels.image, 'gpt-image-1'),
  ends(
    '2026-12-01',
    defaultModels.image,
    'gpt-image-1.5 gpt-image-1.5-2025-12-16 gpt-image-1-mini chatgpt-image-latest',
  ),
  ends('2027-01-06', REALTIME_MODEL, 'tts-1 tts-1-1106 tts-1-hd tts-1-hd-1106 gpt-4o-mini-tts'),
  ends('2027-01-06', REALTIME_MODEL, 'gpt-4o-mini-tts-2025-03-20 gpt-4o-mini-tts-2025-12-15'),
  ends('2027-02-26', defaultModels.transcribe, 'whisper-1 gpt-4o-transcribe gpt-4o-transcribe-diarize'),
  ends('2027-02-26', defaultModels.transcribe, 'gpt-4o-mini-transcribe gpt-4o-mini-transcribe-2025-12-15'),
  ends('2027-04-01', defaultModels.chat, 'gpt-5.4-nano gpt-5.4-nano-2026-03-17 gpt-5.1 gpt-5.1-2025-11-13'),
];

/** @param models names, with a space between them */
function ends(shutdown: string, successor: string, models: string): Retirement {
  return { shutdown, successor, models: models.split(' ') };
}

/** What a fine-tuned model was made of (`gpt-4o` for `ft:gpt-4o:acme::1`); any other is its own. */
export function baseModel(model: string): string {
  return /^ft:([^:]+):/.exec(model)?.[1] ?? model;
}

/**
 * The announced end of a model of OpenAI, or undefined where none is known. A fine-tuned one ends with what it was made
 * of (OpenAI's deprecations page).
 */
export function lifecycleOf(model: string): Lifecycle | undefined {
  const base = baseModel(model);
  return retirements.find(({ models }) => models.includes(base));
}

/**
 * The models of OpenAI that are known here and answer still: the defaults, what takes the place of others, and those
 * with an announced end.
 * @param now ms since 1970
 */
export function knownModels(now: number): string[] {
  const named = [...Object.values(defaultModels), AUDIO_CHAT_MODEL, REALTIME_MODEL];
  const retired = retirements.flatMap(({ successor, models }) => [successor, ...models]);
  return [...new Set([...named, ...retired])].filter((model) => !hasEnded(model, now));
}

/** Whether a model of OpenAI answers no more. @param now ms since 1970 */
export function hasEnded(model: string, now: number): boolean {
  const lifecycle = lifecycleOf(model);
  return lifecycle !== undefined && now >= Date.parse(lifecycle.shutdown);
}

const DAY_MS = 86_400_000;
/** A model whose end is this many days away, or fewer, draws a warning. */
const WARNING_DAYS = 60;

/**
 * Days until a date, a begun one counted as whole; 0 or less when it has come.
 * @param date `2027-01-14`
 * @param now ms since 1970
 */
export function daysUntil(date: string, now: number): number {
  return Math.ceil((Date.parse(date) - now) / DAY_MS);
}

/**
 * The warning for a model that the user chose and that ends soon or has ended; undefined for all others.
 * @param now ms since 1970
 */
export function retirementWarning(model: string, now: number): string | undefined {
  const lifecycle = lifecycleOf(model);
  if (lifecycle === undefined) return undefined;
  const days = daysUntil(lifecycle.shutdown, now);
  if (days > WARNING_DAYS) return undefined;
  const when =
    days > 0
      ? `ends on ${lifecycle.shutdown}, in ${days} ${days === 1 ? 'day' : 'days'}`
      : `ended on ${lifecycle.shutdown}`;
  return `${model} ${when}; ${lifecycle.successor} takes its place`;
}

/**
 * Whether a model of OpenAI reasons before it answers: gpt-5 and later, and the o series; not the chat variants.
 * Those take sampling fields and function tools on chat completions only with `reasoning_effort: none`.
 */
export function isReasoningModel(model: string): boolean {
  const base = baseModel(model);
  return /^(o\d|gpt-([5-9]|\d{2,}))/.test(base) && !/-chat(-|$)/.test(base);
}
