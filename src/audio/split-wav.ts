import type { FileHandle } from 'node:fs/promises';
import { usageError } from '../errors.ts';
import { type AudioPart, mostSeconds, partName, type SplitRequest } from './audio-part.ts';
import { filePieces, readAt } from './file-pieces.ts';
import { quietestPlace } from './quiet.ts';
import { makeWavHeader, type WavFormat, type WavHeader, wavHeader } from './wav.ts';

/** A part ends at the quietest place of so many of its last seconds. */
const SEARCHED_SECONDS = 30;

/** And of no more bytes than these: with many channels and a high rate 30 s are much memory. */
const SEARCHED_BYTES = 12 * 1024 * 1024;

/**
 * Parts of a WAV that end between two samples, where it is quiet, each with a header of its own. What is behind the
 * samples, words on them for one, is left out.
 * @returns undefined where it has a codec that cannot be cut
 * @throws Failure (usage) for a header that makes no sense
 */
export async function splitWav(
  request: SplitRequest,
  handle: FileHandle,
): Promise<readonly AudioPart[] | undefined> {
  const { format, dataOffset, dataLength = Number.POSITIVE_INFINITY } = await headerOf(request, handle);
  if (format.encoding === 'other') return undefined;
  const { blockAlign } = format;
  const end = wholeBlocks(Math.min(dataLength, request.size - dataOffset), blockAlign) + dataOffset;
  // One byte may come after an odd number of them.
  const headBytes = makeWavHeader(format.chunk, undefined).length + 1;
  const mostBytes = Math.min(
    request.limits.bytes - 1 - headBytes,
    Math.floor(mostSeconds(request.limits) * format.sampleRate) * blockAlign,
  );
  const most = Math.max(wholeBlocks(mostBytes, blockAlign), blockAlign);

  const parts: AudioPart[] = [];
  for (let from = dataOffset; from < end; ) {
    const to = end - from <= most ? end : await quietEnd(request, handle, format, from, from + most);
    parts.push(wavPart(request, format, parts.length + 1, { from, to, dataOffset }));
    from = to;
  }
  return parts;
}

function wholeBlocks(bytes: number, blockAlign: number): number {
  return bytes - (bytes % blockAlign);
}

async function headerOf(request: SplitRequest, handle: FileHandle): Promise<WavHeader> {
  const reader = wavHeader();
  let step = reader.next();
  while (step.done !== true)
    step = reader.next(await readAt(handle, request, step.value.at, step.value.length));
  const { value } = step;
  if (value === undefined) throw usageError(`${request.name} is no WAV`);
  if ('problem' in value) throw usageError(`${request.name} is a WAV ${value.problem}`);
  return value;
}

/** @returns where the part from `from` on ends: `latest`, or a quieter place before */
async function quietEnd(
  request: SplitRequest,
  handle: FileHandle,
  format: WavFormat,
  from: number,
  latest: number,
): Promise<number> {
  const searched = Math.min(SEARCHED_SECONDS * format.bytesPerSecond, SEARCHED_BYTES, (latest - from) / 2);
  const length = wholeBlocks(Math.floor(searched), format.blockAlign);
  const place = quietestPlace(await readAt(handle, request, latest - length, length), format);
  return place === undefined ? latest : latest - length + place;
}

/** Bytes from the start of the file. */
interface Range {
  readonly from: number;
  readonly to: number;
  readonly dataOffset: number;
}

function wavPart(request: SplitRequest, format: WavFormat, number: number, range: Range): AudioPart {
  const { from, to, dataOffset } = range;
  const header = makeWavHeader(format.chunk, to - from);
  const padding = new Uint8Array((to - from) % 2);
  return {
    start: (from - dataOffset) / format.bytesPerSecond,
    seconds: (to - from) / format.bytesPerSecond,
    bytes: header.length + to - from + padding.length,
    type: 'audio/wav',
    name: partName(request.name, number, 'wav'),
    async *open() {
      yield header;
      yield* filePieces(request, from, to);
      if (padding.length > 0) yield padding;
    },
  };
}
