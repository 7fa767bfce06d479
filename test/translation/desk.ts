import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chatChunks, eventStream, jsonAnswer } from '../support/api.ts';
import type { FakeContextOptions } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { oai } from '../support/oai.ts';

/** A folder with these files. */
export async function desk(files: Readonly<Record<string, string | Uint8Array>> = {}): Promise<string> {
  const cwd = await temporaryFolder();
  for (const [name, content] of Object.entries(files)) await writeFile(join(cwd, name), content);
  return cwd;
}

/** A request, as a server sees it. */
export interface Asked {
  readonly path: string;
  /** Of a part of a recording, from 1 on; 0 for the whole, and for chat. */
  readonly part: number;
  /** What is to be translated by chat. */
  readonly text: string;
  readonly system: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** Aborted when nobody waits for the answer. */
  readonly signal: AbortSignal;
}

/** A server that answers each request by what it is for. */
export function server(answer: (asked: Asked) => Response | Promise<Response>) {
  const asked: Asked[] = [];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const signal = init?.signal ?? new AbortController().signal;
    const request = new Request(input, { ...init, signal: null });
    const path = request.url.replace(/^.*\/v1/, '');
    const read = path === '/chat/completions' ? await chatOf(request) : await soundOf(request);
    asked.push({ path, signal, ...read });
    const last = asked.at(-1);
    if (last === undefined) throw new Error('nothing was asked');
    return answer(last);
  };
  return {
    fetch,
    asked,
    paths: () => asked.map(({ path }) => path),
    texts: () => asked.filter(({ path }) => path === '/chat/completions').map(({ text }) => text),
  };
}

async function chatOf(request: Request) {
  const body = (await request.json()) as { messages: { content: string }[] };
  const [system, user] = body.messages.map(({ content }) => content);
  return { part: 0, text: user ?? '', system: system ?? '', body };
}

async function soundOf(request: Request) {
  const form = await request.formData();
  const { name } = form.get('file') as File;
  return { part: Number(/-(\d{3})\.\w+$/.exec(name)?.[1] ?? 0), text: '', system: '', body: {} };
}

/** A whole answer. */
export function message(content: string, finish_reason = 'stop', more: object = {}): Response {
  const message = { role: 'assistant', content, refusal: null, ...more };
  return jsonAnswer({
    id: 'chatcmpl-stub',
    object: 'chat.completion',
    created: 1,
    model: 'stub',
    choices: [{ index: 0, message, finish_reason, logprobs: null }],
  });
}

/** The texts of a request that asks for several, by their numbers. */
export function numbered({ text }: Asked): Record<string, string> {
  return JSON.parse(text);
}

/** A translator whose words are the same, after a mark. */
export function marked(asked: Asked, mark = 'KO '): Response {
  if (asked.body['response_format'] !== undefined) {
    const texts = Object.entries(numbered(asked)).map(([key, text]) => [key, mark + text]);
    return message(JSON.stringify(Object.fromEntries(texts)));
  }
  return asked.body['stream'] === true
    ? eventStream(chatChunks(mark + asked.text))
    : message(mark + asked.text);
}

/** Subtitles with a cue a second. */
export function subtitles(count: number): string {
  return Array.from({ length: count }, (_, index) => {
    const [from, to] = [index, index + 1].map((second) => `00:00:${String(second).padStart(2, '0')},000`);
    return `${index + 1}\n${from} --> ${to}\nLine ${index + 1}.\n`;
  }).join('\n');
}

/** An answer that never comes. */
export function never({ signal }: Asked): Promise<Response> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** Runs a command line, and lists what is in its folder after. */
export async function translate(argv: readonly string[], options: FakeContextOptions & { cwd: string }) {
  const run = await oai(['translate', ...argv], options);
  return { ...run, left: (await readdir(options.cwd)).sort() };
}
