import { createHash } from 'node:crypto';
import type { BatchEndpoint } from '../api/batches.ts';
import { isObject, type JsonObject } from '../json.ts';
import type { RowRules } from './lint.ts';
import { listed, missingOr, shown } from './reasons.ts';

/** Requests that a batch may have (OpenAPI `CreateBatchRequest`, `input_file_id`). */
export const MOST_BATCH_REQUESTS = 50_000;

/** Bytes of its file: the same. */
export const MOST_BATCH_BYTES = 200 * 1024 ** 2;

/** Texts that all requests of a batch for embeddings may have together (OpenAPI `CreateBatchRequest`, `endpoint`). */
export const MOST_EMBEDDING_INPUTS = 50_000;

/** Fields that a request to an endpoint cannot do without, beside its model (OpenAPI, the schemas of the requests). */
const REQUIRED: Readonly<Record<BatchEndpoint, readonly string[]>> = {
  '/v1/responses': [],
  '/v1/chat/completions': ['messages'],
  '/v1/embeddings': ['input'],
  '/v1/completions': ['prompt'],
  '/v1/moderations': ['input'],
  '/v1/images/generations': ['prompt'],
  '/v1/images/edits': ['prompt'],
  '/v1/videos': ['prompt'],
};

/** What a batch can be sent to. */
export const BATCH_ENDPOINTS: readonly string[] = Object.keys(REQUIRED);

/** Endpoints whose requests may do without a model, as they have a default. */
const HAVE_DEFAULT: readonly string[] = ['/v1/moderations', '/v1/videos'];

/** Rows of an input file of a batch. */
export class BatchRows implements RowRules {
  /** The lines of the ids, by the hash of each: an id may be of any length. */
  readonly #lines = new Map<string, number>();
  #rows = 0;
  #inputs = 0;
  #firstModel: { readonly model: string; readonly line: number } | undefined;
  #firstUrl: { readonly url: string; readonly line: number } | undefined;
  readonly method = null;

  get model(): string | null {
    return this.#firstModel?.model ?? null;
  }

  get endpoint(): string | null {
    return this.#firstUrl?.url ?? null;
  }

  check(row: JsonObject, line: number): readonly string[] {
    this.#rows += 1;
    const { custom_id: id, method, url, body } = row;
    return [
      ...this.#checkId(id, line),
      ...(method === 'POST' ? [] : [missingOr('method', method, 'and must be POST')]),
      ...this.#checkUrl(url, line),
      ...(isObject(body)
        ? this.#checkBody(body, url, line)
        : [missingOr('body', body, 'and must be an object')]),
    ];
  }

  end(rows: number, bytes: number) {
    const problems = [
      ...(rows > MOST_BATCH_REQUESTS
        ? [`there are ${rows} requests, and a batch takes ${MOST_BATCH_REQUESTS}`]
        : []),
      ...(bytes > MOST_BATCH_BYTES
        ? [`it has ${Math.ceil(bytes / 1024 ** 2)} MB, and a batch takes ${MOST_BATCH_BYTES / 1024 ** 2} MB`]
        : []),
      ...(this.#inputs > MOST_EMBEDDING_INPUTS
        ? [`there are ${this.#inputs} texts to embed, and a batch takes ${MOST_EMBEDDING_INPUTS}`]
        : []),
    ];
    return { problems, notes: [] };
  }

  #checkId(id: unknown, line: number): string[] {
    if (typeof id !== 'string') return [missingOr('custom_id', id, 'and must be a text')];
    if (id === '') return ['custom_id is empty'];
    const hash = createHash('md5').update(id).digest('base64');
    const first = this.#lines.get(hash);
    if (first !== undefined) return [`custom_id ${shown(id)} is that of line ${first}, too`];
    // More are too many, whatever they are called.
    if (this.#lines.size < MOST_BATCH_REQUESTS) this.#lines.set(hash, line);
    return [];
  }

  #checkUrl(url: unknown, line: number): string[] {
    if (typeof url !== 'string') return [missingOr('url', url, 'and must be an endpoint')];
    if (!BATCH_ENDPOINTS.includes(url)) {
      return [`url ${shown(url)} is no endpoint for batches: ${listed(BATCH_ENDPOINTS)}`];
    }
    this.#firstUrl ??= { url, line };
    const first = this.#firstUrl;
    return first.url === url ? [] : [`url is ${url}, and that of line ${first.line} is ${first.url}`];
  }

  #checkBody(body: JsonObject, url: unknown, line: number): string[] {
    const endpoint = typeof url === 'string' && isBatchEndpoint(url) ? url : undefined;
    const missing = endpoint === undefined ? [] : REQUIRED[endpoint].filter((name) => body[name] == null);
    if (endpoint === '/v1/embeddings') this.#inputs += inputsOf(body);
    return [
      ...this.#checkModel(body['model'], endpoint, line),
      ...missing.map((name) => `body.${name} is missing`),
      ...(body['stream'] === true ? ['body.stream is true, and a batch does not stream'] : []),
    ];
  }

  #checkModel(model: unknown, endpoint: string | undefined, line: number): string[] {
    if (model == null && HAVE_DEFAULT.includes(endpoint ?? '')) return [];
    if (typeof model !== 'string') return [missingOr('body.model', model, 'and must be a text')];
    if (model === '') return ['body.model is empty'];
    this.#firstModel ??= { model, line };
    const first = this.#firstModel;
    if (first.model === model) return [];
    return [`body.model is ${shown(model)}, and that of line ${first.line} is ${shown(first.model)}`];
  }
}

/** Whether a batch can be sent there. */
export function isBatchEndpoint(url: string): url is BatchEndpoint {
  return BATCH_ENDPOINTS.includes(url);
}

/** How many texts a request for embeddings has; a list of tokens is one. */
function inputsOf({ input }: JsonObject): number {
  return Array.isArray(input) && typeof input[0] !== 'number' ? input.length : 1;
}
