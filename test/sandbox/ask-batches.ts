import type { Batch } from 'openai/resources/batches';
import type { FileObject } from 'openai/resources/files';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { checkRequest, checkResponse } from '../support/openapi.ts';
import { type Answer, ask, type ErrorAnswer, hello, request } from './ask.ts';
import { askForm, type FormInput, fileOf, formOf } from './ask-images.ts';

export const FILES = '/files';
export const BATCHES = '/batches';
export const CHAT = '/v1/chat/completions';

/** One line of an output or error file. */
export interface ResultLine {
  readonly id: string;
  readonly custom_id: string;
  readonly response: {
    readonly status_code: number;
    readonly request_id: string;
    readonly body: Record<string, unknown>;
  } | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** The line of a chat request. */
export function lineOf(id: string, fields: object = {}, body: object = {}): string {
  return JSON.stringify({ custom_id: id, method: 'POST', url: CHAT, body: hello(body), ...fields });
}

/** Lines that say one word each, named `1`, `2`, … */
export function linesOf(...words: readonly string[]): string {
  const bodyOf = (content: string) => ({ messages: [{ role: 'user', content }] });
  return words.map((word, index) => `${lineOf(String(index + 1), {}, bodyOf(word))}\n`).join('');
}

export function uploadForm(
  text: string,
  fields: Readonly<Record<string, FormInput | undefined>> = {},
): FormData {
  const file = fileOf(Buffer.from(text), 'application/jsonl', 'input.jsonl');
  return formOf({ purpose: 'batch', file, ...fields });
}

export async function upload(
  text: string,
  of: Sandbox,
  fields?: Readonly<Record<string, FormInput | undefined>>,
): Promise<FileObject> {
  return accepted(await askForm<FileObject>(FILES, uploadForm(text, fields), of));
}

/** A batch of a file; fails when the sandbox refuses. */
export async function begin(text: string, of: Sandbox, fields: object = {}): Promise<Batch> {
  const { id } = await upload(text, of);
  const body = { input_file_id: id, endpoint: CHAT, completion_window: '24h', ...fields };
  return accepted(await ask<Batch>('POST', BATCHES, body, { of }));
}

export async function look({ id }: { id: string }, of: Sandbox): Promise<Batch> {
  return accepted(await ask<Batch>('GET', `${BATCHES}/${id}`, undefined, { of }));
}

/** A batch that has ended, without being cancelled. */
export async function ended(text: string, of: Sandbox, fields?: object): Promise<Batch> {
  const batch = await begin(text, of, fields);
  const first = await look(batch, of);
  return first.status === 'failed' ? first : look(batch, of);
}

/** The lines of a file of results. Each answer obeys the OpenAPI document. */
export async function results(id: string | undefined, of: Sandbox, endpoint = CHAT): Promise<ResultLine[]> {
  const text = await (await content(id ?? 'none', of)).text();
  if (!text.endsWith('\n')) throw new Error(`no lines: ${text}`);
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line): ResultLine => JSON.parse(line));
  for (const { response } of lines) {
    if (response !== null) {
      checkResponse('POST', endpoint.replace('/v1', ''), response.status_code, response.body);
    }
  }
  return lines;
}

export function content(id: string, of: Sandbox): Promise<Response> {
  return of.answer(request('GET', `${FILES}/${id}/content`));
}

/** Checks the bodies of an input file as those of requests. */
export function checkLines(text: string, endpoint = CHAT): void {
  for (const line of text.trimEnd().split('\n')) {
    checkRequest('POST', endpoint.replace('/v1', ''), JSON.parse(line).body);
  }
}

export function refused<Body>({ status, body }: Answer<Body | ErrorAnswer>): object {
  if (status < 400) throw new Error(`accepted: ${JSON.stringify(body)}`);
  return { status, ...(body as ErrorAnswer).error };
}

function accepted<Body>({ status, body }: Answer<Body>): Body {
  if (status !== 200) throw new Error(`refused: ${JSON.stringify(body)}`);
  return body;
}
