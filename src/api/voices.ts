/** The ways to have a text said: `/audio/speech`, or a conversation over the Realtime API. */
export type Via = 'speech' | 'realtime';

/** A voice that comes with the API. */
export interface Voice {
  readonly voice: string;
  /** What it is like, in a word or two of our own: OpenAI gives samples, and no words. */
  readonly character: string;
  /** The ways by which it is to be had. */
  readonly via: readonly Via[];
}

const BOTH: readonly Via[] = ['speech', 'realtime'];
const SPEECH: readonly Via[] = ['speech'];

/** The built-in voices (the SDK's types, `voice` of speech and of Realtime's audio output; openai 7.55.0). */
export const voices: readonly Voice[] = [
  { voice: 'alloy', character: 'even, neutral', via: BOTH },
  { voice: 'ash', character: 'low, clear', via: BOTH },
  { voice: 'ballad', character: 'soft, singing', via: BOTH },
  { voice: 'cedar', character: 'deep, natural', via: BOTH },
  { voice: 'coral', character: 'bright, friendly', via: BOTH },
  { voice: 'echo', character: 'calm, low', via: BOTH },
  { voice: 'fable', character: 'telling a story', via: SPEECH },
  { voice: 'marin', character: 'light, natural', via: BOTH },
  { voice: 'nova', character: 'lively, high', via: SPEECH },
  { voice: 'onyx', character: 'deep, grave', via: SPEECH },
  { voice: 'sage', character: 'gentle', via: BOTH },
  { voice: 'shimmer', character: 'soft, high', via: BOTH },
  { voice: 'verse', character: 'expressive', via: BOTH },
];

/** The names of the voices that are to be had by a way. */
export function voicesVia(via: Via): readonly string[] {
  return voices.filter((voice) => voice.via.includes(via)).map(({ voice }) => voice);
}

/** For voices that the Realtime API does not have, those of it that are most like them. */
const LIVE_LIKENESS: Readonly<Record<string, string>> = { fable: 'verse', nova: 'coral', onyx: 'cedar' };

/** The voice that takes the place of one where the Realtime API takes the place of `/audio/speech`. */
export function liveVoice(name: string): string {
  return LIVE_LIKENESS[name] ?? name;
}

export const DEFAULT_VOICE = 'coral';

/** What a request calls a voice: a custom one is named by its id. */
export function voiceField(name: string): string | { id: string } {
  return name.startsWith('voice_') ? { id: name } : name;
}
