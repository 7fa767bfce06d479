import type { FileObject } from 'openai/resources/files';
import type { VectorStore } from 'openai/resources/vector-stores/vector-stores';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { checkResponse } from '../support/openapi.ts';
import { type ErrorAnswer, request } from './ask.ts';
import { askForm, fileOf, formOf } from './ask-images.ts';

export const STORES = '/vector_stores';

/** What the sandbox gives; fails when it refuses. */
export async function given<Body>(
  method: string,
  path: string,
  of: Sandbox,
  body?: unknown,
  query = '',
): Promise<Body> {
  // The path without its query is what the document knows.
  const response = await of.answer(request(method, `${path}${query}`, body));
  const answer = (await response.json()) as Body & ErrorAnswer;
  checkResponse(method, path, response.status, answer);
  if (response.status !== 200) throw new Error(`refused: ${response.status} ${answer.error.message}`);
  return answer;
}

/** Why it is refused. */
export async function refused(
  method: string,
  path: string,
  of: Sandbox,
  body?: unknown,
  query = '',
): Promise<readonly [status: number, message: string]> {
  const response = await of.answer(request(method, `${path}${query}`, body));
  const answer = (await response.json()) as ErrorAnswer;
  checkResponse(method, path, response.status, answer);
  if (response.status < 400) throw new Error(`accepted: ${JSON.stringify(answer)}`);
  return [response.status, answer.error.message];
}

/** Uploads a file. @returns its id */
export async function upload(name: string, content: string | Uint8Array, of: Sandbox): Promise<string> {
  const file = fileOf(Buffer.from(content), 'text/plain', name);
  const { status, body } = await askForm<FileObject>('/files', formOf({ purpose: 'assistants', file }), of);
  if (status !== 200) throw new Error(`refused: ${JSON.stringify(body)}`);
  return body.id;
}

/** A store of these files, indexed. @returns its id */
export async function storeOf(
  files: Readonly<Record<string, string | Uint8Array>>,
  of: Sandbox,
  attributes: Readonly<Record<string, object>> = {},
): Promise<string> {
  const { id } = await given<VectorStore>('POST', STORES, of, { name: 'notes' });
  const entries = [];
  for (const [name, content] of Object.entries(files)) {
    entries.push({ file_id: await upload(name, content, of), attributes: attributes[name] ?? {} });
  }
  if (entries.length > 0) await given('POST', `${STORES}/${id}/file_batches`, of, { files: entries });
  await given('GET', `${STORES}/${id}`, of);
  return id;
}
