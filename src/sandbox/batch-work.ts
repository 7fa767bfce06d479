import { createHash } from 'node:crypto';
import { isObject } from '../json.ts';
import type { BatchEndpoint, BatchRequest } from './batch-input.ts';
import { type Call, requestId, type SandboxState } from './call.ts';
import { answerChat } from './chat-completion.ts';
import { answerEmbeddings } from './embedding-answer.ts';
import { ApiError, errorAnswer, statusError } from './error-answer.ts';
import { answerImages } from './image-answer.ts';
import { answerModeration } from './moderation-answer.ts';
import { answerResponse } from './response-answer.ts';
import { answerTextCompletion } from './text-completion.ts';

/** One line of an output or error file. */
export interface BatchResult {
  /** What lines are sorted by: the API gives them in no order. */
  readonly id: string;
  readonly line: string;
  /** It goes into the output file; else into the error file. */
  readonly isDone: boolean;
  readonly usage: BatchUsage;
}

/** Tokens. */
export interface BatchUsage {
  readonly input: number;
  readonly cached: number;
  readonly output: number;
  readonly reasoning: number;
}

type Answer = (call: Call, state: SandboxState) => Response | Promise<Response>;

const ANSWERS: Readonly<Record<BatchEndpoint, Answer>> = {
  '/v1/responses': answerResponse,
  '/v1/chat/completions': answerChat,
  '/v1/embeddings': answerEmbeddings,
  '/v1/completions': answerTextCompletion,
  '/v1/moderations': answerModeration,
  '/v1/images/generations': (call, state) => answerImages(call, state, 'generations'),
};

/**
 * Answers one request of a batch, as the endpoint answers it. Faults that strike requests do not: they are for those on
 * the wire.
 * @param asked the call that this is part of
 * @throws the signal's reason when nobody waits any more
 */
export async function answerInBatch(
  batchId: string,
  { customId, line }: BatchRequest,
  endpoint: BatchEndpoint,
  asked: Call,
  state: SandboxState,
): Promise<BatchResult> {
  const { body } = JSON.parse(line);
  const call = innerCall(endpoint, JSON.stringify(body), asked);
  const response = await answered(() => ANSWERS[endpoint](call, state));
  const answer: unknown = await response.json();
  const { status } = response;
  const id = requestIdIn(batchId, customId);
  const told = { status_code: status, request_id: requestId(call), body: answer };
  return {
    id,
    line: JSON.stringify({ id, custom_id: customId, response: told, error: null }),
    isDone: status < 400,
    usage: usageOf(answer),
  };
}

async function answered(answer: () => Response | Promise<Response>): Promise<Response> {
  try {
    return await answer();
  } catch (error) {
    if (error instanceof ApiError) return errorAnswer(error);
    throw error;
  }
}

/** Why a request was not executed: `batch_expired` is in OpenAI's guide to batches, the other after it. */
const UNDONE = {
  expired: {
    code: 'batch_expired',
    message: 'This request could not be executed before the completion window expired.',
  },
  cancelled: {
    code: 'batch_cancelled',
    message: 'This request was not executed because the batch was cancelled.',
  },
} as const;

/** A request that a batch ended before. */
export function undoneInBatch(
  batchId: string,
  { customId }: BatchRequest,
  why: keyof typeof UNDONE,
): BatchResult {
  const id = requestIdIn(batchId, customId);
  const line = JSON.stringify({ id, custom_id: customId, response: null, error: UNDONE[why] });
  return { id, line, isDone: false, usage: NO_USAGE };
}

/** A request that met a failure of the server. */
export function failedInBatch(batchId: string, { customId }: BatchRequest, asked: Call): BatchResult {
  const id = requestIdIn(batchId, customId);
  const response = { status_code: 500, request_id: requestId(asked), body: { error: statusError(500) } };
  const line = JSON.stringify({ id, custom_id: customId, response, error: null });
  return { id, line, isDone: false, usage: NO_USAGE };
}

function requestIdIn(batchId: string, customId: string): string {
  const hash = createHash('sha256').update(`${batchId}\n${customId}`).digest('hex');
  return `batch_req_${hash.slice(0, 32)}`;
}

function innerCall(endpoint: BatchEndpoint, body: string, { origin, signal }: Call): Call {
  const path = endpoint.replace('/v1', '');
  return {
    method: 'POST',
    origin,
    query: new URLSearchParams(),
    path,
    headers: new Headers({ 'content-type': 'application/json' }),
    body: Buffer.from(body),
    // As of the same request on the wire, so that its answer is the same.
    hash: createHash('sha256').update(`POST ${path}\n${body}`).digest('hex'),
    signal,
  };
}

export const NO_USAGE: BatchUsage = { input: 0, cached: 0, output: 0, reasoning: 0 };

function usageOf(answer: unknown): BatchUsage {
  const usage = objectIn(answer, 'usage');
  return {
    input: countIn(usage, 'prompt_tokens', 'input_tokens'),
    cached: detailIn(usage, 'cached_tokens', 'prompt_tokens_details', 'input_tokens_details'),
    output: countIn(usage, 'completion_tokens', 'output_tokens'),
    reasoning: detailIn(usage, 'reasoning_tokens', 'completion_tokens_details', 'output_tokens_details'),
  };
}

function objectIn(value: unknown, name: string): unknown {
  return isObject(value) ? value[name] : undefined;
}

/** A count by either of its names: that of chat, and that of responses. */
function countIn(usage: unknown, ...names: readonly string[]): number {
  return Number(names.map((name) => objectIn(usage, name)).find((count) => count !== undefined) ?? 0);
}

function detailIn(usage: unknown, count: string, ...names: readonly string[]): number {
  const details = names.map((name) => objectIn(usage, name)).find((found) => found !== undefined);
  return countIn(details, count);
}
