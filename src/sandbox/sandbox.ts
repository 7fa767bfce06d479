import { createHash } from 'node:crypto';
import { aborted, type Clock, sleep } from '../context.ts';
import { BatchShelf } from './batch-shelf.ts';
import { type Call, requestId, type SandboxState } from './call.ts';
import { ClientSecretShelf, checkClientSecret } from './client-secret.ts';
import { CompletionShelf } from './completion-shelf.ts';
import { connectionLost } from './connection.ts';
import { ApiError, errorAnswer, invalidKey, QUOTA_ERROR, statusError } from './error-answer.ts';
import { type Faults, type RequestFault, readFaults } from './faults.ts';
import { FileShelf } from './file-shelf.ts';
import { FineTuneShelf } from './finetune-shelf.ts';
import { ImageShelf } from './image-shelf.ts';
import { type LifecycleOf, ModelCatalogue } from './models.ts';
import { withoutBoundary } from './multipart.ts';
import type { RealtimeSession } from './realtime-session.ts';
import { ResponseShelf } from './response-shelf.ts';
import { route } from './routes.ts';
import { UploadShelf } from './upload-shelf.ts';
import { VectorStoreShelf } from './vector-store-shelf.ts';

export { isConnectionLost } from './connection.ts';
export { crash } from './crash.ts';

/** The API, in this process: no key, no network, the same answer to the same request. */
export interface Sandbox {
  /**
   * Answers as `fetch` would.
   * @throws TypeError when a fault loses the connection; the reason of the request's signal when that aborts
   */
  answer(request: Request): Promise<Response>;
}

/** The API with its sockets. */
export interface RealtimeSandbox extends Sandbox {
  /**
   * Answers a handshake at `/realtime`.
   * @returns the session, which ends with the request's signal, or the answer that refuses it
   * @throws as `answer` does
   */
  openRealtime(request: Request): Promise<RealtimeSession | Response>;
}

export interface SandboxOptions {
  /** The text of OAI_SANDBOX. */
  readonly faults?: string | undefined;
  readonly clock: Clock;
  /** The table of announced ends. The sandbox knows none of its own for the models that are in it. */
  readonly lifecycleOf: LifecycleOf;
  /** Ends all answers under way. */
  readonly signal?: AbortSignal;
}

/** The one key that the sandbox refuses, so that a bad key can be tried. */
const BAD_KEY = 'sk-invalid';

/** The wait that a 429 asks for when no fault says another, in milliseconds. */
const RETRY_AFTER = 1000;

const SIGN_IN_PAGE =
  '<!doctype html>\n<html><head><title>Sign in to the network</title></head><body><h1>Welcome</h1><form><button>Accept and connect</button></form></body></html>\n';

/** @throws Failure('usage') naming the part of the faults that is wrong */
export function createSandbox(options: SandboxOptions): RealtimeSandbox {
  const { clock, lifecycleOf } = options;
  const faults = readFaults(options.faults ?? '');
  const models = new ModelCatalogue(clock, lifecycleOf, faults.gone);
  const state: SandboxState = {
    clock,
    faults,
    models,
    images: new ImageShelf(faults.brokenImage),
    files: new FileShelf(clock),
    uploads: new UploadShelf(clock),
    batches: new BatchShelf(),
    fineTunes: new FineTuneShelf(),
    completions: new CompletionShelf(),
    responses: new ResponseShelf(),
    secrets: new ClientSecretShelf(),
    vectorStores: new VectorStoreShelf(),
  };

  async function exchange<Answer>(
    request: Request,
    reply: (call: Call) => Answer | Promise<Answer>,
  ): Promise<Answer | Response> {
    const signal =
      options.signal === undefined ? request.signal : AbortSignal.any([request.signal, options.signal]);
    signal.throwIfAborted();
    const call = await readCall(request, signal);
    if (faults.delay !== undefined) await sleep(clock, faults.delay, signal);
    const fault = faults.takeRequestFault();
    if (fault?.kind === 'drop') throw connectionLost('fetch failed');
    if (fault?.kind === 'html') {
      return new Response(SIGN_IN_PAGE, { headers: { 'content-type': 'text/html; charset=utf-8' } });
    }
    const answer = fault === undefined ? await answered(call, clock, reply) : faultAnswer(fault, faults);
    return answer instanceof Response ? named(call, answer) : answer;
  }

  return {
    answer: (request) => exchange(request, (call) => route(call, state)),
    openRealtime: (request) =>
      exchange(request, async (call) => {
        const { realtimeSession } = await import('./realtime-session.ts');
        const update = state.secrets.sessionOf(keyOf(call) ?? '');
        return realtimeSession(new URL(request.url), update, state, call.signal);
      }),
  };
}

async function readCall(request: Request, signal: AbortSignal): Promise<Call> {
  const { method, headers, url } = request;
  const { origin, pathname, search, searchParams: query } = new URL(url);
  const path = pathname.replace(/^\/v1(?=\/|$)/, '');
  const body = new Uint8Array(await Promise.race([request.arrayBuffer(), aborted(signal)]));
  const hash = createHash('sha256').update(`${method} ${path}${search}\n`);
  for (const piece of withoutBoundary(body, headers.get('content-type') ?? '')) hash.update(piece);
  return { method, origin, path, query, headers, body, hash: hash.digest('hex'), signal };
}

function keyOf({ headers }: Call): string | undefined {
  return /^Bearer\s+(.*)$/i.exec(headers.get('authorization') ?? '')?.[1];
}

async function answered<Answer>(
  call: Call,
  clock: Clock,
  reply: (call: Call) => Answer | Promise<Answer>,
): Promise<Answer | Response> {
  try {
    const key = keyOf(call);
    if (key === BAD_KEY) throw new ApiError(401, invalidKey(BAD_KEY));
    if (key?.startsWith('ek_')) checkClientSecret(key, clock);
    return await reply(call);
  } catch (error) {
    if (error instanceof ApiError) return errorAnswer(error);
    throw error;
  }
}

function faultAnswer(
  fault: Exclude<RequestFault, { kind: 'html' | 'drop' }>,
  { retryAfter }: Faults,
): Response {
  if (fault.kind === 'json-error') return errorAnswer(new ApiError(200, statusError(500)));
  const quota = fault.kind === 'quota';
  const status = fault.kind === 'status' ? fault.status : 429;
  const wait = retryAfter ?? (status === 429 && !quota ? RETRY_AFTER : undefined);
  const headers: Record<string, string> = {};
  if (wait !== undefined) {
    // Whole seconds are all that `retry-after` can say; the API adds the exact time in a header of its own.
    headers['retry-after'] = String(Math.ceil(wait / 1000));
    if (wait % 1000 !== 0) headers['retry-after-ms'] = String(wait);
  }
  if (fault.kind === 'status' && fault.empty) return new Response(null, { status, headers });
  return errorAnswer(new ApiError(status, quota ? QUOTA_ERROR : statusError(status), headers));
}

/** The answer with the headers that the API puts on every one. */
function named(call: Call, response: Response): Response {
  const headers = {
    'x-request-id': requestId(call),
    'openai-organization': 'sandbox',
    'openai-processing-ms': '7',
    'openai-version': '2020-10-01',
    'x-ratelimit-limit-requests': '10000',
    'x-ratelimit-limit-tokens': '2000000',
    'x-ratelimit-remaining-requests': '9999',
    'x-ratelimit-remaining-tokens': '1999990',
    'x-ratelimit-reset-requests': '6ms',
    'x-ratelimit-reset-tokens': '0s',
  };
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
  return response;
}
