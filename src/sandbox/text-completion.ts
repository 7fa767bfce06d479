import { isObject, type JsonObject } from '../json.ts';
import { type Call, jsonBody, type SandboxState } from './call.ts';
import { invalidRequest, modelNotFound } from './error-answer.ts';
import { event, eventStream, type Step } from './event-stream.ts';
import { logprobsOf } from './logprobs.ts';
import { CREATED } from './models.ts';
import {
  array,
  boolean,
  decimal,
  integer,
  nullable,
  object,
  string,
  stringOr,
  unknownParameter,
  wrongType,
} from './request-check.ts';
import { faultySteps } from './stream-fault.ts';
import { countTokens, deltasOf, tokensOf } from './tokens.ts';

/** OpenAPI `CreateCompletionRequest`; prompts of tokens are not taken here. */
interface TextRequest {
  readonly model: string;
  readonly prompt: string;
  readonly suffix?: string | null;
  readonly echo?: boolean | null;
  readonly n?: number | null;
  readonly max_tokens?: number | null;
  readonly logprobs?: number | null;
  readonly stream?: boolean | null;
  readonly stream_options?: { readonly include_usage?: boolean } | null;
  readonly stop?: string | readonly string[] | null;
}

const text = string();
const fields = object(
  {
    model: text,
    prompt: text,
    best_of: nullable(integer(0, 20)),
    echo: nullable(boolean),
    frequency_penalty: nullable(decimal(-2, 2)),
    logit_bias: nullable((value, path) => {
      if (!isObject(value)) throw wrongType(path, 'an object', value);
    }),
    logprobs: nullable(integer(0, 5)),
    max_tokens: nullable(integer(0)),
    n: nullable(integer(1, 128)),
    presence_penalty: nullable(decimal(-2, 2)),
    seed: nullable(integer(Number.MIN_SAFE_INTEGER)),
    stop: nullable(
      stringOr(text, array(text, { min: 1, max: 4, of: 'strings' }), Array.isArray, 'array of strings'),
    ),
    stream: nullable(boolean),
    stream_options: nullable(object({ include_usage: boolean, include_obfuscation: boolean })),
    suffix: nullable(text),
    temperature: nullable(decimal(0, 2)),
    top_p: nullable(decimal(0, 1)),
    user: text,
  },
  ['model', 'prompt'],
  unknownParameter,
);

/** The API's own default (its reference, `max_tokens`). */
const USUAL_TOKENS = 16;

/** `POST /completions`. @throws ApiError as the API refuses requests */
export function answerTextCompletion(call: Call, { clock, faults, models }: SandboxState): Response {
  const request = readRequest(jsonBody(call));
  if (models.kindOf(request.model) !== 'completion') {
    throw modelNotFound(
      'This is a chat model and not supported in the v1/completions endpoint. Did you mean to use v1/chat/completions?',
    );
  }
  const choices = Array.from({ length: request.n ?? 1 }, (_, index) => choiceOf(request, index));
  const head = {
    id: `cmpl-${call.hash.slice(0, 29)}`,
    object: 'text_completion',
    created: CREATED,
    model: request.model,
    system_fingerprint: 'oai-sandbox',
  };
  const prompt = countTokens(request.prompt);
  const made = choices.reduce((sum, { tokens }) => sum + tokens.length, 0);
  const usage = { prompt_tokens: prompt, completion_tokens: made, total_tokens: prompt + made };
  if (request.stream !== true || faults.plain) {
    const whole = choices.map(({ tokens, finish }, index) => pieceOf(request, index, tokens, finish));
    return Response.json({ ...head, choices: whole, usage });
  }
  const steps = function* (): Generator<Step> {
    for (const [index, { tokens }] of choices.entries()) {
      for (const group of deltasOf(tokens)) {
        yield {
          kind: 'delta',
          text: event(JSON.stringify({ ...head, choices: [pieceOf(request, index, group, null)] })),
        };
      }
    }
  };
  const end: Step[] = choices.map(({ finish }, index) => ({
    kind: 'event',
    text: event(JSON.stringify({ ...head, choices: [pieceOf(request, index, [], finish)] })),
  }));
  if (request.stream_options?.include_usage === true) {
    end.push({ kind: 'event', text: event(JSON.stringify({ ...head, choices: [], usage })) });
  }
  end.push({ kind: 'event', text: event('[DONE]') });
  const pace = { clock, delay: faults.delay, signal: call.signal, batch: 0 };
  return new Response(eventStream(faultySteps(steps(), end, faults.stream, event('{"id":"cmpl-')), pace), {
    headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' },
  });
}

function readRequest(body: unknown): TextRequest {
  if (!isObject(body)) throw wrongType('', 'an object', body);
  if (body['model'] === undefined) throw invalidRequest('you must provide a model parameter', null);
  fields(body, '');
  checkBestOf(body);
  return body as unknown as TextRequest;
}

function checkBestOf({ best_of: best, n, stream }: JsonObject): void {
  if (typeof best !== 'number') return;
  if (best < (typeof n === 'number' ? n : 1)) {
    throw invalidRequest(
      'You requested that the server return more choices than it will generate (n must be <= best_of).',
      'best_of',
    );
  }
  if (stream === true && best > (typeof n === 'number' ? n : 1)) {
    throw invalidRequest('The server cannot stream results with best_of greater than n.', 'best_of');
  }
}

interface TextChoice {
  readonly tokens: readonly string[];
  readonly finish: 'stop' | 'length';
}

/** What the sandbox goes on with: a sentence about what it was given. */
function choiceOf(request: TextRequest, index: number): TextChoice {
  const { prompt, suffix, echo, n, stop, max_tokens: most } = request;
  const words = prompt.trim().split(/\s+/).slice(-3).join(' ');
  const before = suffix == null || suffix === '' ? '' : `, and then comes “${suffix}”`;
  const number = (n ?? 1) > 1 ? ` This is completion ${index + 1} of ${n}.` : '';
  const said = ` … so it goes on after “${words}”${before}.${number}`;
  const stops = typeof stop === 'string' ? [stop] : (stop ?? []);
  const ends = stops.map((word) => said.indexOf(word)).filter((end) => end !== -1);
  const all = tokensOf(said.slice(0, Math.min(said.length, ...ends)));
  const kept = all.slice(0, most ?? USUAL_TOKENS);
  const tokens = echo === true ? [...tokensOf(prompt), ...kept] : kept;
  return { tokens, finish: kept.length < all.length ? 'length' : 'stop' };
}

function pieceOf(
  { logprobs }: TextRequest,
  index: number,
  tokens: readonly string[],
  finish: string | null,
): object {
  const facts = logprobs == null || tokens.length === 0 ? null : logprobsOf(tokens, logprobs);
  return {
    text: tokens.join(''),
    index,
    finish_reason: finish,
    logprobs: facts && {
      tokens,
      token_logprobs: facts.map(({ logprob }) => logprob),
      top_logprobs: facts.map(({ top_logprobs: tops }) =>
        Object.fromEntries(tops.map(({ token, logprob }) => [token, logprob])),
      ),
      text_offset: tokens.map((_, at) => tokens.slice(0, at).join('').length),
    },
  };
}
