import { isObject } from '../json.ts';
import { embeddingModel } from './embedding-models.ts';
import { ApiError, invalidRequest, schemaInvalid } from './error-answer.ts';
import type { ModelCatalogue } from './models.ts';
import { type Check, missing, object, string, wrongType } from './request-check.ts';

/** One text of a request. */
export interface EmbeddingInput {
  readonly text: string;
  readonly tokens: number;
}

/** A request for embeddings, checked. */
export interface EmbeddingRequest {
  readonly model: string;
  readonly inputs: readonly EmbeddingInput[];
  /** Numbers of each vector. */
  readonly dimensions: number;
  readonly isBase64: boolean;
}

/**
 * The API's reference, `input`. The words of the refusals: those that the API gave in 2026, as the issues and tests of
 * its clients quote them (`param` and `code` are null there).
 */
const MOST_INPUTS = 2048;
const MOST_TOKENS = 8192;
const MOST_TOKENS_TOGETHER = 300_000;
/** Characters of the longest token of `cl100k_base`: a text of more than so many times the limit needs no counting. */
const LONGEST_TOKEN = 128;

const FORMATS = ['float', 'base64'];

/** What is checked later, when the rest of the request is known to be right. */
const later: Check = () => {};

const FIELDS: Readonly<Record<string, Check>> = {
  model: later,
  input: later,
  dimensions: (value, path) => {
    if (!Number.isInteger(value) || Number(value) < 1) throw schemaInvalid(path);
  },
  encoding_format: (value, path) => {
    if (typeof value !== 'string') throw schemaInvalid(path);
    if (FORMATS.includes(value)) return;
    throw invalidRequest(
      `Invalid value for '${path}' = ${value}. Supported values: ['float', 'base64'].`,
      null,
    );
  },
  user: string(),
};

/** @throws ApiError naming the first field that is wrong */
export async function readEmbeddingRequest(body: unknown, models: ModelCatalogue): Promise<EmbeddingRequest> {
  if (!isObject(body)) throw wrongType('', 'an object', body);
  const { model: named, input, dimensions } = body;
  if (named === undefined) throw invalidRequest('you must provide a model parameter', null);
  string()(named, 'model');
  const model = String(named);
  if (models.kindOf(model) !== 'embedding') throw cannotEmbed();
  object(FIELDS)(body, '');
  if (input === undefined) throw missing('input');
  return {
    model,
    dimensions: sizeOf(model, dimensions),
    isBase64: body['encoding_format'] === 'base64',
    inputs: await readInputs(input),
  };
}

/** A model of another kind. */
function cannotEmbed(): ApiError {
  const { body } = invalidRequest('You are not allowed to generate embeddings from this model', null);
  return new ApiError(403, body);
}

function sizeOf(model: string, wanted: unknown): number {
  const { size, isShortened } = embeddingModel(model);
  if (wanted === undefined) return size;
  if (!isShortened) throw invalidRequest('This model does not support specifying dimensions.', null);
  const dimensions = Number(wanted);
  if (dimensions <= size) return dimensions;
  const message = `Invalid value for 'dimensions' = ${dimensions}. Must be less than or equal to ${size}.`;
  throw invalidRequest(message, null);
}

async function readInputs(input: unknown): Promise<EmbeddingInput[]> {
  const entries = entriesOf(input);
  // A megabyte of tables, for those who ask for embeddings.
  const { countCl100k, decodeCl100k } = await import('../tokens/cl100k.ts');
  const count = (text: string) =>
    text.length > MOST_TOKENS * LONGEST_TOKEN ? Number.POSITIVE_INFINITY : countCl100k(text);
  const inputs = entries.map((entry, index): EmbeddingInput => {
    const tokens = typeof entry === 'string' ? count(entry) : entry.length;
    if (tokens > MOST_TOKENS) throw tooManyTokens(typeof input === 'string' ? undefined : index);
    const text = typeof entry === 'string' ? entry : decodeCl100k(entry);
    if (text === undefined) throw schemaInvalid('input');
    return { text, tokens };
  });
  const together = inputs.reduce((sum, { tokens }) => sum + tokens, 0);
  if (together <= MOST_TOKENS_TOGETHER) return inputs;
  throw new ApiError(400, {
    message: `Requested ${together} tokens, max ${MOST_TOKENS_TOGETHER} tokens per request`,
    type: 'max_tokens_per_request',
    param: null,
    code: 'max_tokens_per_request',
  });
}

/** The texts, or the tokens of them, in the four forms that the API takes. */
function entriesOf(input: unknown): readonly (string | readonly number[])[] {
  if (typeof input === 'string') return filled([input], () => 'input');
  if (!Array.isArray(input) || input.length === 0) throw schemaInvalid('input');
  if (input.length > MOST_INPUTS) {
    throw invalidRequest(`Invalid 'input': array length must be ${MOST_INPUTS} or less.`, null);
  }
  if (input.every((entry) => typeof entry === 'string')) return filled(input, (at) => `input[${at}]`);
  if (isTokens(input)) return [input];
  if (input.every(isTokens)) return input;
  throw schemaInvalid('input');
}

function isTokens(value: unknown): value is number[] {
  return Array.isArray(value) && value.length > 0 && value.every(Number.isInteger);
}

function filled(texts: readonly string[], pathOf: (index: number) => string): readonly string[] {
  const empty = texts.indexOf('');
  if (empty === -1) return texts;
  throw invalidRequest(`Invalid '${pathOf(empty)}': input cannot be an empty string.`, null);
}

/** @param index of a list; undefined: the request has one text and no list */
function tooManyTokens(index: number | undefined): ApiError {
  const [path, length] = index === undefined ? ['input', 'context'] : [`input[${index}]`, 'input'];
  return invalidRequest(`Invalid '${path}': maximum ${length} length is ${MOST_TOKENS} tokens.`, null);
}
