import { isObject, type JsonObject, objectIn } from '../json.ts';
import type { ModelCatalogue } from './models.ts';

/** What a batch may ask for: those of the API's endpoints for batches that the sandbox answers. */
export const batchEndpoints = [
  '/v1/responses',
  '/v1/chat/completions',
  '/v1/embeddings',
  '/v1/completions',
  '/v1/moderations',
  '/v1/images/generations',
] as const;
export type BatchEndpoint = (typeof batchEndpoints)[number];

/** One request of a batch. */
export interface BatchRequest {
  readonly customId: string;
  /** The JSON of the whole line: kept as text, since there may be very many. */
  readonly line: string;
}

/** What is wrong with an input file. */
export interface BatchError {
  readonly code: string;
  readonly message: string;
  readonly param: string | null;
  /** Counted from 1; null: the whole file. */
  readonly line: number | null;
}

export interface BatchInput {
  readonly requests: readonly BatchRequest[];
  /** Of the first request that names one. */
  readonly model: string | undefined;
  /** Any of them fails the batch. */
  readonly errors: readonly BatchError[];
}

/** The API's reference, `input_file_id` and `endpoint`. */
const MOST_REQUESTS = 50_000;
const MOST_EMBEDDING_INPUTS = 50_000;

/** Lines that are looked at before others have their turn. */
const AT_A_TIME = 500;

const FIELDS = ['custom_id', 'method', 'url', 'body'] as const;

/** Fields of a body that are looked for before a batch begins. */
const REQUIRED: Readonly<Record<BatchEndpoint, readonly string[]>> = {
  '/v1/responses': ['model'],
  '/v1/chat/completions': ['model', 'messages'],
  '/v1/embeddings': ['model'],
  '/v1/completions': ['model'],
  '/v1/moderations': [],
  '/v1/images/generations': [],
};

/**
 * Reads the input file of a batch: a JSON object a line, blank lines apart. Codes and words of the errors are those that
 * the API gave, as tests of its clients recorded them (llama-stack, 2025); those of a duplicate and of another model are
 * in the references of APIs compatible with it. Of what is too much, and of fields of a wrong type, the words are ours.
 * @throws the signal's reason when nobody waits any more
 */
export async function readBatchInput(
  bytes: Uint8Array,
  endpoint: BatchEndpoint,
  models: ModelCatalogue,
  signal: AbortSignal,
): Promise<BatchInput> {
  const requests: BatchRequest[] = [];
  const errors: BatchError[] = [];
  const firstLines = new Set<string>();
  let model: string | undefined;
  let inputs = 0;
  for (const [number, line] of numberedLines(bytes)) {
    if (number % AT_A_TIME === 0) await turn(signal);
    const request = objectIn(line);
    const found = request === undefined ? [INVALID_JSON] : errorsOf(request, endpoint, models);
    const { custom_id: id, body } = request ?? {};
    if (typeof id === 'string') {
      if (firstLines.has(id)) found.push(duplicateId(id));
      firstLines.add(id);
    }
    const named = isObject(body) ? body['model'] : undefined;
    if (typeof named === 'string') {
      model ??= named;
      if (named !== model) found.push(otherModel(named));
    }
    errors.push(...found.map((error) => ({ ...error, line: number })));
    requests.push({ customId: String(id), line });
    inputs += isObject(body) ? inputsOf(body) : 0;
  }
  if (requests.length === 0) errors.push(EMPTY);
  if (requests.length > MOST_REQUESTS) errors.push(tooMany('requests', MOST_REQUESTS, requests.length));
  if (endpoint === '/v1/embeddings' && inputs > MOST_EMBEDDING_INPUTS) {
    errors.push(tooMany('embedding inputs', MOST_EMBEDDING_INPUTS, inputs));
  }
  return { requests, model, errors };
}

/** Lets others have their turn. @throws the signal's reason */
export async function turn(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  signal.throwIfAborted();
}

