import { type Call, jsonBody, type SandboxState } from './call.ts';
import { answerHead, type ChatAnswer, callId, logprobs } from './chat-answer.ts';
import { type Choice, chatChoices, usageOf } from './chat-choices.ts';
import { checkConversation } from './chat-messages.ts';
import type { Seen } from './chat-parts.ts';
import { type ChatRequest, readChatRequest } from './chat-request.ts';
import { checkModelRules } from './chat-rules.ts';
import { checkReferences } from './chat-speech.ts';
import { chatSteps } from './chat-stream.ts';
import type { Completion } from './completion-shelf.ts';
import { tooLarge } from './error-answer.ts';
import { eventStream } from './event-stream.ts';
import { type FileShelf, seconds } from './file-shelf.ts';

/** Events of a stream of very many deltas go out together, this many characters at a time. */
const BATCH = 32_768;

/** Bytes of a whole request (OpenAI's guide to images and vision). */
const MOST_BYTES = 512 * 1024 * 1024;

/**
 * `POST /chat/completions`.
 * @throws ApiError as the API refuses requests
 */
export async function answerChat(call: Call, state: SandboxState): Promise<Response> {
  const { clock, faults, models, files, completions } = state;
  if (call.body.length > MOST_BYTES) throw tooLarge(MOST_BYTES, call.body.length);
  const now = seconds(clock);
  const request = readChatRequest(jsonBody(call));
  checkModelRules(request, models.kindOf(request.model));
  checkConversation(request.messages);
  checkReferences(request, now);
  const seen = await seenIn(request, files, call.signal);
  const choices = await chatChoices(request, faults, { seen, seed: call.hash, now });
  const usage = usageOf(request, seen, choices);
  const hash = request.store === true ? completions.nameOf(call.hash) : call.hash;
  const answer: ChatAnswer = { request, hash, choices, usage };
  if (request.store === true) completions.add(await completion(answer), request);
  if (request.stream !== true || faults.plain) return Response.json(await completion(answer));
  const batch = faults.deltas === undefined || faults.delay !== undefined ? 0 : BATCH;
  const pace = { clock, delay: faults.delay, signal: call.signal, batch };
  return new Response(eventStream(chatSteps(answer, faults.stream), pace), {
    headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' },
  });
}

/** What reads images, sounds and files is loaded for those who have any. */
export async function seenIn(request: ChatRequest, files: FileShelf, signal: AbortSignal): Promise<Seen> {
  const hasParts = request.messages.some(
    ({ content }) => Array.isArray(content) && content.some(({ type }) => type !== 'text'),
  );
  if (!hasParts) return new Map();
  const { seeParts } = await import('./chat-parts.ts');
  return seeParts(request, files, signal);
}

async function completion(answer: ChatAnswer): Promise<Completion> {
  const { request, choices, usage } = answer;
  return {
    ...answerHead(answer, 'chat.completion'),
    choices: await Promise.all(
      choices.map(async (choice) => {
        const tokens = [...choice.deltas].flat();
        return {
          index: choice.index,
          message: {
            role: 'assistant',
            content: null,
            refusal: null,
            ...(await said(choice, tokens, answer)),
            annotations: [],
          },
          logprobs: logprobs(request, choice.field, tokens),
          finish_reason: choice.finish,
        };
      }),
    ),
    usage,
  };
}

async function said(choice: Choice, tokens: readonly string[], { hash }: ChatAnswer): Promise<object> {
  const { spoken, toolCalls, field } = choice;
  if (spoken !== undefined) {
    const { id, expiresAt, transcript } = spoken;
    const data = (await spoken.file()).toString('base64');
    return { audio: { id, data, expires_at: expiresAt, transcript } };
  }
  if (toolCalls.length === 0) return { [field]: tokens.join('') };
  const calls = toolCalls.map(({ type, name, input }, index) => ({
    id: callId(hash, choice.index, index),
    type,
    [type]: type === 'custom' ? { name, input } : { name, arguments: input },
  }));
  return { tool_calls: calls };
}
