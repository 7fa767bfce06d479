import type { Api } from '../api/client.ts';
import type { ChatMessage } from '../api/completions.ts';
import type { Context } from '../context.ts';
import type { AnswerFlags } from '../flags/answers.ts';
import type { ChatFields } from '../flags/chat.ts';
import type { SamplingFlags } from '../flags/sampling.ts';
import type { AnswerForm } from './answer-form.ts';
import { explainAudio, haveSights, haveSound, type ModelWish, modelFor } from './audio-model.ts';
import type { ChatTools } from './chat-tools.ts';
import { CompletionsRoute } from './completions-route.ts';
import type { Toolbox } from './conversation.ts';
import { requestMaker } from './request-maker.ts';
import type { Route } from './route.ts';
import type { Speaking } from './speaking.ts';

/** What is asked, and of whom. */
export interface Wanted {
  /** All messages, earlier ones included. */
  readonly asked: readonly ChatMessage[];
  readonly wish: ModelWish;
  readonly form: AnswerForm;
  readonly tools: ChatTools | undefined;
  /** Undefined where the answer is written only. */
  readonly speaking: Speaking | undefined;
  /** Where a person is asked for consent; the run's own context where it is not given. */
  readonly asking?: Context;
}

/** How a question is asked. */
export interface Prepared {
  readonly route: Route;
  /** Runs what an answer asks for; undefined where there is nothing to run. */
  readonly toolbox: Toolbox | undefined;
}

/** What the flags say of requests that go by chat completions. @throws Failure (usage) */
export async function prepared(
  options: ChatFields & SamplingFlags & AnswerFlags,
  { asked, wish, form, tools, speaking }: Wanted,
  api: Api,
  context: Context,
): Promise<Prepared> {
  const senses = { hears: haveSound(asked), sees: haveSights(asked), speaks: speaking !== undefined };
  const model = modelFor(senses, wish, api, context);
  const wanted = {
    ...options,
    ...model,
    responseFormat: form.responseFormat,
    chatTools: tools,
    spoken: speaking?.fields,
  };
  const maker = await requestMaker(wanted, api, context);
  const explain = (error: unknown) => explainAudio(maker.explain(error), senses, maker.model);
  return { route: new CompletionsRoute(maker, explain), toolbox: tools?.toolbox };
}
