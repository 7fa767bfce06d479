import type { OpenAI } from 'openai';
import type { Clock } from '../context.ts';
import { isObject } from '../json.ts';
import type { Api } from './client.ts';
import { type AnswerStream, notAnAnswer, openStream } from './stream.ts';

/** A request of the endpoint from before chat: a text that is to be gone on with. */
export type TextRequest = OpenAI.CompletionCreateParamsNonStreaming;
/** A whole answer, or a piece of one: both have the same form. */
export type TextAnswer = OpenAI.Completion;

const KIND = 'a completion';

/** One whole answer, as the API gives it. @throws Failure or Stopped */
export function completeText(api: Api, request: TextRequest): Promise<TextAnswer> {
  return api.call(async (client, options) => checked(await client.completions.create(request, options), api));
}

/** Opens a streamed answer: resolves when its first piece is here. @throws Failure or Stopped */
export function streamText(api: Api, request: TextRequest, clock: Clock): Promise<AnswerStream<TextAnswer>> {
  return openStream<TextAnswer>(api, clock, {
    kind: KIND,
    send: (client, options) => client.completions.create({ ...request, stream: true }, options).asResponse(),
    whole: (answer) => [checked(answer, api)],
  });
}

/** What came with status 200 may still be anything. @throws Failure (network) */
function checked(answer: unknown, api: Api): TextAnswer {
  const choices = isObject(answer) ? answer['choices'] : undefined;
  if (
    !Array.isArray(choices) ||
    !choices.every((choice) => isObject(choice) && typeof choice['text'] === 'string')
  )
    throw notAnAnswer(api, KIND);
  return answer as unknown as TextAnswer;
}
