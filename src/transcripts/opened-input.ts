import { constants } from 'node:fs';
import { access, open, stat } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import type { Api } from '../api/client.ts';
import type { UploadSource } from '../api/uploads.ts';
import type { Context } from '../context.ts';
import { type Failure, reasonOf, usageError } from '../errors.ts';
import { type AudioInfo, readAudioInfo, START_BYTES } from '../input/audio-kind.ts';
import { fileNameOf, type InputWord, nameOf } from '../input/find-files.ts';
import { type Spool, spool, spoolFile, spoolPieces } from '../input/spool.ts';
import { stdinPieces } from '../input/stdin.ts';
import { quoted } from '../output/shell.ts';
import { sizeText } from '../output/size.ts';

/** Something to be transcribed or translated, as a file that can be read as often as it is needed. */
export interface OpenedInput {
  /** What errors call it: the path as it was typed, the URL without its secrets, `stdin`. */
  readonly name: string;
  /** A name for files that are made of it. */
  readonly fileName: string;
  /** Absolute. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** `START_BYTES` of it, or all. */
  readonly start: Uint8Array;
  readonly source: UploadSource;
  /** In a dry run nothing is fetched: what stands behind a URL is not known. */
  readonly isUnseen: boolean;
  /** Deletes what was made to read it. */
  dispose(): Promise<void>;
}

/** A file with sound, looked at, and found to be one. */
export interface Recording extends OpenedInput {
  readonly info: AudioInfo;
}

const GB = 1024 ** 3;
/** What comes from a pipe or a URL is kept on the disk meanwhile; a radio station has no end. */
const MOST_SPOOLED = 4 * GB;

function limitOf(name: string) {
  return {
    bytes: MOST_SPOOLED,
    tooLarge: () =>
      usageError(
        `${name} goes on beyond ${sizeText(MOST_SPOOLED)}`,
        'save it as a file first, and name that',
      ),
  };
}

/**
 * Opens an input: a file, or what can be read only once, which is kept on the disk for a while.
 * @throws Failure that names the input; Stopped
 */
export async function openInput(input: InputWord, api: Api, context: Context): Promise<OpenedInput> {
  const called = { name: nameOf(input), fileName: fileNameOf(input) };
  if (input.kind === 'stdin') return openStdin(called, context);
  if (input.kind === 'url') return openUrl(input.url, called, api, context);
  const { path } = input;
  const absolute = resolve(context.cwd, path);
  const found = await stat(absolute).catch((error: unknown) => {
    throw cannotRead(path, error);
  });
  if (found.isDirectory()) throw usageError(`${path} is a directory`);
  // A pipe can be read once: what came out of it is this program's own.
  if (!found.isFile()) {
    const source: UploadSource = { kind: 'shell', line: (target) => `cat ${quoted(path)} >${target}` };
    return openSpooled(await spoolFile(path, limitOf(path), context), { ...called, source });
  }
  await access(absolute, constants.R_OK).catch((error: unknown) => {
    throw cannotRead(path, error);
  });
  return opened(absolute, { ...called, source: { kind: 'file', path } }, async () => {});
}

function cannotRead(name: string, error: unknown): Failure {
  return usageError(`cannot read ${name}: ${reasonOf(error)}`, undefined, error);
}

type Called = Pick<OpenedInput, 'name' | 'fileName'>;
type Names = Called & Pick<OpenedInput, 'source'>;

async function openStdin(called: Called, context: Context): Promise<OpenedInput> {
  const spooled = await spoolPieces(stdinPieces(context, 'the audio'), limitOf('stdin'));
  const input = await openSpooled(spooled, { ...called, source: { kind: 'stdin' } });
  if (input.size > 0) return input;
  // Ctrl-C ends whoever pipes as well, and the end of the pipe may be heard of first.
  await new Promise((resolve) => setImmediate(resolve));
  if (!context.signal.aborted) return input;
  await input.dispose();
  throw context.signal.reason;
}

async function openUrl(url: string, called: Called, api: Api, context: Context): Promise<OpenedInput> {
  const names: Names = { ...called, source: { kind: 'url', url } };
  if (api.dryRun) {
    const nothing = { path: '', size: 0, start: new Uint8Array(), isUnseen: true };
    return { ...names, ...nothing, async dispose() {} };
  }
  const { download } = await import('../api/download.ts');
  const fetched = await spool(async (into) => {
    await download(url, api, context, { limit: MOST_SPOOLED, typed: true, into });
  });
  return openSpooled(fetched, names);
}

async function openSpooled({ path, dispose }: Spool, names: Names): Promise<OpenedInput> {
  return opened(path, names, dispose);
}

async function opened(path: string, names: Names, dispose: () => Promise<void>): Promise<OpenedInput> {
  try {
    const handle = await open(path);
    try {
      const { size } = await handle.stat();
      const bytes = Buffer.alloc(Math.min(size, START_BYTES));
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
      return { ...names, path, size, start: bytes.subarray(0, bytesRead), isUnseen: false, dispose };
    } finally {
      await handle.close();
    }
  } catch (error) {
    await dispose();
    throw cannotRead(names.name, error);
  }
}

/** Whether the bytes are those of a file with sound, or the file cannot be looked at. */
export function isSound({ start, isUnseen }: OpenedInput): boolean {
  return isUnseen || readAudioInfo(start) !== undefined;
}

/**
 * What is sound, as such; told by its bytes.
 * @throws Failure (usage) that says what it is in place of sound
 */
export function asRecording(input: OpenedInput): Recording {
  const { name, start, size, isUnseen } = input;
  if (isUnseen)
    return { ...input, info: { kind: kindOfName(input), seconds: undefined, problem: undefined } };
  if (size === 0) throw usageError(`${name} is empty (0 bytes)`);
  const info = readAudioInfo(start);
  if (info === undefined) {
    throw usageError(
      `${name} is ${isText(start) ? 'text, not audio' : 'no audio that is known here'}`,
      'what the API takes: flac, m4a, mp3, mp4, mpeg, mpga, oga, ogg, wav, webm',
    );
  }
  if (info.problem !== undefined) throw usageError(`${name} is ${info.problem}`);
  return { ...input, info };
}

/** What a file is taken for that nobody has looked at. */
function kindOfName({ fileName }: OpenedInput): AudioInfo['kind'] {
  const extension = extname(fileName).slice(1).toLowerCase();
  const kinds = {
    wav: 'wav',
    flac: 'flac',
    m4a: 'mp4',
    mp4: 'mp4',
    webm: 'webm',
    ogg: 'ogg',
    oga: 'ogg',
  } as const;
  return Object.entries(kinds).find(([known]) => known === extension)?.[1] ?? 'mp3';
}

/** Whether bytes are text: UTF-8 without the control characters that no text has. */
export function isText(start: Uint8Array): boolean {
  if (start.some((byte) => byte === 0)) return false;
  try {
    // The last character may be cut.
    new TextDecoder('utf-8', { fatal: true }).decode(start, { stream: true });
    return true;
  } catch {
    return false;
  }
}
