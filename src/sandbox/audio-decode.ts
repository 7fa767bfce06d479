import { ByteWindow } from '../audio/byte-window.ts';
import type { AudioKind } from '../audio/containers.ts';
import { mp3Frames } from '../audio/mp3-frames.ts';
import { readWavHeader, type WavFormat } from '../audio/wav.ts';
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
/** Bytes of MP3 that are decoded at a time. */
const MP3_BYTES = 1 << 16;
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
  const sample = sampleReader(format, new DataView(data.buffer, data.byteOffset, data.byteLength));
  if (sample === undefined) return undecoded(bytes, 'wav', data.length / format.bytesPerSecond);
  const { channels, blockAlign, sampleRate } = format;
  const count = Math.floor(data.length / blockAlign);
  const mixed = (at: number) => {
    let sum = 0;
    for (let channel = 0; channel < channels; channel += 1)
      sum += sample(at + (channel * blockAlign) / channels);
    return sum / channels;
  };
  const listener = new SpeechListener(sampleRate);
  for (let from = 0; from < count; from += BLOCK) {
    const length = Math.min(BLOCK, count - from);
    listener.hear(Float32Array.from({ length }, (_, index) => mixed((from + index) * blockAlign)));
    await turnOfTheLoop(signal);
  }
  return heardBy(listener);
}

/** Reads a sample of full scale 1 at a byte. */
function sampleReader(
  { encoding, blockAlign, channels }: WavFormat,
  view: DataView,
): ((at: number) => number) | undefined {
  switch (`${encoding} ${(blockAlign / channels) * 8}`) {
    case 'pcm 8':
      return (at) => view.getUint8(at) / 0x80 - 1;
    case 'pcm 16':
      return (at) => view.getInt16(at, true) / 0x8000;
    case 'pcm 24':
      return (at) => (view.getUint16(at, true) / 0x100 + view.getInt8(at + 2) * 0x100) / 0x8000;
    case 'pcm 32':
      return (at) => view.getInt32(at, true) / 0x80000000;
    case 'float 32':
      return (at) => view.getFloat32(at, true);
    case 'float 64':
      return (at) => view.getFloat64(at, true);
    default:
      return undefined;
  }
}

async function hearMp3(bytes: Uint8Array, signal: AbortSignal): Promise<HeardAudio | undefined> {
  const { MPEGDecoder } = await import('mpg123-decoder');
  const decoder = new MPEGDecoder();
  await decoder.ready;
  try {
    let listener: SpeechListener | undefined;
    for await (const frames of framesOf(bytes)) {
      const { channelData, sampleRate, samplesDecoded } = decoder.decode(frames);
      if (samplesDecoded === 0) continue;
      listener ??= new SpeechListener(sampleRate);
      listener.hear(mixed(channelData));
      await turnOfTheLoop(signal);
    }
    return listener === undefined ? undefined : heardBy(listener);
  } finally {
    decoder.free();
  }
}

/** The frames of an MP3, many at a time. The decoder is given nothing else. */
async function* framesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  async function* whole() {
    yield bytes;
  }
  let gathered: Uint8Array[] = [];
  let length = 0;
  for await (const frame of mp3Frames(new ByteWindow(whole()))) {
    gathered.push(frame.bytes);
    length += frame.bytes.length;
    if (length < MP3_BYTES) continue;
    yield Buffer.concat(gathered);
    gathered = [];
    length = 0;
  }
  if (length > 0) yield Buffer.concat(gathered);
}

/** The mean of the channels. */
function mixed([first = new Float32Array(0), ...others]: readonly Float32Array[]): Float32Array {
  const all = 1 + others.length;
  return first.map((sample, index) => others.reduce((sum, other) => sum + (other[index] ?? 0), sample) / all);
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
