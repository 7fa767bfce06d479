import { ByteWindow } from '../audio/byte-window.ts';
import type { AudioKind } from '../audio/containers.ts';
import { readWavHeader } from '../audio/wav.ts';
import { monoReader } from '../audio/wav-samples.ts';
import { type HeardPiece, SpeechListener } from './speech-listener.ts';
import { piecesOf } from './speech-pieces.ts';

/** What is heard in a file. */
export interface HeardAudio {
  readonly pieces: readonly HeardPiece[];
  readonly seconds: number;
}

/** Sound that is neither silence nor speech is told where it is this long, in seconds: else it is the rest of a word. */
const SHORTEST_SOUND = 1;
/** Samples that are read at a time. */
const BLOCK = 1 << 16;
/** Bytes a second, where a file does not tell how long it is: 128 kbit/s. */
const GUESSED_RATE = 16_000;

/**
 * Listens to a file. What cannot be decoded here says which kind it is, and how large.
 * @returns undefined where it is broken
 */
export async function hearAudio(
  bytes: Uint8Array,
  kind: AudioKind,
  signal: AbortSignal,
): Promise<HeardAudio | undefined> {
  if (kind === 'wav') return hearWav(bytes, signal);
  if (kind === 'mp3') return hearMp3(bytes, signal);
  const seconds = kind === 'mpeg' ? bytes.length / GUESSED_RATE : await secondsOf(bytes);
  return seconds === undefined ? undefined : undecoded(bytes, kind, seconds);
}

async function hearWav(bytes: Uint8Array, signal: AbortSignal): Promise<HeardAudio | undefined> {
  const header = readWavHeader(bytes);
  if (header === undefined || 'problem' in header) return undefined;
  const { format, dataOffset, dataLength = Number.POSITIVE_INFINITY } = header;
  const data = bytes.subarray(dataOffset, Math.min(bytes.length, dataOffset + dataLength));
  const read = monoReader(format);
  if (read === undefined) return undecoded(bytes, 'wav', data.length / format.bytesPerSecond);
  const listener = new SpeechListener(format.sampleRate);
  const block = BLOCK * format.blockAlign;
  for (let from = 0; from < data.length; from += block) {
    listener.hear(read(data.subarray(from, from + block)));
    await turnOfTheLoop(signal);
  }
  return heardBy(listener);
}

async function hearMp3(bytes: Uint8Array, signal: AbortSignal): Promise<HeardAudio | undefined> {
  async function* whole() {
    yield bytes;
  }
  // The decoder is large.
  const { mp3Samples } = await import('../audio/mp3-samples.ts');
  let listener: SpeechListener | undefined;
  for await (const { samples, rate } of mp3Samples(new ByteWindow(whole()))) {
    listener ??= new SpeechListener(rate);
    listener.hear(samples);
    await turnOfTheLoop(signal);
  }
  return listener === undefined ? undefined : heardBy(listener);
}

/** How long the sound of a container is, in seconds; undefined where it is broken, or has none. */
async function secondsOf(bytes: Uint8Array): Promise<number | undefined> {
  const { ALL_FORMATS, BufferSource, Input } = await import('mediabunny');
  const input = new Input({ formats: ALL_FORMATS, source: new BufferSource(bytes) });
  try {
    return await (await input.getPrimaryAudioTrack())?.computeDuration();
  } catch {
    return undefined;
  } finally {
    input.dispose();
  }
}

/** What was heard, at its end; of sound without words its length. */
export function heardBy(listener: SpeechListener): HeardAudio {
  const { pieces, seconds, isSilent } = listener.end();
  if (pieces.length > 0 || isSilent || seconds < SHORTEST_SOUND) return { pieces, seconds };
  return told(`[sound of ${Math.round(seconds)} seconds]`, seconds);
}

function undecoded(bytes: Uint8Array, kind: AudioKind, seconds: number): HeardAudio {
  return told(`This is a ${kind} file of ${bytes.length} bytes.`, seconds);
}

/** Words that are not in the sound, spread over it. */
function told(text: string, seconds: number): HeardAudio {
  const pieces = piecesOf(text);
  const share = seconds / pieces.length;
  return {
    pieces: pieces.map((piece, index) => ({ ...piece, start: index * share, end: (index + 1) * share })),
    seconds,
  };
}

/** Others have their turn. @throws the reason of the signal */
async function turnOfTheLoop(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  signal.throwIfAborted();
}
