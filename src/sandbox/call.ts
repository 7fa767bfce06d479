import type { Clock } from '../context.ts';
import type { BatchShelf } from './batch-shelf.ts';
import type { ClientSecretShelf } from './client-secret.ts';
import type { CompletionShelf } from './completion-shelf.ts';
import { type ApiError, invalidRequest } from './error-answer.ts';
import type { Faults } from './faults.ts';
import type { FileShelf } from './file-shelf.ts';
import type { FineTuneShelf } from './finetune-shelf.ts';
import type { ImageShelf } from './image-shelf.ts';
import type { ModelCatalogue } from './models.ts';
import type { ResponseShelf } from './response-shelf.ts';
import type { UploadShelf } from './upload-shelf.ts';
import type { VectorStoreShelf } from './vector-store-shelf.ts';

/** What all answers of one sandbox share. */
export interface SandboxState {
  readonly clock: Clock;
  readonly faults: Faults;
  readonly models: ModelCatalogue;
  readonly images: ImageShelf;
  readonly files: FileShelf;
  readonly uploads: UploadShelf;
  readonly batches: BatchShelf;
  readonly fineTunes: FineTuneShelf;
  readonly completions: CompletionShelf;
  readonly responses: ResponseShelf;
  readonly secrets: ClientSecretShelf;
  readonly vectorStores: VectorStoreShelf;
}

/** One request, read. */
export interface Call {
  readonly method: string;
  /** Where the sandbox was asked: `http://127.0.0.1:4010`. */
  readonly origin: string;
  /** Below the base URL, with its slash: `/chat/completions`. */
  readonly path: string;
  /** What follows the path after a question mark. */
  readonly query: URLSearchParams;
  readonly headers: Headers;
  readonly body: Uint8Array;
  /**
   * The same for the same method, path, query and body, whatever stands between the parts of a form: hexadecimal, 64
   * characters. What an answer is named by.
   */
  readonly hash: string;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** What the answer is called in its header `x-request-id`. */
export function requestId({ hash }: Call): string {
  return `req_${hash.slice(0, 32)}`;
}

const BROKEN_JSON =
  "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON. If you have trouble figuring out how to fix this, please contact us through our help center at help.openai.com.)";

/**
 * The body of a request that must be JSON. No body at all is an empty object, as at the API.
 * @throws ApiError 400
 */
export function jsonBody({ headers, body }: Call): unknown {
  if (body.length === 0) return {};
  const type = headers.get('content-type') ?? '';
  if (!/^application\/json\s*(?:;|$)/i.test(type)) throw unsupportedType(type, 'application/json');
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw invalidRequest(BROKEN_JSON, null);
  }
}

/** @param type the content type that came; @param taken the one that the endpoint takes */
export function unsupportedType(type: string, taken: string): ApiError {
  return invalidRequest(
    `Unsupported content type: '${type}'. This API method only accepts '${taken}' requests, but you specified the header 'Content-Type: ${type}'. Please try again with a supported content type.`,
    null,
    'unsupported_content_type',
  );
}
