import type { ChatMessage } from '../api/completions.ts';
import type { ResponseInputContent, ResponseInputItem } from '../api/responses.ts';
import { textOf } from '../chat/answer.ts';
import { approvalOf } from '../chat/consents.ts';
import { usageError } from '../errors.ts';

/** What is known of the calls that results may be for. */
export interface KnownCalls {
  /** Calls of custom tools. */
  readonly custom: ReadonlySet<string>;
  /** Requests to be allowed a tool of an MCP server. */
  readonly approvals: ReadonlySet<string>;
}

/**
 * What was said in a chat, as the input of a response.
 * @throws Failure (usage) on what the Responses API has no place for
 */
export function chatInput(message: ChatMessage, known: KnownCalls): ResponseInputItem[] {
  if (message.role === 'tool') return [resultOf(message.tool_call_id, textOf(message.content), known)];
  if (message.role === 'function' || ('function_call' in message && message.function_call != null)) {
    throw usageError(
      'a message has a function_call, the form that tools had before 2023, which the Responses API does not take',
      '--via completions takes it; or write it as tool_calls, and its result as a message of the role tool',
    );
  }
  refuseName(message);
  if (message.role !== 'assistant') return [{ role: message.role, content: contentOf(message.content) }];
  const said = textOf(message.content) || (message.refusal ?? '');
  const calls = (message.tool_calls ?? []).map((call): ResponseInputItem => {
    const approval = approvalOf(call);
    if (approval !== undefined) {
      const { server, name, arguments: given } = approval;
      return { type: 'mcp_approval_request', id: call.id, server_label: server, name, arguments: given };
    }
    if (call.type === 'custom') {
      return { type: 'custom_tool_call', call_id: call.id, name: call.custom.name, input: call.custom.input };
    }
    const { name, arguments: given } = call.function;
    return { type: 'function_call', call_id: call.id, name, arguments: given };
  });
  return [...(said === '' ? [] : [{ role: 'assistant' as const, content: said }]), ...calls];
}

/** @throws Failure (usage) */
function refuseName(message: ChatMessage): void {
  if (!('name' in message) || message.name === undefined) return;
  throw usageError(
    `a message is of somebody by name (${message.name}), which the Responses API does not take`,
    'write the name into the text; or --via completions',
  );
}

function resultOf(id: string, text: string, { custom, approvals }: KnownCalls): ResponseInputItem {
  if (approvals.has(id)) {
    return { type: 'mcp_approval_response', approval_request_id: id, approve: isYes(text) };
  }
  const type = custom.has(id) ? ('custom_tool_call_output' as const) : ('function_call_output' as const);
  return { type, call_id: id, output: text };
}

function isYes(word: string): boolean {
  return /^y(es)?$/i.test(word.trim());
}

/** The calls of custom tools that messages make: their results are of another kind. */
export function customCalls(messages: readonly ChatMessage[]): ReadonlySet<string> {
  const calls = messages.flatMap((message) =>
    message.role === 'assistant' ? (message.tool_calls ?? []) : [],
  );
  return new Set(calls.filter(({ type }) => type === 'custom').map(({ id }) => id));
}

type Content = Extract<ChatMessage, { role: 'user' }>['content'];

function contentOf(content: Content): string | ResponseInputContent[] {
  return typeof content === 'string' ? content : content.map(partOf);
}

function partOf(part: Exclude<Content, string>[number]): ResponseInputContent {
  switch (part.type) {
    case 'text':
      return { type: 'input_text', text: part.text };
    case 'image_url': {
      const { url, detail = 'auto' } = part.image_url;
      return { type: 'input_image', image_url: url, detail };
    }
    case 'file':
      return { type: 'input_file', ...part.file };
    case 'input_audio':
      return { type: 'input_text', text: UNHEARD };
  }
}

/** What stands in the place of sound: the Responses API does not hear. */
const UNHEARD = '[sound]';
