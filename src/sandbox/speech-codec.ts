import { makeWavHeader, pcmFormat } from '../audio/wav.ts';
import { SPEECH_RATE } from './speech-sound.ts';

/** The formats that can be made here. Of the API's, `opus` and `aac` and `flac` are not among them. */
export const speechFormats = ['mp3', 'wav', 'pcm'] as const;

export type SpeechFormat = (typeof speechFormats)[number];

export const speechTypes: Readonly<Record<SpeechFormat, string>> = {
  mp3: 'audio/mpeg',
  wav: 'audio/wav',
  pcm: 'audio/pcm',
};

/** Bytes of a piece of an answer: about a quarter of a second. */
const PIECE_BYTES: Readonly<Record<SpeechFormat, number>> = { mp3: 2000, wav: 12_000, pcm: 12_000 };

export function isSpeechFormat(value: unknown): value is SpeechFormat {
  return speechFormats.some((format) => format === value);
}

/**
 * Speech as a file, in pieces.
 * @param pcm 16 bits, little-endian, one channel, of `SPEECH_RATE`
 */
export function encodeSpeech(pcm: Iterable<Uint8Array>, format: SpeechFormat): AsyncGenerator<Uint8Array> {
  return inPieces(format === 'mp3' ? mp3(pcm) : headed(pcm, format), PIECE_BYTES[format]);
}

async function* mp3(pcm: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  async function* samples() {
    yield* pcm;
  }
  // The encoder is large.
  const { encodeMp3 } = await import('../audio/mp3-encoder.ts');
  yield* encodeMp3(samples(), SPEECH_RATE);
}

/** The header of a WAV tells no length: it is sent before that is known, as the API does. */
function* headed(pcm: Iterable<Uint8Array>, format: 'wav' | 'pcm'): Generator<Uint8Array> {
  if (format === 'wav') yield makeWavHeader(pcmFormat(SPEECH_RATE), undefined);
  yield* pcm;
}

/** Bytes in pieces of one size, but for the last. */
async function* inPieces(
  bytes: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<Uint8Array> {
  let gathered: Uint8Array[] = [];
  let length = 0;
  for await (const some of bytes) {
    gathered.push(some);
    length += some.length;
    if (length < size) continue;
    const whole = Buffer.concat(gathered);
    const rest = length % size;
    for (let at = 0; at + size <= length; at += size) yield whole.subarray(at, at + size);
    gathered = [whole.subarray(length - rest)];
    length = rest;
  }
  if (length > 0) yield Buffer.concat(gathered);
}
