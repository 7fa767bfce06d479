import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context, Timer } from '../context.ts';
import { Failure, reasonOf, usageError } from '../errors.ts';
import { whereIs, withoutKeys } from './programs.ts';
import { temporaryFolder } from './temporary.ts';

/** A format of sound that players are told of. `pcm` is 24 kHz, 16 bits, one channel, little-endian. */
export type SoundFormat = 'mp3' | 'opus' | 'aac' | 'flac' | 'wav' | 'pcm';

interface PlayerKind {
  readonly program: string;
  /** The arguments that play stdin, by format; `any` for all that are not named. */
  readonly plays: Readonly<Partial<Record<SoundFormat | 'any', readonly string[]>>>;
  /** It cannot read a pipe: the sound goes into a file, whose name comes last. */
  readonly fromFile?: boolean;
}

/** Programs that play sound from stdin, in the order in which they are looked for (their manual pages). */
const PLAYERS: readonly PlayerKind[] = [
  {
    program: 'mpv',
    plays: {
      any: ['--no-terminal', '--no-video', '-'],
      pcm: [
        '--no-terminal',
        '--demuxer=rawaudio',
        '--demuxer-rawaudio-rate=24000',
        '--demuxer-rawaudio-channels=1',
        '--demuxer-rawaudio-format=s16le',
        '-',
      ],
    },
  },
  {
    program: 'ffplay',
    plays: {
      any: ['-nodisp', '-autoexit', '-loglevel', 'error', '-i', '-'],
      pcm: ['-nodisp', '-autoexit', '-loglevel', 'error', '-f', 's16le', '-ar', '24000', '-i', '-'],
    },
  },
  { program: 'afplay', plays: { wav: [], mp3: [], aac: [], flac: [] }, fromFile: true },
  {
    program: 'paplay',
    plays: { pcm: ['--raw', '--rate=24000', '--channels=1', '--format=s16le'] },
  },
  {
    program: 'aplay',
    plays: { wav: ['-q', '-'], pcm: ['-q', '-t', 'raw', '-f', 'S16_LE', '-r', '24000', '-c', '1', '-'] },
  },
  {
    program: 'play',
    plays: {
      mp3: ['-q', '-t', 'mp3', '-'],
      wav: ['-q', '-t', 'wav', '-'],
      flac: ['-q', '-t', 'flac', '-'],
      opus: ['-q', '-t', 'opus', '-'],
      pcm: ['-q', '-t', 'raw', '-r', '24000', '-e', 'signed', '-b', '16', '-c', '1', '-'],
    },
  },
];

/** The formats to choose from where the user names none: the smallest first. */
const PREFERRED: readonly SoundFormat[] = ['mp3', 'wav', 'pcm'];

/** A program that is there, and the format that it is to be given. */
export interface Player {
  readonly program: string;
  readonly format: SoundFormat;
  /**
   * Plays, as the bytes come, to the end.
   * @throws Failure (incomplete) where the player fails; whatever the bytes throw; the run's own reason when it is
   *   stopped
   */
  play(bytes: AsyncIterable<Uint8Array>): Promise<void>;
}

/**
 * Finds a program that plays sound.
 * @param format what it must play; undefined: anything that a speech can be had in
 * @throws Failure (usage) that says what was looked for
 */
export async function findPlayer(format: SoundFormat | undefined, context: Context): Promise<Player> {
  for (const kind of PLAYERS) {
    const chosen = [format ?? PREFERRED].flat().find((one) => argumentsFor(kind, one) !== undefined);
    const path = chosen === undefined ? undefined : await whereIs(kind.program, context.env);
    if (chosen === undefined || path === undefined) continue;
    const words = argumentsFor(kind, chosen) ?? [];
    const play = kind.fromFile === true ? playFile : feed;
    return { program: kind.program, format: chosen, play: (bytes) => play([path, ...words], bytes, context) };
  }
  const names = PLAYERS.filter((kind) => format === undefined || argumentsFor(kind, format)).map(
    ({ program }) => program,
  );
  const what = format === undefined ? 'sound' : format;
  throw usageError(
    `nothing here plays ${what}: looked for ${names.join(', ')}`,
    'install one of them, or save it with -o',
  );
}

function argumentsFor({ plays }: PlayerKind, format: SoundFormat): readonly string[] | undefined {
  return plays[format] ?? plays.any;
}

type Words = readonly [string, ...string[]];

async function feed(words: Words, bytes: AsyncIterable<Uint8Array>, context: Context): Promise<void> {
  const { stdin, ended } = start(words, context);
  try {
    for await (const piece of bytes) {
      // Whoever stops listening has heard enough: the reason is in how the player ended.
      if (!stdin.writable) break;
      if (!stdin.write(piece)) await drained(stdin);
    }
  } catch (error) {
    stdin.end();
    // What came is heard to its end; where the run is stopped, the player ends before it.
    await ended.catch(() => {});
    throw error;
  }
  stdin.end();
  await ended;
}

async function playFile(words: Words, bytes: AsyncIterable<Uint8Array>, context: Context): Promise<void> {
  const folder = await temporaryFolder();
  try {
    const file = join(folder.path, 'speech');
    await writeFile(file, bytes);
    const { stdin, ended } = start([...words, file], context);
    stdin.end();
    await ended;
  } finally {
    await folder.dispose();
  }
}

/** How long a player that is told to end may take, in ms: less than a run that is stopped may take to tidy up. */
const LAST_SOUND_MS = 30;

/**
 * Starts a player, which ends with the run. `ended` rejects where it fails, and with the run's own reason where that is
 * stopped.
 * @throws the signal's reason
 */
function start([program, ...words]: Words, context: Context) {
  const { clock, signal } = context;
  signal.throwIfAborted();
  const child = spawn(program, words, { env: withoutKeys(context), stdio: ['pipe', 'ignore', 'inherit'] });
  let patience: Timer | undefined;
  const stop = () => {
    child.kill();
    patience = clock.timer(LAST_SOUND_MS, () => void child.kill('SIGKILL'));
  };
  signal.addEventListener('abort', stop, { once: true });
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', (error) => reject(cannotPlay(program, reasonOf(error), error)));
    child.once('close', (code, by) => {
      signal.removeEventListener('abort', stop);
      patience?.cancel();
      if (signal.aborted) reject(signal.reason);
      else if (code === 0) resolve();
      else
        reject(
          cannotPlay(program, by === null ? `it ended with exit code ${code}` : `it was ended by ${by}`),
        );
    });
  });
  ended.catch(() => {});
  child.stdin.on('error', () => {});
  return { stdin: child.stdin, ended };
}

/** Resolves when there is room for more, or when nobody takes it any more: a player that ended has closed its stdin. */
function drained(stream: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.off('drain', done);
      stream.off('close', done);
      resolve();
    };
    stream.once('drain', done);
    stream.once('close', done);
  });
}

function cannotPlay(path: string, reason: string, cause?: unknown): Failure {
  return new Failure('incomplete', `cannot play: ${path}: ${reason}`, { cause });
}
