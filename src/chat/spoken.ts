import type { ChatMessage } from '../api/completions.ts';
import { isObject } from '../json.ts';

/** The sound of an answer, as it comes. */
export interface SpokenSound {
  /** What a later question refers to it by. */
  id?: string;
  /** How long it can be referred to, in seconds since 1970. */
  expiresAt?: number;
  /** In the format that was asked for. */
  readonly pieces: Uint8Array[];
}

/** The words of a piece of sound, or of a whole one. */
export function transcriptOf(audio: unknown): string {
  return isObject(audio) && typeof audio['transcript'] === 'string' ? audio['transcript'] : '';
}

/** Adds a piece, or a whole sound. @returns the sound; undefined where there was none and is none */
export function withSound(sound: SpokenSound | undefined, audio: unknown): SpokenSound | undefined {
  if (!isObject(audio)) return sound;
  const { id, data, expires_at: expiresAt } = audio;
  const spoken = sound ?? { pieces: [] };
  if (typeof id === 'string' && id !== '') spoken.id = id;
  if (typeof expiresAt === 'number') spoken.expiresAt = expiresAt;
  if (typeof data === 'string' && data !== '') spoken.pieces.push(Buffer.from(data, 'base64'));
  return spoken;
}

/** A message of the assistant that was said, as it is kept: its words, and what refers to its sound. */
export interface SpokenReference {
  readonly id: string;
  /** Seconds since 1970. */
  readonly expires_at: number;
}

/** @returns undefined where nothing can be referred to */
export function referenceTo(sound: SpokenSound | undefined): SpokenReference | undefined {
  const { id, expiresAt } = sound ?? {};
  return id === undefined || expiresAt === undefined ? undefined : { id, expires_at: expiresAt };
}

/**
 * Messages as they are sent: an answer that was said is referred to while it lasts, by a model that hears; else it is
 * what it said.
 * @param hears the model takes sound, and the server is the one that said it
 * @param now ms since 1970
 */
export function sentMessages(
  messages: readonly ChatMessage[],
  { hears, now }: { readonly hears: boolean; readonly now: number },
): ChatMessage[] {
  return messages.map((message) => {
    if (message.role !== 'assistant' || message.audio == null) return message;
    const { audio, ...said } = message;
    const expires =
      'expires_at' in audio && typeof audio.expires_at === 'number' ? audio.expires_at : undefined;
    // One that a user gave, with --messages, is theirs.
    if (expires === undefined) return message;
    if (!hears || expires * 1000 <= now) return said;
    const { content, ...rest } = said;
    return { ...rest, audio: { id: audio.id } };
  });
}
