/** A voice that comes with the API. */
export interface Voice {
  readonly voice: string;
  /** What it is like, in a word or two of our own: OpenAI gives samples, and no words. */
  readonly character: string;
}

/** The built-in voices (the SDK's types, `voice` of speech; openai 7.55.0). */
export const voices: readonly Voice[] = [
  { voice: 'alloy', character: 'even, neutral' },
  { voice: 'ash', character: 'low, clear' },
  { voice: 'ballad', character: 'soft, singing' },
  { voice: 'cedar', character: 'deep, natural' },
  { voice: 'coral', character: 'bright, friendly' },
  { voice: 'echo', character: 'calm, low' },
  { voice: 'fable', character: 'telling a story' },
  { voice: 'marin', character: 'light, natural' },
  { voice: 'nova', character: 'lively, high' },
  { voice: 'onyx', character: 'deep, grave' },
  { voice: 'sage', character: 'gentle' },
  { voice: 'shimmer', character: 'soft, high' },
  { voice: 'verse', character: 'expressive' },
];

export const DEFAULT_VOICE = 'coral';

/** What a request calls a voice: a custom one is named by its id. */
export function voiceField(name: string): string | { id: string } {
  return name.startsWith('voice_') ? { id: name } : name;
}
