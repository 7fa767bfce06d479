import { isObject, type JsonObject } from '../json.ts';
import type { ChatRequest } from './chat-request.ts';
import type { InputItem, ResponseRequest } from './response-request.ts';

type Message = ChatRequest['messages'][number];

/** All that is said so far in the form of a chat, which the sandbox knows how to answer. */
export function chatMessages(
  instructions: string | null | undefined,
  items: readonly InputItem[],
): Message[] {
  const told: Message[] =
    instructions == null || instructions === '' ? [] : [{ role: 'developer', content: instructions }];
  return [...told, ...items.flatMap(messageOf)];
}

/** The request in the form of a chat. */
export function chatRequest(request: ResponseRequest, items: readonly InputItem[]): ChatRequest {
  const { model, text, temperature, top_p, max_output_tokens: limit, reasoning, tools = [] } = request;
  const functions = tools.filter(({ type }) => type === 'function' || type === 'custom').map(chatTool);
  const { format, verbosity } = text ?? {};
  const wantsLogprobs = request.include?.includes('message.output_text.logprobs') === true;
  const made = {
    model,
    messages: chatMessages(request.instructions, items),
    ...(temperature != null && { temperature }),
    ...(top_p != null && { top_p }),
    ...(limit != null && { max_completion_tokens: limit }),
    ...(reasoning?.effort != null && { reasoning_effort: reasoning.effort }),
    ...(verbosity != null && { verbosity }),
    ...(wantsLogprobs && { logprobs: true, top_logprobs: request.top_logprobs ?? 0 }),
    ...(functions.length > 0 && { tools: functions }),
    ...(functions.length > 0 &&
      request.tool_choice !== undefined && { tool_choice: chatChoice(request.tool_choice) }),
    ...(functions.length > 0 && request.parallel_tool_calls === false && { parallel_tool_calls: false }),
    ...(format !== undefined && format['type'] !== 'text' && { response_format: chatFormat(format) }),
  };
  return made as unknown as ChatRequest;
}

function chatTool({ type, ...fields }: JsonObject): JsonObject {
  return { type, [String(type)]: fields };
}

function chatChoice(choice: unknown): unknown {
  if (!isObject(choice)) return choice;
  const { type, name } = choice;
  return type === 'function' || type === 'custom' ? { type, [type]: { name } } : 'auto';
}

function chatFormat({ type, ...fields }: JsonObject): JsonObject {
  return type === 'json_schema' ? { type, json_schema: fields } : { type };
}

function messageOf(item: InputItem): Message[] {
  const { type, role, content } = item;
  if (type === 'message') {
    const parts = typeof content === 'string' ? content : (content as readonly JsonObject[]).map(partOf);
    return [{ role, content: parts } as unknown as Message];
  }
  if (type === 'function_call' || type === 'custom_tool_call') {
    const { call_id: id, name } = item;
    const call =
      type === 'function_call'
        ? { id, type: 'function', function: { name, arguments: item['arguments'] } }
        : { id, type: 'custom', custom: { name, input: item['input'] } };
    return [{ role: 'assistant', content: null, tool_calls: [call] } as unknown as Message];
  }
  if (type === 'function_call_output' || type === 'custom_tool_call_output') {
    const { call_id: id, output } = item;
    const said = typeof output === 'string' ? output : JSON.stringify(output);
    return [{ role: 'tool', tool_call_id: id, content: said } as unknown as Message];
  }
  return [];
}

/** A part in the form that a chat has for it. */
function partOf(part: JsonObject): JsonObject {
  const { type, text, refusal } = part;
  if (type === 'input_image' && typeof part['image_url'] === 'string') {
    return {
      type: 'image_url',
      image_url: { url: part['image_url'], ...(part['detail'] !== undefined && { detail: part['detail'] }) },
    };
  }
  if (type === 'input_file' && typeof part['file_data'] === 'string') {
    return { type: 'file', file: { file_data: part['file_data'], filename: part['filename'] } };
  }
  if (type === 'input_file' && typeof part['file_id'] === 'string')
    return { type: 'file', file: { file_id: part['file_id'] } };
  const words = text ?? refusal ?? `(${String(part['file_url'] ?? part['file_id'] ?? type)})`;
  return { type: 'text', text: words };
}
