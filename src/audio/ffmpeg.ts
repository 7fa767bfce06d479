import { spawn } from 'node:child_process';
import { reasonOf, usageError } from '../errors.ts';
import { whereIs } from '../output/programs.ts';
import type { Surroundings } from './audio-part.ts';

/** FFmpeg as it is installed here. */
export interface Ffmpeg {
  /**
   * Runs it once, to the end.
   * @param words arguments, file names among them as `fileWord` gives them
   * @returns what it printed on stdout
   * @throws FfmpegFailed; Failure (usage) where it cannot be started; the reason of the signal, once it is dead
   */
  run(words: readonly string[]): Promise<string>;
}

/** It ended with an error. The message is its own first line on it. */
export class FfmpegFailed extends Error {
  override readonly name = 'FfmpegFailed';
}

/** @returns undefined where there is none in PATH */
export async function findFfmpeg(surroundings: Surroundings): Promise<Ffmpeg | undefined> {
  const program = await whereIs('ffmpeg', surroundings.env);
  if (program === undefined) return undefined;
  return { run: (words) => run(program, [...ALWAYS, ...words], surroundings) };
}

/** It asks nothing, and says what went wrong alone. */
const ALWAYS = ['-nostdin', '-hide_banner', '-loglevel', 'error'];

/** A file name that it takes neither for a flag nor for a protocol (FFmpeg protocols, `file`). @param path absolute */
export function fileWord(path: string): string {
  return `file:${path}`;
}

/**
 * The sound of a file: its first track, without titles, chapters and pictures. What the file refers to is not opened:
 * playlists and some containers name other files, or addresses.
 * @param path absolute
 * @param offset seconds that are added to its times
 */
export function soundOf(path: string, offset = 0): readonly string[] {
  const moved = offset === 0 ? [] : ['-itsoffset', offset.toFixed(6)];
  const input = ['-protocol_whitelist', 'file', ...moved, '-i', fileWord(path)];
  return [...input, '-map', '0:a:0', '-vn', '-map_metadata', '-1', '-map_chapters', '-1'];
}

/** As much of what it says as is kept, in characters: of a damaged file it says a lot. */
const KEPT = 16 * 1024;

function run(program: string, words: readonly string[], { env, signal }: Surroundings): Promise<string> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const child = spawn(program, words, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let [printed, complaints] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed = (printed + text).slice(0, KEPT);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaints = (complaints + text).slice(0, KEPT);
    });
    const stop = () => {
      // What it has written is thrown away: it need not finish it. Nor is a child of its own waited for.
      child.kill('SIGKILL');
      child.stdout.destroy();
      child.stderr.destroy();
    };
    signal.addEventListener('abort', stop, { once: true });
    child.once('error', (error) =>
      reject(usageError(`cannot run ${program}: ${reasonOf(error)}`, undefined, error)),
    );
    child.once('close', (code, by) => {
      signal.removeEventListener('abort', stop);
      if (signal.aborted) reject(signal.reason);
      else if (code === 0) resolve(printed);
      else reject(new FfmpegFailed(firstLine(complaints) ?? endedBy(code, by)));
    });
  });
}

/** The first line, which names the cause, without the part of FFmpeg and the address in front that it is from. */
function firstLine(complaints: string): string | undefined {
  const lines = complaints
    .split('\n')
    .map((line) => line.replace(/^(?:\[[^\]]* @ 0x[0-9a-f]+\] )+/, '').trim());
  return lines.find((line) => line !== '');
}

function endedBy(code: number | null, by: string | null): string {
  return by === null ? `it ended with exit code ${code}` : `it was ended by ${by}`;
}
