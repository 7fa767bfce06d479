import { heardBy } from './audio-decode.ts';
import { invalidRequest } from './error-answer.ts';
import type { TurnDetection } from './realtime-settings.ts';
import { SpeechListener } from './speech-listener.ts';
import { SPEECH_RATE } from './speech-sound.ts';
import { textOf, transcriptOf } from './transcript.ts';

/** Samples that are judged together: 10 ms. */
const FRAME = SPEECH_RATE / 100;
/** Of full scale 1, root mean square: what is louder is speech. -40 dB. */
const SPEECH_LEVEL = 0.01;
/** Ms of silence after which a turn has ended, where nobody says. */
const SILENCE = 500;
/** Ms, of semantic detection: that of medium eagerness is more, and this one has the whole text at once. */
const SEMANTIC_SILENCE = 800;
/** Seconds of sound that are enough to be committed (the API's own message). */
const SHORTEST = 0.1;

/** What becomes of sound as it is appended. Times in ms from the start of all that was appended. */
export type Heard =
  | { readonly kind: 'started' | 'stopped'; readonly at: number }
  /** More of the words of what has not been committed yet. */
  | { readonly kind: 'words'; readonly text: string };

/** The sound of a turn that has ended. */
export interface Committed {
  readonly text: string;
  readonly seconds: number;
}

/** The buffer of a session that listens. */
export class RealtimeInput {
  #listener = new SpeechListener(SPEECH_RATE);
  /** Samples in the buffer, and before it. */
  #length = 0;
  #before = 0;
  /** What was told of the words in it. */
  #told = '';
  #rest = new Float32Array(0);
  #isSpeaking = false;
  #silence = 0;

  /**
   * Listens, frame by frame, so that a turn ends where it ends.
   * @param base64 PCM of 16 bits
   * @throws ApiError 400
   */
  *append(base64: string, detection: TurnDetection | null): Generator<Heard> {
    const samples = samplesOf(base64);
    const all = new Float32Array(this.#rest.length + samples.length);
    all.set(this.#rest);
    all.set(samples, this.#rest.length);
    let at = 0;
    for (; at + FRAME <= all.length; at += FRAME) {
      const frame = all.subarray(at, at + FRAME);
      this.#listener.hear(frame);
      this.#length += FRAME;
      if (detection !== null) yield* this.#judge(frame, detection);
    }
    this.#rest = all.slice(at);
    const text = textOf(transcriptOf({ pieces: this.#listener.heard, seconds: 0 }).words);
    if (text.length > this.#told.length) {
      yield { kind: 'words', text: text.slice(this.#told.length) };
      this.#told = text;
    }
  }

  *#judge(frame: Float32Array, detection: TurnDetection): Generator<Heard> {
    const level = Math.sqrt(frame.reduce((sum, sample) => sum + sample * sample, 0) / frame.length);
    const now = ((this.#before + this.#length) / SPEECH_RATE) * 1000;
    if (level >= SPEECH_LEVEL) {
      this.#silence = 0;
      if (this.#isSpeaking) return;
      this.#isSpeaking = true;
      yield { kind: 'started', at: Math.max(0, Math.round(now - (detection.prefix_padding_ms ?? 0))) };
    } else if (this.#isSpeaking) {
      this.#silence += 10;
      const enough =
        detection.type === 'server_vad' ? (detection.silence_duration_ms ?? SILENCE) : SEMANTIC_SILENCE;
      if (this.#silence < enough) return;
      this.#isSpeaking = false;
      yield { kind: 'stopped', at: Math.round(now) };
    }
  }

  /** What was told of the words that are in the buffer. */
  get told(): string {
    return this.#told;
  }

  /** @throws ApiError 400 where there is too little */
  commit(): Committed {
    const seconds = (this.#length + this.#rest.length) / SPEECH_RATE;
    if (seconds < SHORTEST) {
      const has = (seconds * 1000).toFixed(2);
      throw invalidRequest(
        `Error committing input audio buffer: buffer too small. Expected at least 100ms of audio, but buffer only has ${has}ms of audio.`,
        null,
        'input_audio_buffer_commit_empty',
      );
    }
    this.#listener.hear(this.#rest);
    const { words } = transcriptOf(heardBy(this.#listener));
    this.clear();
    return { text: textOf(words), seconds };
  }

  clear(): void {
    this.#before += this.#length + this.#rest.length;
    this.#listener = new SpeechListener(SPEECH_RATE);
    this.#length = 0;
    this.#told = '';
    this.#rest = new Float32Array(0);
    this.#isSpeaking = false;
    this.#silence = 0;
  }
}

/** What is said in a sound that came as a whole. @throws ApiError 400 */
export function heardIn(base64: string): string {
  const listener = new SpeechListener(SPEECH_RATE);
  listener.hear(samplesOf(base64));
  return textOf(transcriptOf(heardBy(listener)).words);
}

function samplesOf(base64: string): Float32Array {
  const bytes = Buffer.from(base64, 'base64');
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(base64) || bytes.length % 2 !== 0) {
    throw invalidRequest(
      "Invalid 'audio'. Expected base64-encoded audio bytes (mono PCM16 at 24kHz) but got an invalid value.",
      'audio',
      'invalid_value',
    );
  }
  return Float32Array.from({ length: bytes.length / 2 }, (_, index) => bytes.readInt16LE(index * 2) / 0x8000);
}
