import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ByteWindow } from '../audio/byte-window.ts';
import { type AudioKind, audioKind, audioTypes, START_BYTES } from '../audio/containers.ts';
import { filePieces, readAt, withFile } from '../audio/file-pieces.ts';
import { pcmFormat, type WavFormat } from '../audio/wav.ts';
import { monoReader } from '../audio/wav-samples.ts';
import { streamedWavHeader } from '../audio/wav-stream.ts';
import { type Context, contextWith } from '../context.ts';
import { type Failure, usageError } from '../errors.ts';
import { stdinPieces } from '../input/stdin.ts';
import { warn } from '../output/messages.ts';
import { HIGHEST_RATE, LOWEST_RATE, RATE } from '../speech/live-sound.ts';
import { asPieces, resampled } from './pcm-pieces.ts';

/** Sound that is to be heard: PCM of 16 bits, one channel, of the API's rate, in pieces of a tenth of a second. */
export interface SoundSource {
  /** What errors call it. */
  readonly name: string;
  /** It comes as somebody speaks, and but once. */
  readonly isLive: boolean;
  /** @throws Failure (usage) where it is no sound, or cannot be read; the reason of the signal */
  open(): AsyncGenerator<Uint8Array>;
  /** Nothing more of it is wanted: who waits for it is told so. */
  stop(): void;
}

/** Bytes of a stream by which it is told what it is: less than a tenth of a second of PCM. */
const FIRST_BYTES = 4096;

export interface SoundOptions {
  /** The flag that names it: `--in`. */
  readonly flag: string;
  /** Hz of sound that does not say; undefined where the user did not. */
  readonly rate: number | undefined;
}

/**
 * What a flag names: a file, or stdin for `-`.
 * @throws Failure (usage) where stdin is a terminal, or taken
 */
export function soundSource(path: string, options: SoundOptions, context: Context): SoundSource {
  const stopping = new AbortController();
  const signal = AbortSignal.any([context.signal, stopping.signal]);
  const within = contextWith(context, { signal });
  const stop = () => stopping.abort(new Error('no more is wanted'));
  if (path !== '-') return { name: path, isLive: false, open: () => fileSound(path, options, within), stop };
  const pieces = stdinPieces(within, options.flag);
  return { name: 'stdin', isLive: true, open: () => streamSound(pieces, 'stdin', options, within), stop };
}

async function* streamSound(
  pieces: AsyncIterable<Uint8Array>,
  name: string,
  { rate = RATE }: SoundOptions,
  context: Context,
): AsyncGenerator<Uint8Array> {
  const window = new ByteWindow(pieces);
  try {
    await window.reach(FIRST_BYTES);
    const kind = kindOf(window.ahead);
    if (kind === 'text') throw usageError(`${name} is text, and not sound`, RECORD);
    if (kind === 'wav') yield* wavSound(window, name, context);
    else if (kind === 'mp3') yield* mp3Sound(window, name);
    else if (kind !== undefined) throw notPcm(kind, name);
    else yield* pcmSound(window, rawFormat(rate), Number.POSITIVE_INFINITY, name, context);
  } finally {
    await window.close();
  }
}

const RECORD = 'arecord -q -f S16_LE -r 24000 records what is said';

function notPcm(kind: AudioKind, name: string): Failure {
  const called = audioTypes[kind].extension.toUpperCase();
  return usageError(`${name} is ${called}, and not PCM, WAV or MP3`, CONVERT);
}

const CONVERT = `ffmpeg -i - -f s16le -ac 1 -ar ${RATE} - makes PCM of it; or name the file`;
const UNKNOWN_CODEC = 'a WAV of a codec that is not read here';

/** @returns undefined for what says nothing of itself, as PCM does */
function kindOf(start: Buffer): AudioKind | 'text' | undefined {
  const kind = audioKind(start);
  if (kind !== undefined) return kind;
  const isText =
    start.length >= 16 && start.every((byte) => (byte >= 32 && byte < 127) || (byte >= 9 && byte <= 13));
  return isText ? 'text' : undefined;
}

