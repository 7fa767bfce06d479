import { createHash } from 'node:crypto';
import { isObject } from '../../../json.ts';
import { urlOf } from '../transport.ts';
import type { FormPart } from './form-reader.ts';
import { withoutKeys } from './without-keys.ts';

/** What a request carries: one of these, or nothing. */
export interface TapedBody {
  readonly json?: unknown;
  readonly form?: readonly FormPart[];
  readonly text?: string;
  /** Of bytes that are none of these. */
  readonly sha256?: string;
}

/** A request as a cassette keeps it: what its answer may depend on. No other header is kept. */
export interface TapedRequest extends TapedBody {
  readonly method: string;
  /** Where the API is, for a request to it. Told, but not compared: the same script may go by another way. */
  readonly base_url?: string;
  /** Below the base URL, with the query. */
  readonly path?: string;
  /** Of a file that is downloaded, without the query, which may be a signature. */
  readonly url?: string;
  readonly query_sha256?: string;
  /** The header of that name: a part of a file is wanted. */
  readonly range?: string;
}

/** What a request is read with. */
export interface RequestPlace {
  /** That of the API; undefined for downloads. */
  readonly baseUrl: string | undefined;
  /** Keys that it is to be without; undefined where it is not to be written down. */
  readonly secrets: ReadonlySet<string> | undefined;
}

type FetchInput = Parameters<typeof fetch>[0];
type FetchInit = Parameters<typeof fetch>[1];
type StreamBody = AsyncIterable<Uint8Array>;

/** A request that is on its way out. */
export interface Outgoing {
  /** To be sent in place of the one that was given: a body can be read only once. */
  readonly init: FetchInit;
  /** What the request is; undefined while its body has not been read to its end. */
  request(): TapedRequest | undefined;
}

/** Looks at a request. A body that is streamed is read as it is sent, and never held. */
export async function outgoing(input: FetchInput, init: FetchInit, place: RequestPlace): Promise<Outgoing> {
  const { body } = init ?? {};
  if (!isStream(body)) {
    const request = taped(input, init, await bodyOf(body), place);
    return { init, request: () => request };
  }
  const reader = await readerOf(new Headers(init?.headers).get('content-type') ?? '');
  let request: TapedRequest | undefined;
  const sent = passedOn(body, reader, (read) => {
    request = taped(input, init, read, place);
  });
  return { init: { ...init, body: sent }, request: () => request };
}

/** Reads a request that is not sent, its body to the end. @throws whatever the body throws */
export async function readRequest(
  input: FetchInput,
  init: FetchInit,
  place: RequestPlace,
): Promise<TapedRequest> {
  const { body } = init ?? {};
  if (!isStream(body)) return taped(input, init, await bodyOf(body), place);
  const reader = await readerOf(new Headers(init?.headers).get('content-type') ?? '');
  for await (const piece of body) await reader.write(piece);
  return taped(input, init, await reader.end(), place);
}

function isStream(body: unknown): body is StreamBody {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body;
}

function taped(
  input: FetchInput,
  init: FetchInit,
  body: TapedBody,
  { baseUrl, secrets }: RequestPlace,
): TapedRequest {
  const method = init?.method?.toUpperCase() ?? 'GET';
  const range = new Headers(init?.headers).get('range');
  const address = addressOf(urlOf(input), baseUrl);
  const request: TapedRequest = { method, ...address, ...(range !== null && { range }), ...body };
  // By way of text, so that it is what a file would hold.
  const written = JSON.parse(JSON.stringify(request, shortened));
  return secrets === undefined ? written : withoutKeys(written, secrets);
}

function addressOf(url: URL, baseUrl: string | undefined): Pick<TapedRequest, 'base_url' | 'path' | 'url'> {
  if (baseUrl !== undefined && url.href.startsWith(`${baseUrl}/`)) {
    return { base_url: baseUrl, path: url.href.slice(baseUrl.length) };
  }
  const query = url.search === '' ? {} : { query_sha256: sha256(url.search) };
  return { url: `${url.origin}${url.pathname}`, ...query };
}

/** Base64 of so many characters is no text of a person. */
const LONG_BASE64 = 2048;

