import type { ConversationItem } from 'openai/resources/realtime/realtime';
import { replyText } from './chat-reply.ts';
import type { ChatRequest } from './chat-request.ts';
import { type ToolCall, toolCalls } from './chat-tools.ts';
import { invalidRequest } from './error-answer.ts';
import type { GivenItem } from './realtime-request.ts';
import { chatTools, type Settings } from './realtime-settings.ts';

type ChatMessage = ChatRequest['messages'][number];

/** An item of a conversation: as it is told, and what of it a model would read. */
export interface Said {
  readonly id: string;
  readonly item: ConversationItem;
  readonly message: ChatMessage;
}

/** What was said in a session, in its order. */
export class RealtimeConversation {
  readonly #said: Said[] = [];

  get lastId(): string | null {
    return this.#said.at(-1)?.id ?? null;
  }

  get messages(): ChatMessage[] {
    return this.#said.map(({ message }) => message);
  }

  /** @throws ApiError 400 where there is one of that id */
  add(said: Said): void {
    if (this.#said.some(({ id }) => id === said.id)) {
      throw invalidRequest(`Item with item_id already exists: ${said.id}`, 'item.id', 'invalid_value');
    }
    this.#said.push(said);
  }

  /** @throws ApiError 400 where there is none */
  find(id: string): Said {
    const found = this.#said.find((said) => said.id === id);
    if (found !== undefined) return found;
    throw invalidRequest(`Item with item_id not found: ${id}`, 'item_id', 'item_not_found');
  }

  /** @throws ApiError 400 where there is none */
  delete(id: string): void {
    this.#said.splice(this.#said.indexOf(this.find(id)), 1);
  }
}

/** An item as the client gave it. @param heard what is in its sound */
export function givenItem(given: GivenItem, id: string, heard: string): Said {
  const item = { ...given, id, object: 'realtime.item', status: 'completed' } as unknown as ConversationItem;
  return { id, item, message: messageOf(given, id, heard) };
}

function messageOf(given: GivenItem, id: string, heard: string): ChatMessage {
  if (given.type === 'function_call') {
    const called = { name: given.name, arguments: given.arguments };
    return callMessage(given.call_id ?? id, called.name, called.arguments);
  }
  if (given.type === 'function_call_output') {
    return { role: 'tool', tool_call_id: given.call_id, content: given.output };
  }
  const texts = given.content.map((part) => part.text ?? part.transcript ?? '');
  const content = [...texts, heard].filter((text) => text !== '').join('\n');
  return { role: given.role, content } as ChatMessage;
}

/** A call of a tool, as a chat has it. */
export function callMessage(id: string, name: string, input: string): ChatMessage {
  const call = { id, type: 'function', function: { name, arguments: input } } as const;
  return { role: 'assistant', content: null, tool_calls: [call] } as unknown as ChatMessage;
}

/** Such a text in the instructions has the user's text said as it is. */
const VERBATIM = /word for word/i;

/** What a model says to a conversation: a text, or calls of tools. */
export async function replyTo(
  messages: readonly ChatMessage[],
  settings: Settings,
  model: string,
): Promise<{ readonly text: string; readonly calls: readonly ToolCall[] }> {
  const { instructions } = settings;
  const asked = messages.findLast(({ role }) => role === 'user')?.content;
  if (VERBATIM.test(instructions)) return { text: typeof asked === 'string' ? asked : '', calls: [] };
  const told: ChatMessage[] =
    instructions === '' || instructions === DEFAULT ? [] : [{ role: 'system', content: instructions }];
  const request = { model, messages: [...told, ...messages], ...chatTools(settings) } as ChatRequest;
  const calls = await toolCalls(request);
  return { text: replyText(request, new Map(), 0), calls };
}

/** What nobody said is not shown. */
const DEFAULT = 'You are a helpful assistant.';
