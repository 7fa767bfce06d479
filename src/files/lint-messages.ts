import { isObject, type JsonObject } from '../json.ts';
import { listed, missingOr, shown } from './reasons.ts';

/** OpenAPI, `ChatCompletionRequestMessage`. */
const ROLES: readonly string[] = ['system', 'developer', 'user', 'assistant', 'tool', 'function'];

/** Parts that a message may have in training: audio and files are not supported (OpenAPI, `FineTuneChatRequestInput`). */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  user: ['text', 'image_url'],
  assistant: ['text', 'refusal'],
};

/** Images that a row may have (the API's guide to vision fine-tuning). */
const MOST_IMAGES = 10;

/** The role of a message, or undefined where it has none. */
export function roleOf(message: unknown): string | undefined {
  const role = isObject(message) ? message['role'] : undefined;
  return typeof role === 'string' ? role : undefined;
}

/** Looks at the messages of a row for fine-tuning. @param path what reasons call them. @returns what is wrong */
export function checkMessages(messages: unknown, path: string): string[] {
  if (!Array.isArray(messages)) return [missingOr(path, messages, 'and must be a list of messages')];
  if (messages.length === 0) return [`${path} is empty`];
  const problems = messages.flatMap((message: unknown, index) => checkMessage(message, `${path}[${index}]`));
  const images = imagesIn(messages);
  if (images > MOST_IMAGES) problems.push(`${path} has ${images} images, and a row may have ${MOST_IMAGES}`);
  return problems;
}

/** How many images messages have. */
export function imagesIn(messages: unknown): number {
  const parts = Array.isArray(messages) ? messages.flatMap(partsOf) : [];
  return parts.filter((part) => isObject(part) && part['type'] === 'image_url').length;
}

function checkMessage(message: unknown, path: string): string[] {
  if (!isObject(message)) return [`${path} is ${shown(message)}, and must be an object`];
  const role = roleOf(message);
  if (role === undefined) return [missingOr(`${path}.role`, message['role'], 'and must be a text')];
  if (!ROLES.includes(role)) return [`${path}.role ${shown(role)} is not one of ${listed(ROLES)}`];
  return [
    ...checkContent(message, role, path),
    ...checkWeight(message, role, path),
    ...checkCalls(message['tool_calls'], `${path}.tool_calls`),
    ...(role === 'tool' && typeof message['tool_call_id'] !== 'string'
      ? [missingOr(`${path}.tool_call_id`, message['tool_call_id'], 'and must be a text')]
      : []),
  ];
}

function checkContent(message: JsonObject, role: string, path: string): string[] {
  const { content } = message;
  if (typeof content === 'string') return [];
  if (Array.isArray(content)) {
    const allowed = PARTS[role] ?? ['text'];
    if (content.length === 0) return [`${path}.content is empty`];
    return content.flatMap((part: unknown, index) => checkPart(part, allowed, `${path}.content[${index}]`));
  }
  // Of an assistant who calls tools, or refuses.
  const speaksOtherwise = ['tool_calls', 'function_call', 'refusal'].some((name) => message[name] != null);
  if (role === 'assistant' && content == null && speaksOtherwise) return [];
  return [missingOr(`${path}.content`, content, 'and must be a text or a list of parts')];
}

function checkPart(part: unknown, allowed: readonly string[], path: string): string[] {
  const type = isObject(part) ? part['type'] : undefined;
  if (typeof type !== 'string' || !isObject(part)) return [`${path} has no type`];
  if (!allowed.includes(type)) return [`${path} is of the type ${shown(type)}, not ${listed(allowed)}`];
  if (type === 'image_url') {
    const image = part['image_url'];
    return isObject(image) && typeof image['url'] === 'string' ? [] : [`${path}.image_url has no url`];
  }
  return typeof part[type] === 'string'
    ? []
    : [missingOr(`${path}.${type}`, part[type], 'and must be a text')];
}

/** OpenAPI, `FineTuneChatCompletionRequestAssistantMessage`. */
function checkWeight({ weight }: JsonObject, role: string, path: string): string[] {
  if (weight === undefined) return [];
  if (role !== 'assistant') return [`${path}.weight is for messages of the assistant`];
  return weight === 0 || weight === 1 ? [] : [`${path}.weight is ${shown(weight)}, and must be 0 or 1`];
}

function checkCalls(calls: unknown, path: string): string[] {
  if (calls === undefined || calls === null) return [];
  if (!Array.isArray(calls)) return [missingOr(path, calls, 'and must be a list')];
  return calls.flatMap((call: unknown, index) => {
    const made = isObject(call) ? call['function'] : undefined;
    if (!isObject(call) || typeof call['id'] !== 'string') return [`${path}[${index}] has no id`];
    if (!isObject(made) || typeof made['name'] !== 'string') return [`${path}[${index}] names no function`];
    return typeof made['arguments'] === 'string' ? [] : [`${path}[${index}].function.arguments is no text`];
  });
}

function partsOf(message: unknown): unknown[] {
  const content = isObject(message) ? message['content'] : undefined;
  return Array.isArray(content) ? content : [];
}
