import type { ChatMessage } from '../api/completions.ts';
import type { RealtimeClientEvent } from '../api/realtime.ts';
import type { ToolCall } from '../tools/tool.ts';

/** An item of a conversation, as a client gives it. */
export type RealtimeItem = Extract<RealtimeClientEvent, { type: 'conversation.item.create' }>['item'];

export function userItem(text: string): RealtimeItem {
  return { type: 'message', role: 'user', content: [{ type: 'input_text', text }] };
}

export function assistantItem(text: string): RealtimeItem {
  return { type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] };
}

export function callItem({ id, function: called = { name: '', arguments: '' } }: ToolCall): RealtimeItem {
  return { type: 'function_call', call_id: id, name: called.name, arguments: called.arguments };
}

export function resultItem(callId: string, output: string): RealtimeItem {
  return { type: 'function_call_output', call_id: callId, output };
}

/** Messages of a chat that is gone on with, as items. What the model is to be is no item here. */
export function itemsOf(messages: readonly ChatMessage[]): RealtimeItem[] {
  return messages.flatMap((message): RealtimeItem[] => {
    if (message.role === 'tool') return [resultItem(message.tool_call_id, textOf(message))];
    const text = textOf(message);
    if (message.role === 'user') return text === '' ? [] : [userItem(text)];
    if (message.role !== 'assistant') return [];
    const calls = (message.tool_calls ?? []).flatMap((call) =>
      call.type === 'function' ? [callItem(call)] : [],
    );
    return [...(text === '' ? [] : [assistantItem(text)]), ...calls];
  });
}

/** What the messages of a chat say that the model is to be. */
export function instructionsIn(messages: readonly ChatMessage[]): string {
  return messages
    .filter(({ role }) => role === 'system' || role === 'developer')
    .map(textOf)
    .join('\n\n');
}

function textOf({ content }: ChatMessage): string {
  if (typeof content === 'string') return content;
  return (content ?? []).flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
}