async function* fileSound(path: string, options: SoundOptions, context: Context): AsyncGenerator<Uint8Array> {
  const { flag, rate } = options;
  const { cwd, signal } = context;
  const file = { path: resolve(cwd, path), name: path, signal };
  // What a shell makes of `<(…)`: it is read once, from its beginning.
  if ((await stat(file.path).catch(() => undefined))?.isFIFO() === true) {
    yield* streamSound(createReadStream(file.path, { signal }), path, options, context);
    return;
  }
  const { size, kind } = await withFile(file, async (handle) => {
    const start = await readAt(handle, file, 0, START_BYTES);
    return { size: (await handle.stat()).size, kind: start.length === 0 ? 'empty' : audioKind(start) };
  });
  if (kind === 'empty') throw usageError(`${path} is empty`);
  const window = new ByteWindow(filePieces(file, 0, size));
  try {
    if (kind === 'wav') {
      yield* wavSound(window, path, context, () => convertedSound(file, UNKNOWN_CODEC, context));
    } else if (kind === 'mp3') yield* mp3Sound(window, path);
    else if (kind !== undefined) yield* convertedSound(file, 'a sound that is not read here', context);
    else if (rate !== undefined || /\.(?:pcm|raw)$/i.test(path)) {
      yield* pcmSound(window, rawFormat(rate ?? RATE), Number.POSITIVE_INFINITY, path, context);
    } else {
      throw usageError(
        `${flag} ${path} is no sound that is known here`,
        '--rate 24000 takes it for PCM of 16 bits',
      );
    }
  } finally {
    await window.close();
  }
}

function rawFormat(rate: number): WavFormat {
  const bits = { bitsPerSample: 16, blockAlign: 2, bytesPerSecond: 2 * rate };
  return { encoding: 'pcm', channels: 1, sampleRate: rate, ...bits, chunk: pcmFormat(rate) };
}

/** @param convert makes of a codec that is not read here one that is */
async function* wavSound(
  window: ByteWindow,
  name: string,
  context: Context,
  convert?: () => AsyncGenerator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const header = await streamedWavHeader(window);
  if (header === undefined || 'problem' in header) {
    throw usageError(`${name} is a WAV ${header?.problem ?? 'without a header'}`);
  }
  const { sampleRate } = header.format;
  // A sample of such a WAV would be seconds of sound, or none.
  if (sampleRate < LOWEST_RATE || sampleRate > HIGHEST_RATE) {
    throw usageError(`${name} is a WAV of ${sampleRate} Hz: ${LOWEST_RATE} to ${HIGHEST_RATE} are read`);
  }
  if (monoReader(header.format) === undefined) {
    if (convert === undefined) throw usageError(`${name} is ${UNKNOWN_CODEC}`, CONVERT);
    yield* convert();
    return;
  }
  await window.skip(header.dataOffset - window.offset);
  yield* pcmSound(window, header.format, header.dataLength ?? Number.POSITIVE_INFINITY, name, context);
}

async function* pcmSound(
  window: ByteWindow,
  format: WavFormat,
  length: number,
  name: string,
  context: Context,
): AsyncGenerator<Uint8Array> {
  const { sampleRate, blockAlign, channels, encoding } = format;
  const read = monoReader(format);
  if (read === undefined) throw usageError(`${name} is ${UNKNOWN_CODEC}`);
  const isSame = sampleRate === RATE && channels === 1 && blockAlign === 2 && encoding === 'pcm';
  const blocks = whole(window.rest(length), blockAlign, () =>
    warn(context, `${name} ends in the middle of a sample: the rest of it is left out`),
  );
  yield* asPieces(isSame ? blocks : resampled(samplesIn(blocks, read, sampleRate)), name);
}

async function* samplesIn(
  blocks: AsyncIterable<Uint8Array>,
  read: (bytes: Uint8Array) => Float32Array,
  rate: number,
) {
  for await (const bytes of blocks) yield { samples: read(bytes), rate };
}

/** The bytes in pieces of whole samples. */
async function* whole(
  bytes: AsyncIterable<Uint8Array>,
  align: number,
  onRest: () => void,
): AsyncGenerator<Uint8Array> {
  let rest: Uint8Array = new Uint8Array(0);
  for await (const piece of bytes) {
    const all = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    const length = all.length - (all.length % align);
    if (length > 0) yield all.subarray(0, length);
    rest = all.subarray(length);
  }
  if (rest.length > 0) onRest();
}

async function* mp3Sound(window: ByteWindow, name: string): AsyncGenerator<Uint8Array> {
  // The decoder is large.
  const { mp3Samples } = await import('../audio/mp3-samples.ts');
  yield* asPieces(resampled(mp3Samples(window, FIRST_BYTES)), name);
}

/** What is not read here FFmpeg makes a WAV of. */
async function* convertedSound(
  { path, name }: { readonly path: string; readonly name: string },
  called: string,
  context: Context,
): AsyncGenerator<Uint8Array> {
  const { readFile } = await import('node:fs/promises');
  const { asWav } = await import('../attachments/sound.ts');
  const wav = await asWav(await readFile(path), name, called, context);
  async function* bytes() {
    yield wav;
  }
  yield* wavSound(new ByteWindow(bytes()), name, context);
}
