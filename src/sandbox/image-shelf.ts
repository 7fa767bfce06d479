import { createHash } from 'node:crypto';
import type { Call, SandboxState } from './call.ts';
import { ApiError } from './error-answer.ts';

/** An image that is answered by URL. */
interface ShelvedImage {
  readonly bytes: Uint8Array;
  readonly type: string;
}

/** The most images that are kept; the oldest goes first. */
const MOST = 100;

/** The images of one sandbox: those that it made, counted, and those that wait to be fetched. */
export class ImageShelf {
  readonly #kept = new Map<string, ShelvedImage>();
  readonly #broken: number | undefined;
  #made = 0;

  /** @param broken the number of the image, from 1 on, that is cut in half */
  constructor(broken?: number) {
    this.#broken = broken;
  }

  /**
   * Gives numbers to images that will be made.
   * @returns says of each of them, counted from 0, what becomes of its bytes
   */
  take(count: number): (index: number, bytes: Uint8Array) => Uint8Array {
    const first = this.#made + 1;
    this.#made += count;
    return (index, bytes) =>
      first + index === this.#broken ? bytes.subarray(0, Math.floor(bytes.length / 2)) : bytes;
  }

  keep(name: string, image: ShelvedImage): void {
    this.#kept.delete(name);
    this.#kept.set(name, image);
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined && this.#kept.size > MOST) this.#kept.delete(oldest);
  }

  get(name: string): ShelvedImage | undefined {
    return this.#kept.get(name);
  }
}

/**
 * `GET /sandbox/images/…`: an image, or a part of it (RFC 9110, section 14).
 * @throws ApiError 404 when it is not kept
 */
export function serveImage({ headers }: Call, { images }: SandboxState, name: string): Response {
  const image = images.get(name);
  if (image === undefined) {
    const message = `The image '${name}' is not here, or not any more: the sandbox keeps the last ${MOST}.`;
    throw new ApiError(404, { message, type: 'invalid_request_error', param: null, code: null });
  }
  const { type } = image;
  // A copy of its own: a `Uint8Array` may be a view of shared memory, which no body can be.
  const bytes = new Uint8Array(image.bytes);
  const etag = `"${createHash('sha256').update(bytes).digest('hex').slice(0, 32)}"`;
  const common = { 'content-type': type, etag, 'accept-ranges': 'bytes' };
  const range = (headers.get('if-range') ?? etag) === etag ? headers.get('range') : null;
  const part = range === null ? 'whole' : readRange(range, bytes.length);
  if (part === 'whole') {
    return new Response(bytes, { headers: { ...common, 'content-length': String(bytes.length) } });
  }
  if (part === 'outside') {
    const told = { 'content-range': `bytes */${bytes.length}`, 'accept-ranges': 'bytes' };
    return new Response(null, { status: 416, headers: told });
  }
  const { start, end } = part;
  const told = {
    'content-length': String(end - start),
    'content-range': `bytes ${start}-${end - 1}/${bytes.length}`,
  };
  return new Response(bytes.subarray(start, end), { status: 206, headers: { ...common, ...told } });
}

/** One range of bytes; `end` is the first byte after it. What is no such range is as if it had not been asked. */
function readRange(range: string, length: number): { start: number; end: number } | 'whole' | 'outside' {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(range) ?? [];
  if (first === '' && last === '') return 'whole';
  const start = first === '' ? Math.max(0, length - Number(last)) : Number(first);
  const end = first === '' || last === '' ? length : Math.min(Number(last) + 1, length);
  if (first !== '' && last !== '' && Number(last) < start) return 'whole';
  return start >= length ? 'outside' : { start, end };
}