/**
 * What stands for long base64 (an image or a sound in a message), in a data URL or alone: nobody reads it, and its hash
 * is as good to compare. (One expression for all of it would use up the stack: `{2048,}` keeps each step.)
 */
function shortened(_name: string, value: unknown): unknown {
  if (typeof value !== 'string' || value.length < LONG_BASE64) return value;
  const [head = ''] = /^data:[^,]{1,200};base64,/.exec(value) ?? [];
  const data = value.slice(head.length);
  const isBase64 = data.length >= LONG_BASE64 && !/[^A-Za-z0-9+/]/.test(data.replace(/={1,2}$/, ''));
  return isBase64 ? `${head}sha256:${sha256(data)}` : value;
}

async function bodyOf(body: NonNullable<FetchInit>['body']): Promise<TapedBody> {
  if (body === undefined || body === null || body === '') return {};
  if (typeof body === 'string') return textBody(body);
  if (body instanceof FormData) return { form: await partsOf(body) };
  return { sha256: sha256(new Uint8Array(await new Response(body).arrayBuffer())) };
}

function textBody(text: string): TapedBody {
  try {
    return { json: JSON.parse(text) };
  } catch {
    return { text };
  }
}

async function partsOf(form: FormData): Promise<readonly FormPart[]> {
  const parts = [...form].map(async ([name, value]): Promise<FormPart> => {
    if (typeof value === 'string') return { name, value };
    const hash = createHash('sha256');
    for await (const piece of value.stream()) hash.update(piece);
    return { name, filename: value.name, bytes: value.size, sha256: hash.digest('hex') };
  });
  return Promise.all(parts);
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** Reads a body as it passes by. */
interface BodyReader {
  write(piece: Uint8Array): Promise<void>;
  end(): Promise<TapedBody>;
}

async function readerOf(type: string): Promise<BodyReader> {
  if (!/^multipart\/form-data\s*;/i.test(type)) return new BytesReader();
  const { FormReader } = await import('./form-reader.ts');
  const reader = new FormReader(type);
  return { write: (piece) => reader.write(piece), end: async () => ({ form: await reader.end() }) };
}

class BytesReader implements BodyReader {
  readonly #hash = createHash('sha256');

  async write(piece: Uint8Array): Promise<void> {
    this.#hash.update(piece);
  }

  async end(): Promise<TapedBody> {
    return { sha256: this.#hash.digest('hex') };
  }
}

/** The same bytes, each taken when it is asked for, and read on the way. What cannot be read is sent all the same. */
function passedOn(
  source: StreamBody,
  reader: BodyReader,
  onRead: (body: TapedBody) => void,
): ReadableStream<Uint8Array> {
  const pieces = source[Symbol.asyncIterator]();
  let isReadable = true;
  const unlessGarbled = async (read: () => Promise<void>) => {
    if (isReadable)
      await read().catch(() => {
        isReadable = false;
      });
  };
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await pieces.next();
        if (done === true) {
          await unlessGarbled(async () => onRead(await reader.end()));
          controller.close();
        } else {
          await unlessGarbled(() => reader.write(value));
          controller.enqueue(value);
        }
      },
      async cancel(reason) {
        await pieces.return?.(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

/** What two requests must have in common to have the same answer: hexadecimal, 64 characters. */
export function requestKey(request: TapedRequest): string {
  return sha256(JSON.stringify(sorted(essence(request))));
}

/**
 * What is compared of a request. Of a file in a form that is what it holds, and not its name; fields of a form are in any
 * order, those of one name in theirs.
 */
export function essence({ base_url: _, form, ...rest }: TapedRequest): Record<string, unknown> {
  if (form === undefined) return rest;
  const fields = new Map<string, unknown[]>();
  for (const part of form) {
    const value = 'value' in part ? part.value : { sha256: part.sha256 };
    fields.set(part.name, [...(fields.get(part.name) ?? []), value]);
  }
  return { ...rest, form: Object.fromEntries(fields) };
}

/** The same value with the fields of objects in the order of their names. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, inner]) => [name, sorted(inner)]));
}
