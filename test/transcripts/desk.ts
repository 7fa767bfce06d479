import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorAnswer } from '../support/api.ts';
import type { FakeContextOptions } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { spoken } from '../support/heard.ts';
import { oai } from '../support/oai.ts';

/** The words and some silence after them, in a WAV whose header tells its length, unlike one that is streamed. */
export function long(seconds: number, words: Buffer): Buffer {
  const rate = words.readUInt32LE(28);
  const sound = Buffer.concat([words, Buffer.alloc(Math.round(seconds * rate))]);
  sound.writeUInt32LE(sound.length - 8, 4);
  sound.writeUInt32LE(sound.length - 44, 40);
  return sound;
}

/** A folder with files of sound in it, of a few words each. */
export async function desk(...names: readonly string[]): Promise<string> {
  const cwd = await temporaryFolder();
  for (const name of names) await writeFile(join(cwd, name), await spoken('Hello.', 'wav'));
  return cwd;
}

/** A folder with `long.wav`, which a server that takes 5 s has in three parts. */
export async function longDesk(): Promise<string> {
  const cwd = await temporaryFolder();
  await writeFile(join(cwd, 'long.wav'), long(12, await spoken('Hello.', 'wav')));
  return cwd;
}

/** What a server says of a sound that is too long for it. */
export const tooLong = (seconds = 5): Response =>
  errorAnswer(400, { message: `audio duration is longer than ${seconds} seconds` });

/** A request for a transcript, as a server sees it. */
export interface Asked {
  readonly file: string;
  /** Of a part of a recording, from 1 on; 0 for the whole. */
  readonly part: number;
  readonly form: FormData;
  /** Aborted when nobody waits for the answer. */
  readonly signal: AbortSignal;
}

/** A server that answers each request by what it is for. */
export function server(answer: (asked: Asked) => Response | Promise<Response>) {
  const asked: Asked[] = [];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const signal = init?.signal ?? new AbortController().signal;
    const form = await new Request(input, { ...init, signal: null }).formData();
    const { name: file } = form.get('file') as File;
    const part = Number(/-(\d{3})\.\w+$/.exec(file)?.[1] ?? 0);
    const request = { file, part, form, signal };
    asked.push(request);
    return answer(request);
  };
  return { fetch, asked, parts: () => asked.map(({ part }) => part) };
}

/** An answer that never comes. */
export function never({ signal }: Asked): Promise<Response> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** Runs a command line, and lists what is in its folder after. */
export async function transcribe(argv: readonly string[], options: FakeContextOptions & { cwd: string }) {
  const run = await oai(['transcribe', ...argv], options);
  return { ...run, left: (await readdir(options.cwd)).sort() };
}
