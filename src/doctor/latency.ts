import type { Api } from '../api/client.ts';
import { type ChatRequest, streamChat } from '../api/completions.ts';
import { isOutOfCredit } from '../api/failure.ts';
import { defaultModels } from '../api/models.ts';
import { streamTurn } from '../chat/turn.ts';
import type { Context } from '../context.ts';
import { Failure } from '../errors.ts';
import type { AnswerSink } from '../output/answer-sink.ts';
import { brokenBy, type Finding, ok, skipped, warning } from './finding.ts';

/** Tokens of the answer at most. */
const MOST_TOKENS = 16;
/** A first token that takes longer than this many ms is worth a word. */
const SLOW_MS = 5000;

/** Nobody reads the answer. */
class Nowhere implements AnswerSink {
  started = false;

  write(): undefined {
    this.started = true;
  }

  async end(): Promise<void> {}
}

/** Asks the smallest of questions, and takes the time until the first token is here. It costs some tokens. @throws Stopped */
export async function examineLatency(api: Api, context: Context): Promise<Finding> {
  const { settings } = api;
  const model = settings.model('chat', undefined) ?? (settings.isOpenAI ? defaultModels.chat : undefined);
  if (model === undefined) {
    return skipped(
      'latency',
      `profile ${settings.profile} has no model of its own to ask; \`oai config set models.chat NAME\` sets one`,
    );
  }
  try {
    return await measured(model, api, context);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const finding = brokenBy(error, 'latency', '`oai models` lists those there are');
    // One request too many passes; what is out of credit does not.
    return error.kind === 'limit' && !isOutOfCredit(error) ? { ...finding, status: 'warning' } : finding;
  }
}

function measured(model: string, api: Api, context: Context): Promise<Finding> {
  const request: ChatRequest = {
    model,
    messages: [{ role: 'user', content: 'Say hi.' }],
    [api.settings.maxTokensField]: MOST_TOKENS,
    // It would think about it first. Other models may not take the field.
    ...(model === defaultModels.chat && { reasoning_effort: 'none' }),
  };
  return api.each(async (own) => {
    const { clock } = context;
    const start = clock.now();
    const stream = await streamChat(own, request, clock, { tellsUsage: true });
    const listener = { out: new Nowhere(), onText() {} };
    const { facts, failure } = await streamTurn(stream, listener, { api: own, count: 1, clock, start });
    if (failure !== undefined) throw failure;
    const { firstTextAfter, duration, usage } = facts;
    const tokens = usage?.total_tokens ?? null;
    const cost = tokens === null ? '' : `; the question took ${tokens} tokens`;
    const details = { model, first_token_ms: firstTextAfter ?? null, duration_ms: duration, tokens };
    if (firstTextAfter === undefined) {
      return ok('latency', `${model} answers after ${duration} ms, without a text${cost}`, details);
    }
    const message = `the first token of ${model} is here after ${firstTextAfter} ms${cost}`;
    const advice = '--service-tier priority, or another model, may be quicker';
    return firstTextAfter < SLOW_MS
      ? ok('latency', message, details)
      : warning('latency', message, advice, details);
  });
}
