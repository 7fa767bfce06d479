import type { ChatRequest } from './chat-request.ts';
import { invalidRequest } from './error-answer.ts';

type Messages = ChatRequest['messages'];
type Content = Messages[number]['content'];

/** The text in a message's content; parts are joined by a line break. */
export function contentText(content: Content): string {
  if (typeof content === 'string') return content;
  return (content ?? [])
    .flatMap((part) => (part.type === 'text' ? [part.text] : part.type === 'refusal' ? [part.refusal] : []))
    .join('\n');
}

/**
 * Tool messages answer the calls right before them, all of them, and an assistant says something or calls something.
 * @throws ApiError 400
 */
export function checkConversation(messages: Messages): void {
  let open = new Set<string>();
  messages.forEach((message, index) => {
    if (message.role === 'tool') {
      if (!open.delete(message.tool_call_id)) throw strayTool(index);
      return;
    }
    if (open.size > 0) throw unanswered(open, index);
    if (message.role !== 'assistant') return;
    open = new Set(message.tool_calls?.map((call) => call.id));
    const silent = (message.content ?? message.refusal ?? message.audio ?? message.function_call) == null;
    if (silent && open.size === 0) {
      throw invalidRequest(
        "Invalid value for 'content': expected a string, got null.",
        `messages.[${index}].content`,
      );
    }
  });
  if (open.size > 0) throw unanswered(open, messages.length);
}

function strayTool(index: number): Error {
  return invalidRequest(
    "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
    `messages.[${index}].role`,
  );
}

function unanswered(open: ReadonlySet<string>, index: number): Error {
  return invalidRequest(
    `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${[...open].join(', ')}`,
    `messages.[${index}].role`,
  );
}