/** The lines that are not blank, each with its number from 1 on. */
function* numberedLines(bytes: Uint8Array): Generator<readonly [number: number, line: string]> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let number = 0;
  for (let start = 0; start < bytes.length; number += 1) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline === -1 ? bytes.length : newline;
    const line = decoder.decode(bytes.subarray(start, end));
    start = end + 1;
    if (/[^ \t\r]/.test(line)) yield [number + 1, line];
  }
}

type LineError = Omit<BatchError, 'line'>;

function errorsOf(request: JsonObject, endpoint: BatchEndpoint, models: ModelCatalogue): LineError[] {
  const missing = FIELDS.filter((name) => request[name] === undefined);
  if (missing.length > 0) return missing.map(missingField);
  const { custom_id: id, method, url, body } = request;
  if (typeof id !== 'string' || id === '') return [invalid('custom_id', 'Custom_id must be a string.')];
  if (method !== 'POST') return [invalid('method', "Method must be 'POST'.")];
  if (url !== endpoint) return [WRONG_URL];
  if (!isObject(body)) return [invalid('body', 'Body must be an object.')];
  const { model, stream } = body;
  const errors = REQUIRED[endpoint]
    .filter((name) => body[name] === undefined)
    .map((name) => invalid(`body.${name}`, `${capitalized(name)} parameter is required.`));
  if (typeof model === 'string' && !isModel(model, models)) errors.push(unknownModel(model));
  if (stream === true) errors.push(endpoint === '/v1/chat/completions' ? CHAT_STREAMING : STREAMING);
  return errors;
}

function isModel(id: string, models: ModelCatalogue): boolean {
  try {
    models.kindOf(id);
    return true;
  } catch {
    return false;
  }
}

/** How many texts a request for embeddings has; a list of tokens is one. */
function inputsOf({ input }: JsonObject): number {
  return Array.isArray(input) && typeof input[0] !== 'number' ? input.length : 1;
}

function capitalized(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

const INVALID_JSON: LineError = {
  code: 'invalid_json_line',
  message: 'This line is not parseable as valid JSON.',
  param: null,
};

const WRONG_URL: LineError = {
  code: 'invalid_url',
  message: 'The URL provided for this request does not match the batch endpoint.',
  param: 'url',
};

const STREAMING: LineError = {
  code: 'streaming_unsupported',
  message: 'Streaming is not supported in the Batch API.',
  param: 'body.stream',
};

const CHAT_STREAMING: LineError = { ...STREAMING, message: `Chat Completions: ${STREAMING.message}` };

const EMPTY: BatchError = {
  code: 'empty_file',
  message: 'The input file is empty. Please ensure that your batch contains at least one request.',
  param: 'input_file_id',
  line: null,
};

function missingField(name: string): LineError {
  return {
    code: 'missing_required_parameter',
    message: `Missing required parameter: '${name}'.`,
    param: name,
  };
}

function invalid(param: string, message: string): LineError {
  return { code: 'invalid_request', message, param };
}

function duplicateId(id: string): LineError {
  return {
    code: 'duplicate_custom_id',
    message: `The custom_id '${id}' for this request is a duplicate of another request. The custom_id parameter must be unique for each request in a batch.`,
    param: 'custom_id',
  };
}

function unknownModel(model: string): LineError {
  return {
    code: 'model_not_found',
    message: `The provided model '${model}' is not supported by the Batch API.`,
    param: 'body.model',
  };
}

function otherModel(model: string): LineError {
  return {
    code: 'mismatched_model',
    message: `The model '${model}' for this request does not match the rest of the batch. Each batch must contain requests for a single model.`,
    param: 'body.model',
  };
}

function tooMany(what: string, most: number, count: number): BatchError {
  return {
    code: 'too_many_tasks',
    message: `The batch input file contains too many ${what}: ${count}. The maximum is ${most}.`,
    param: 'input_file_id',
    line: null,
  };
}
