import type { OpenAI } from 'openai';
import type { Clock } from '../context.ts';
import { isObject } from '../json.ts';
import type { Api } from './client.ts';
import { judgedAnswer } from './judged-answer.ts';
import { type AnswerStream, notAnAnswer, openStream } from './stream.ts';

export type ChatRequest = OpenAI.Chat.Completions.ChatCompletionCreateParamsNonStreaming;
export type ChatAnswer = OpenAI.Chat.Completions.ChatCompletion;
export type ChatChunk = OpenAI.Chat.Completions.ChatCompletionChunk;
export type ChatTool = OpenAI.Chat.Completions.ChatCompletionTool;
/** A call of a tool in a message of the assistant. */
export type AskedCall = OpenAI.Chat.Completions.ChatCompletionMessageToolCall;
export type CompletionUsage = OpenAI.CompletionUsage;
export type ChatContentPart = OpenAI.Chat.Completions.ChatCompletionContentPart;
export type ChatMessage = OpenAI.Chat.Completions.ChatCompletionMessageParam;

const KIND = 'a chat completion';

/** One whole answer, as the API gives it. @throws Failure or Stopped */
export function completeChat(api: Api, request: ChatRequest): Promise<ChatAnswer> {
  return api.call(async (client, options) =>
    checkedAnswer(await judgedAnswer(client.chat.completions.create(request, options)), api),
  );
}

/**
 * Opens a streamed answer: resolves when its first piece is here, so that a try that fails before it is retried.
 * @param tellsUsage its last piece is to tell the tokens, where the server can do that
 * @throws Failure or Stopped
 */
export function streamChat(
  api: Api,
  request: ChatRequest,
  clock: Clock,
  { tellsUsage = false } = {},
): Promise<AnswerStream<ChatChunk>> {
  const body = {
    ...(tellsUsage && api.settings.streamUsage && { stream_options: { include_usage: true } }),
    ...request,
    stream: true,
  } as const;
  return openStream(api, clock, {
    kind: KIND,
    send: (client, options) => client.chat.completions.create(body, options).asResponse(),
    whole: (answer) => [wholeChunk(checkedAnswer(answer, api))],
  });
}

/** A server that ignores `stream` gives its whole answer: the same as a stream of one piece. */
function wholeChunk(answer: ChatAnswer): ChatChunk {
  const choices = answer.choices.map(({ index, message, finish_reason, logprobs }) => ({
    index,
    finish_reason,
    logprobs,
    delta: { ...message, tool_calls: message.tool_calls?.map((call, index) => ({ ...call, index })) },
  }));
  return { ...answer, object: 'chat.completion.chunk', choices } as ChatChunk;
}

/** What came with status 200 may still be anything. @throws Failure (network) */
export function checkedAnswer(answer: unknown, api: Api): ChatAnswer {
  const isAnswer = isObject(answer) && isListOfObjects(answer['choices'], 'message');
  if (!isAnswer) throw notAnAnswer(api, KIND);
  return answer as unknown as ChatAnswer;
}

function isListOfObjects(value: unknown, member: string): boolean {
  return Array.isArray(value) && value.every((entry) => isObject(entry) && isObject(entry[member]));
}
