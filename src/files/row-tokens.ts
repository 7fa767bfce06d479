import { isObject, type JsonObject } from '../json.ts';

/** Tokens that a message has beside its text, and that begin the answer (OpenAI's cookbook, "How to count tokens"). */
const PER_MESSAGE = 3;
const PER_ANSWER = 3;

/** What of a row, or of the body of a request, is text for a model. */
const TEXTS = ['instructions', 'prompt', 'completion'] as const;

/** Lists of messages. */
const CONVERSATIONS = ['messages', 'input', 'preferred_output', 'non_preferred_output'] as const;

/**
 * Tokens of the text of a row: messages, prompts, inputs, and tools as their JSON. What images take is not counted.
 * @param count counts those of one text
 */
export function tokensOf(row: JsonObject, count: (text: string) => number): number {
  const body = isObject(row['body']) ? row['body'] : row;
  let sum = TEXTS.reduce((all, name) => all + ofTexts(body[name], count), 0);
  for (const name of CONVERSATIONS) sum += ofConversation(body[name], count);
  if (body['tools'] !== undefined) sum += count(JSON.stringify(body['tools']));
  return sum;
}

/** The input of a preference row is an object, that of an embedding a text or several. */
function ofConversation(value: unknown, count: (text: string) => number): number {
  if (isObject(value)) return tokensOf(value, count);
  if (!Array.isArray(value) || !value.some(isObject)) return ofTexts(value, count);
  return value.reduce<number>((all, message) => all + PER_MESSAGE + ofMessage(message, count), PER_ANSWER);
}

function ofMessage(message: unknown, count: (text: string) => number): number {
  if (!isObject(message)) return ofTexts(message, count);
  const { role, name, content, tool_calls: calls, output, text } = message;
  const parts = [role, name, output, text].reduce<number>((all, part) => all + ofTexts(part, count), 0);
  return parts + ofContent(content, count) + (calls == null ? 0 : count(JSON.stringify(calls)));
}

function ofContent(content: unknown, count: (text: string) => number): number {
  if (!Array.isArray(content)) return ofTexts(content, count);
  return content.reduce<number>((all, part) => all + (isObject(part) ? ofTexts(part['text'], count) : 0), 0);
}

/** A text, several, or tokens that are counted already: one list of them, or several. */
function ofTexts(value: unknown, count: (text: string) => number): number {
  if (typeof value === 'string') return count(value);
  if (typeof value === 'number') return 1;
  return Array.isArray(value) ? value.reduce<number>((all, one) => all + ofTexts(one, count), 0) : 0;
}
