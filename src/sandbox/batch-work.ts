import { createHash } from 'node:crypto';
import { isObject } from '../json.ts';
import type { BatchEndpoint, BatchRequest } from './batch-input.ts';
import { type Call, requestId, type SandboxState } from './call.ts';
import { answerChat } from './chat-completion.ts';
import { answerEmbeddings } from './embedding-answer.ts';
import { ApiError, errorAnswer } from './error-answer.ts';
import { answerModeration } from './moderation-answer.ts';

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

const ANSWERS: Readonly<Record<BatchEndpoint, (call: Call, state: SandboxState) => Promise<Response>>> = {
  '/v1/chat/completions': answerChat,
  '/v1/embeddings': answerEmbeddings,
  '/v1/moderations': answerModeration,
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
  const response = await ANSWERS[endpoint](call, state).catch((error: unknown) => {
    if (error instanceof ApiError) return errorAnswer(error);
    throw error;
  });
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

/** A request that a batch was cancelled before. */
export function cancelledInBatch(batchId: string, { customId }: BatchRequest): BatchResult {
  const id = requestIdIn(batchId, customId);
  // After `batch_expired` of OpenAI's guide to batches, which does not say how a cancelled request is told.
  const error = {
    code: 'batch_cancelled',
    message: 'This request was not executed because the batch was cancelled.',
  };
  return {
    id,
    line: JSON.stringify({ id, custom_id: customId, response: null, error }),
    isDone: false,
    usage: NO_USAGE,
  };
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
    input: numberIn(usage, 'prompt_tokens'),
    cached: numberIn(objectIn(usage, 'prompt_tokens_details'), 'cached_tokens'),
    output: numberIn(usage, 'completion_tokens'),
    reasoning: numberIn(objectIn(usage, 'completion_tokens_details'), 'reasoning_tokens'),
  };
}

function objectIn(value: unknown, name: string): unknown {
  return isObject(value) ? value[name] : undefined;
}

function numberIn(value: unknown, name: string): number {
  return Number(objectIn(value, name) ?? 0);
}
