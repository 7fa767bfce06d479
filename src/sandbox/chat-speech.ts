import type { ChatRequest } from './chat-request.ts';
import { invalidRequest } from './error-answer.ts';
import { encodeSpeech, type SpeechFormat } from './speech-codec.ts';
import { CHARACTERS_A_SECOND, pitchOf, speechPcm } from './speech-sound.ts';

/** The formats that can be made here, by the names that a chat has for them. */
const FORMATS: Readonly<Record<string, SpeechFormat>> = { wav: 'wav', mp3: 'mp3', pcm16: 'pcm' };
export const spokenFormats: readonly string[] = Object.keys(FORMATS);

/** Tokens of a second of sound that is made: one for 50 ms (OpenAI's guide to costs of realtime speech). */
const TOKENS_A_SECOND = 20;
/** Seconds that a spoken answer can be referred to. The API says when; it is an hour or so. */
const LIFETIME = 3600;

/** An answer that is said. */
export interface SpokenAnswer {
  readonly id: string;
  /** Seconds since 1970. */
  readonly expiresAt: number;
  readonly transcript: string;
  /** 16 bits, little-endian, one channel, of 24 kHz. */
  pcm(): Iterable<Uint8Array>;
  /** All of it, in the format that was asked for. */
  file(): Promise<Buffer>;
}

/**
 * @param seed names the answer: the same for the same request
 * @param now seconds since 1970
 * @returns undefined where no sound is asked for
 */
export function spokenAnswer(
  { modalities, audio }: ChatRequest,
  transcript: string,
  seed: string,
  now: number,
): SpokenAnswer | undefined {
  if (modalities?.includes('audio') !== true || audio == null) return undefined;
  const voice = typeof audio.voice === 'string' ? audio.voice : audio.voice.id;
  const pcm = () => speechPcm(transcript, { pitch: pitchOf(voice), speed: 1 });
  const expiresAt = now + LIFETIME;
  return {
    // It tells by itself how long it is good for: the next request may be another process's.
    id: `audio_${seed.slice(0, 24)}${expiresAt.toString(16)}`,
    expiresAt,
    transcript,
    pcm,
    async file() {
      const pieces: Uint8Array[] = [];
      for await (const piece of encodeSpeech(pcm(), FORMATS[audio.format] ?? 'wav')) pieces.push(piece);
      return Buffer.concat(pieces);
    },
  };
}

export function spokenTokens({ transcript }: SpokenAnswer): number {
  return Math.ceil((transcript.length / CHARACTERS_A_SECOND) * TOKENS_A_SECOND);
}

/**
 * Looks whether the answers that a conversation refers to can still be.
 * @param now seconds since 1970
 * @throws ApiError
 */
export function checkReferences({ messages }: ChatRequest, now: number): void {
  for (const [index, message] of messages.entries()) {
    if (message.role !== 'assistant' || message.audio == null) continue;
    const { id } = message.audio;
    const [, end = ''] = /^audio_[0-9a-f]{24}([0-9a-f]{8})$/.exec(id) ?? [];
    const path = `messages[${index}].audio.id`;
    if (end === '')
      throw invalidRequest(`Invalid '${path}': audio with id '${id}' not found.`, path, 'invalid_value');
    if (Number.parseInt(end, 16) <= now) {
      throw invalidRequest(`Invalid '${path}': audio with id '${id}' has expired.`, path, 'invalid_value');
    }
  }
}
