import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type AudioPart,
  cannotBeSplit,
  hasNoSound,
  isWithin,
  mostSeconds,
  type PartLimits,
  partName,
  type SplitRequest,
} from './audio-part.ts';
import { type AudioType, audioTypes } from './containers.ts';
import { type Ffmpeg, FfmpegFailed, fileWord, soundOf } from './ffmpeg.ts';
import { filePieces } from './file-pieces.ts';

/** The kinds whose sound FFmpeg puts into files of the same kind, packet by packet. */
export type SegmentedKind = 'mp4' | 'webm' | 'ogg';

/** What FFmpeg calls them. An MP4, not its `ipod`: that one refuses Opus, and the files are the same. */
const MUXERS: Readonly<Record<SegmentedKind, readonly string[]>> = {
  // The index first: a reader need not have the end.
  mp4: ['mp4', '-segment_format_options', 'movflags=+faststart'],
  webm: ['webm'],
  ogg: ['ogg'],
};

/** Times that segments are made anew, each time shorter. */
const MOST_TRIES = 6;

/** Segments are cut after so much of what they may have: they end with a whole packet, and bitrates vary. */
const MARGIN = 0.95;

/** For a start without a limit: as good as for ever. Seconds. */
const WHOLE = 1_000_000;

/** The API refuses less than 0.1 s of audio (`audio_too_short`). A last part has more: words, hopefully. Seconds. */
const SHORTEST = 1;

/** Below this nothing is gained by a shorter segment. Seconds. */
const SHORTEST_SEGMENT = 0.05;

interface Segment {
  readonly path: string;
  /** Seconds from the first sample of the whole. */
  readonly start: number;
  readonly seconds: number;
  readonly bytes: number;
}

/**
 * Splits the sound of a file with FFmpeg, between two packets.
 *
 * How long parts may be is measured: what is asked for first are the longest that may be, and what they take tells how
 * long they can be. The size of the whole tells less: much of a film are pictures, and not all files tell their length.
 * @param folder where the parts are made
 * @throws FfmpegFailed: what is in the container cannot be had on its own; Failure (usage) for a file without sound,
 *   and limits that cannot be kept; the reason of the signal
 */
export async function splitSegments(
  folder: string,
  request: SplitRequest,
  kind: SegmentedKind,
  ffmpeg: Ffmpeg,
): Promise<readonly AudioPart[]> {
  const offset = await startOfSound(request, ffmpeg);
  let length = Math.min(mostSeconds(request.limits) * MARGIN, WHOLE);
  for (let attempt = 1; attempt <= MOST_TRIES && length >= SHORTEST_SEGMENT; attempt++) {
    const place = join(folder, String(attempt));
    const segments = await makeSegments(place, request, kind, ffmpeg, { length, offset });
    const areWithin = segments.every((segment) => isWithin(request.limits, segment));
    const last = segments.at(-1)?.seconds ?? 0;
    // A second try is enough for a short end.
    const isUneven = attempt === 1 && segments.length > 1 && last < Math.min(SHORTEST, length / 2);
    if (areWithin && !isUneven) return segments.map(toPart(request, audioTypes[kind], offset));
    await rm(place, { recursive: true });
    const even = evenLength(segments, request.limits);
    length = attempt === 1 ? even : Math.min(even, length / 2);
  }
  throw cannotBeSplit(request.name, request.limits);
}

/**
 * Seconds from the start of the file to its sound, which may begin later than its pictures: FFmpeg's segments tell
 * where they start, but not this of the first. A little before the start is what an encoder added.
 */
async function startOfSound({ path }: SplitRequest, ffmpeg: Ffmpeg): Promise<number> {
  const printed = await ffmpeg.run([
    ...[...soundOf(path), '-c', 'copy', '-frames:a', '1'],
    ...['-f', 'framecrc', 'pipe:1'],
  ]);
  const timeBase = /^#tb 0: (\d+)\/(\d+)$/m.exec(printed);
  const packet = /^0, *-?\d+, *(-?\d+),/m.exec(printed);
  if (timeBase === null || packet === null) return 0;
  return Math.max((Number(packet[1]) * Number(timeBase[1])) / Number(timeBase[2]), 0);
}

interface Cut {
  /** Of a segment, in seconds. */
  readonly length: number;
  /** Seconds to the first sample. */
  readonly offset: number;
}

async function makeSegments(
  folder: string,
  request: SplitRequest,
  kind: SegmentedKind,
  ffmpeg: Ffmpeg,
  { length, offset }: Cut,
): Promise<readonly Segment[]> {
  await mkdir(folder, { mode: 0o700 });
  const list = join(folder, 'list.csv');
  await ffmpeg.run([
    ...soundOf(request.path, -offset),
    ...['-c', 'copy', '-f', 'segment', '-segment_format', ...MUXERS[kind]],
    // What an encoder added lies before zero, where players leave it out: moved up it would be heard.
    ...['-segment_time', length.toFixed(3), '-reset_timestamps', '1', '-avoid_negative_ts', 'disabled'],
    ...['-segment_list', fileWord(list), '-segment_list_type', 'csv'],
    // A percent sign in the name of the folder is to stay one.
    fileWord(join(folder.replaceAll('%', '%%'), `%03d.${audioTypes[kind].extension}`)),
  ]);
  const rows = await readFile(list, 'utf8').catch(() => '');
  const segments = await Promise.all(
    rows
      .split('\n')
      .filter(Boolean)
      .map((row) => readRow(row, folder)),
  );
  if (segments.length === 0) throw hasNoSound(request.name);
  return segments;
}

/** @param row `003.m4a,30.016000,40.000000`: name, start, end */
async function readRow(row: string, folder: string): Promise<Segment> {
  const [name = '', start, end] = row.trim().split(',');
  const path = join(folder, name);
  const file = /^\d+\.\w+$/.test(name) ? await stat(path).catch(() => undefined) : undefined;
  const [from, to] = [Number(start), Number(end)];
  if (file === undefined || !(to >= from)) throw new FfmpegFailed(`it made no sense of its parts: ${row}`);
  return { path, start: from, seconds: to - from, bytes: file.size };
}

/** How long segments are to be for all to be as long as each other, and within limits. Seconds. */
function evenLength(segments: readonly Segment[], limits: PartLimits): number {
  const whole = segments.reduce((sum, { seconds }) => sum + seconds, 0);
  // A short one is mostly header, and tells nothing of the sound.
  const longest = Math.max(...segments.map(({ seconds }) => seconds));
  const fitting = segments
    .filter(({ seconds }) => seconds >= longest / 2)
    .map(({ seconds, bytes }) => (seconds * limits.bytes) / bytes);
  const most = Math.min(mostSeconds(limits), ...fitting) * MARGIN;
  const even = whole / Math.ceil(whole / most);
  // Up to the next millisecond, lest the last packet is left over.
  return Math.ceil(even * 1000) / 1000;
}

function toPart(request: SplitRequest, { extension, mime }: AudioType, offset: number) {
  return ({ path, start, seconds, bytes }: Segment, index: number): AudioPart => {
    const name = partName(request.name, index + 1, extension);
    return {
      start: offset + start,
      seconds,
      bytes,
      type: mime,
      name,
      open: () => filePieces({ path, name, signal: request.signal }, 0, bytes),
    };
  };
}
