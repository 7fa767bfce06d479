import type { ChatMessage } from '../api/completions.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { fileBytes, isStdinPath } from '../input/file.ts';
import { readJson, readJsonLine } from '../input/json-text.ts';
import { readStdin } from '../input/stdin.ts';
import { decodeUtf8 } from '../input/text.ts';
import { isObject, type JsonObject } from '../json.ts';

/** Roles that a message of a chat completion can have (the API's reference, `messages`). */
export const ROLES = ['system', 'developer', 'user', 'assistant', 'tool', 'function'] as const;
export type Role = (typeof ROLES)[number];

/** One message, and where it stands, for errors. */
interface PlacedMessage {
  readonly value: unknown;
  /** `line 3`, `message 2`. */
  readonly place: string;
}

/**
 * The messages of a file: a JSON array, JSON Lines, or a request with its `messages`.
 * @param path `-` is stdin
 * @throws Failure (usage) that names the line or the message and what is wrong with it
 */
export async function readMessages(path: string, context: Context): Promise<ChatMessage[]> {
  const name = `--messages ${path}`;
  const bytes = isStdinPath(path)
    ? await readStdin(context, '--messages')
    : await fileBytes(path, name, context);
  const text = decodeUtf8(bytes, isStdinPath(path) ? 'stdin' : name);
  if (text.trim() === '') throw usageError(`${name} holds no messages: it is empty`);
  const messages = (await parsed(text, name)).map(({ value, place }) =>
    checkedMessage(value, `${name}, ${place}`),
  );
  if (messages.length === 0) throw usageError(`${name} holds no messages`);
  return messages;
}

async function parsed(text: string, name: string): Promise<PlacedMessage[]> {
  const whole = wholeDocument(text);
  if (whole !== undefined) return inList(whole);
  // What begins with a bracket is one document; JSON Lines begin with a brace. The break is to be told.
  if (text.trimStart().startsWith('[')) await readJson(text, name, formsHint);
  const found: PlacedMessage[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const place = `line ${index + 1}`;
    found.push({ value: await readJsonLine(line, `${name}, ${place}`, formsHint), place });
  }
  return found;
}

const formsHint = 'a JSON array of messages, or a message on each line: {"role":"user","content":"…"}';

/** A list, or an object that holds one; undefined where the text is something else. */
function wholeDocument(text: string): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value)) return value;
    return isObject(value) && Array.isArray(value['messages']) ? value['messages'] : undefined;
  } catch {
    return undefined;
  }
}

function inList(values: readonly unknown[]): PlacedMessage[] {
  return values.map((value, index) => ({ value, place: `message ${index + 1}` }));
}

/**
 * Checks what every message must have; the rest is for the API to judge.
 * @param name what errors call it
 * @throws Failure (usage)
 */
function checkedMessage(value: unknown, name: string): ChatMessage {
  if (!isObject(value)) throw usageError(`${name} is no object with a role and a content`);
  const { role, content } = value;
  if (role === undefined) throw usageError(`${name} has no role`, `the roles are ${ROLES.join(', ')}`);
  if (!ROLES.some((known) => known === role)) {
    throw usageError(`${name}: ${JSON.stringify(role)} is no role`, `the roles are ${ROLES.join(', ')}`);
  }
  const isText = typeof content === 'string' || Array.isArray(content);
  if (!isText && !mayBeWithout(value)) {
    throw usageError(`${name} has no content`, 'content is a text, or a list of parts');
  }
  if (role === 'tool' && typeof value['tool_call_id'] !== 'string') {
    throw usageError(`${name} has no tool_call_id`, 'the result of a tool names the call that it answers');
  }
  // What else is in it is passed on as it is.
  return value as unknown as ChatMessage;
}

/** An assistant may have said nothing but asked for tools, refused, or spoken. */
function mayBeWithout({ role, content, ...rest }: JsonObject): boolean {
  const isAbsent = content === undefined || content === null;
  return (
    isAbsent &&
    role === 'assistant' &&
    ['tool_calls', 'refusal', 'audio', 'function_call'].some((key) => key in rest)
  );
}
