import { type Call, jsonBody, type SandboxState } from './call.ts';
import { answerHead, type ChatAnswer, callId, logprobs } from './chat-answer.ts';
import { chatChoices, usageOf } from './chat-choices.ts';
import { checkConversation } from './chat-messages.ts';
import { readChatRequest } from './chat-request.ts';
import { checkModelRules } from './chat-rules.ts';
import { chatSteps } from './chat-stream.ts';
import { eventStream } from './event-stream.ts';

/** Events of a stream of very many deltas go out together, this many characters at a time. */
const BATCH = 32_768;

/**
 * `POST /chat/completions`.
 * @throws ApiError as the API refuses requests
 */
export async function answerChat(call: Call, { clock, faults, models }: SandboxState): Promise<Response> {
  const request = readChatRequest(jsonBody(call));
  checkModelRules(request, models.kindOf(request.model));
  checkConversation(request.messages);
  const choices = await chatChoices(request, faults);
  const answer: ChatAnswer = { request, hash: call.hash, choices, usage: usageOf(request, choices) };
  if (request.stream !== true || faults.plain) return Response.json(completion(answer));
  const batch = faults.deltas === undefined || faults.delay !== undefined ? 0 : BATCH;
  const pace = { clock, delay: faults.delay, signal: call.signal, batch };
  return new Response(eventStream(chatSteps(answer, faults.stream), pace), {
    headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' },
  });
}

function completion(answer: ChatAnswer): object {
  const { request, hash, choices, usage } = answer;
  return {
    ...answerHead(answer, 'chat.completion'),
    choices: choices.map((choice) => {
      const tokens = [...choice.deltas].flat();
      const calls = choice.toolCalls.map(({ type, name, input }, index) => ({
        id: callId(hash, choice.index, index),
        type,
        [type]: type === 'custom' ? { name, input } : { name, arguments: input },
      }));
      return {
        index: choice.index,
        message: {
          role: 'assistant',
          content: null,
          refusal: null,
          ...(calls.length > 0 ? { tool_calls: calls } : { [choice.field]: tokens.join('') }),
          annotations: [],
        },
        logprobs: logprobs(request, choice.field, tokens),
        finish_reason: choice.finish,
      };
    }),
    usage,
  };
}
