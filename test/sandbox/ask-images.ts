import type { ImageEditStreamEvent, ImageGenStreamEvent, ImagesResponse } from 'openai/resources/images';
import sharp from 'sharp';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { FakeClock } from '../support/context.ts';
import { type DecodedImage, decodeImage } from '../support/decode-image.ts';
import { checkForm, checkResponse, checkStreamEvent } from '../support/openapi.ts';
import { type Answer, ask, type ErrorAnswer, request, sandbox } from './ask.ts';

export const GENERATIONS = '/images/generations';
export const EDITS = '/images/edits';
export const VARIATIONS = '/images/variations';

/** What a field of a form may be; a list is sent field by field under the same name. */
export type FormInput = string | File | readonly (string | File)[];

/** A sandbox on a day when every model of images was alive. */
export function earlier(faults?: string): Sandbox {
  return sandbox(faults, { clock: new FakeClock({ now: Date.parse('2026-01-02'), leap: true }) });
}

export function formOf(fields: Readonly<Record<string, FormInput | undefined>>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value]) form.append(name, one);
  }
  return form;
}

export function fileOf(bytes: Uint8Array, type = 'image/png', name = 'image'): File {
  return new File([new Uint8Array(bytes)], name, { type });
}

/** An image of one colour, made by sharp. */
export async function imageOf(
  width: number,
  height: number,
  { kind = 'png', alpha = 1 }: { kind?: 'png' | 'jpeg' | 'webp' | 'gif'; alpha?: number } = {},
): Promise<File> {
  const background = { r: 200, g: 40, b: 10, alpha };
  const channels = alpha === 1 ? 3 : 4;
  const bytes = await sharp({ create: { width, height, channels, background } })[kind]().toBuffer();
  return fileOf(bytes, `image/${kind}`, `made.${kind}`);
}

/** Sends a form. The answer obeys the OpenAPI document, and so does a form that was accepted. */
export async function askForm<Body = ErrorAnswer>(
  path: string,
  form: FormData,
  of: Sandbox = sandbox(),
): Promise<Answer<Body>> {
  const response = await of.answer(request('POST', path, undefined, { body: form }));
  const answer = JSON.parse(await response.text());
  checkResponse('POST', path, response.status, answer);
  if (response.status < 400) checkForm('POST', path, form);
  return { status: response.status, headers: response.headers, body: answer };
}

/** Images by a prompt; fails when the sandbox refuses. */
export async function generate(fields: object, of?: Sandbox): Promise<ImagesResponse> {
  const body = { prompt: 'a lighthouse', ...fields };
  return accepted(await ask<ImagesResponse>('POST', GENERATIONS, body, of === undefined ? {} : { of }));
}

export async function edit(
  fields: Readonly<Record<string, FormInput | undefined>>,
  of?: Sandbox,
): Promise<ImagesResponse> {
  return accepted(await askForm<ImagesResponse>(EDITS, formOf({ prompt: 'more light', ...fields }), of));
}

function accepted({ status, body }: Answer<ImagesResponse>): ImagesResponse {
  if (status !== 200) throw new Error(`refused: ${JSON.stringify(body)}`);
  return body;
}

/** The bytes of each image of an answer. */
export function bytesOf({ data }: ImagesResponse): Buffer[] {
  return (data ?? []).map(({ b64_json }) => Buffer.from(b64_json ?? '', 'base64'));
}

/** The only image of an answer, decoded. */
export async function only(answer: ImagesResponse): Promise<DecodedImage> {
  const [bytes, ...more] = bytesOf(answer);
  if (bytes === undefined || more.length > 0) throw new Error(`${answer.data?.length} images`);
  return decodeImage(bytes);
}

export type ImageEvent = ImageGenStreamEvent | ImageEditStreamEvent;

export interface StreamedImages {
  readonly events: readonly ImageEvent[];
  /** The name and the data of events that are none of an image. */
  readonly others: readonly string[];
  /** Why the body broke off. */
  readonly failure: unknown;
}

/** A streamed answer, read to its end. Every event has its type as its name, and obeys the OpenAPI document. */
export async function readImageStream(response: Response, path: string): Promise<StreamedImages> {
  if (response.headers.get('content-type') !== 'text/event-stream; charset=utf-8') {
    throw new Error(`no stream: ${await response.text()}`);
  }
  let raw = '';
  let failure: unknown;
  try {
    for await (const piece of response.body ?? []) raw += Buffer.from(piece).toString();
  } catch (error) {
    failure = error;
  }
  const events: ImageEvent[] = [];
  const others: string[] = [];
  for (const text of raw.split('\n\n').filter((one) => one !== '')) {
    const [, name, data = ''] = /^event: (\S+)\ndata: (.*)$/.exec(text) ?? [];
    const event = isJson(data) ? JSON.parse(data) : undefined;
    if (event !== undefined) checkStreamEvent('POST', path, event);
    if (event === undefined || 'error' in event) others.push(`${name} ${data}`);
    else if (event.type !== name) throw new Error(`an event of type ${event.type} is named ${name}`);
    else events.push(event);
  }
  return { events, others, failure };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

export function streamGeneration(fields: object, of: Sandbox = sandbox()): Promise<StreamedImages> {
  const body = { prompt: 'a lighthouse', stream: true, ...fields };
  return of
    .answer(request('POST', GENERATIONS, body))
    .then((response) => readImageStream(response, GENERATIONS));
}
