import { createHash } from 'node:crypto';
import { isObject, type JsonObject } from '../json.ts';
import type { SandboxState } from './call.ts';
import { type Choice, chatChoices, usageOf } from './chat-choices.ts';
import { seenIn } from './chat-completion.ts';
import { contentText } from './chat-messages.ts';
import type { ChatRequest } from './chat-request.ts';
import { effortOf } from './chat-rules.ts';
import { invalidRequest } from './error-answer.ts';
import { logprobsOf } from './logprobs.ts';
import { searchFiles } from './response-file-search.ts';
import { chatRequest } from './response-messages.ts';
import type { InputItem, ResponseRequest, ResponseTool } from './response-request.ts';
import { tokensOf } from './tokens.ts';

/** What a response has to say. */
export interface Output {
  readonly items: readonly JsonObject[];
  readonly usage: JsonObject;
  readonly status: 'completed' | 'incomplete';
  readonly reason: 'max_output_tokens' | 'content_filter' | undefined;
}

/** Names what is made of a request: the same for the same request. */
type Names = (prefix: string, index?: number) => string;

/**
 * Makes the items of an answer: reasoning, what hosted tools did, calls of functions, or a message.
 * @param items all that was said so far
 * @param hash names them
 * @throws ApiError as the API refuses requests
 */
export async function responseOutput(
  request: ResponseRequest,
  items: readonly InputItem[],
  hash: string,
  state: SandboxState,
  signal: AbortSignal,
): Promise<Output> {
  const chat = chatRequest(request, items);
  const seen = await seenIn(chat, state.files, signal);
  const [choice] = await chatChoices(chat, state.faults, { seen, seed: hash, now: 0 });
  if (choice === undefined) throw new Error('no choice');
  const {
    prompt_tokens: input,
    completion_tokens: output,
    completion_tokens_details: details,
  } = usageOf(chat, seen, [choice]);
  const usage = {
    input_tokens: input,
    input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: details.reasoning_tokens },
    total_tokens: input + output,
  };
  const name: Names = (prefix, index = 0) =>
    `${prefix}_${createHash('sha256').update(`${hash} ${prefix} ${index}`).digest('hex').slice(0, 40)}`;
  const thought = reasoningItems(request, chat, name);
  const approval = approvalItems(request, items, name);
  if (approval !== undefined)
    return { items: [...thought, ...approval], usage, status: 'completed', reason: undefined };
  if (choice.toolCalls.length > 0) {
    const calls = choice.toolCalls.map(({ type, name: called, input: given }, index) => ({
      type: type === 'custom' ? 'custom_tool_call' : 'function_call',
      id: name(type === 'custom' ? 'ctc' : 'fc', index),
      call_id: name('call', index),
      name: called,
      ...(type === 'custom' ? { input: given } : { arguments: given }),
      status: 'completed',
    }));
    return { items: [...thought, ...calls], usage, ...endOf(choice) };
  }
  const hosted = await hostedItems(request, chat, name, state);
  const isText = (request.text?.format?.['type'] ?? 'text') === 'text';
  const more = isText ? hosted.words : '';
  const message = messageItem(choice, { annotate: hosted.annotate, more, chat }, name);
  return { items: [...thought, ...hosted.items, message], usage, ...endOf(choice) };
}

function endOf({ finish }: Choice): Pick<Output, 'status' | 'reason'> {
  if (finish === 'length') return { status: 'incomplete', reason: 'max_output_tokens' };
  if (finish === 'content_filter') return { status: 'incomplete', reason: 'content_filter' };
  return { status: 'completed', reason: undefined };
}

/** Of a model that reasons; the summary only where it is asked for. */
function reasoningItems({ reasoning }: ResponseRequest, chat: ChatRequest, name: Names): JsonObject[] {
  const effort = effortOf(chat);
  if (effort === undefined || effort === 'none') return [];
  const summary =
    reasoning?.summary == null
      ? []
      : [{ type: 'summary_text', text: `**Thinking it over**\n\nThe effort is ${effort}.` }];
  return [{ type: 'reasoning', id: name('rs'), summary }];
}

/** The MCP server whose tools want to be allowed, until an answer to that is among the items. */
function approvalItems(
  { tools = [] }: ResponseRequest,
  items: readonly InputItem[],
  name: Names,
): JsonObject[] | undefined {
  const server = tools.find(({ type, require_approval: wanted }) => type === 'mcp' && wanted !== 'never');
  if (server === undefined || items.some(({ type }) => type === 'mcp_approval_response')) return undefined;
  return [
    listItem(server, name),
    {
      type: 'mcp_approval_request',
      id: name('mcpr'),
      server_label: String(server['server_label']),
      name: 'echo',
      arguments: '{"text":"hello"}',
    },
  ];
}

function listItem(server: ResponseTool, name: Names): JsonObject {
  const tools = [
    { name: 'echo', description: 'says it back', input_schema: { type: 'object' }, annotations: null },
  ];
  return { type: 'mcp_list_tools', id: name('mcpl'), server_label: String(server['server_label']), tools };
}

interface Hosted {
  readonly items: readonly JsonObject[];
  /** What the message says of it. */
  readonly words: string;
  /** What the message cites, by its text. */
  annotate(text: string): JsonObject[];
}

/** What the hosted tools did: each that may be used is used once. */
async function hostedItems(
  { tools = [], include }: ResponseRequest,
  chat: ChatRequest,
  name: Names,
  state: SandboxState,
): Promise<Hosted> {
  const last = chat.messages.findLast(({ role }) => role === 'user');
  const said = last === undefined ? '' : contentText(last.content);
  const made: JsonObject[] = [];
  const cites: ((text: string) => JsonObject)[] = [];
  let words = '';
  for (const tool of tools) {
    if (tool.type.startsWith('web_search')) {
      const url = 'https://example.com/sandbox';
      const sources =
        include?.includes('web_search_call.action.sources') === true
          ? { sources: [{ type: 'url', url }] }
          : {};
      const action = { type: 'search', query: said.slice(0, 200), queries: [said.slice(0, 200)], ...sources };
      made.push({ type: 'web_search_call', id: name('ws'), status: 'completed', action });
      cites.push((text) => ({
        type: 'url_citation',
        url,
        title: 'A page of the sandbox',
        start_index: 0,
        end_index: text.length,
      }));
    } else if (tool.type === 'file_search') {
      const search = searchFiles(tool, said, state);
      made.push({
        type: 'file_search_call',
        id: name('fs'),
        status: 'completed',
        queries: [said.slice(0, 200)],
        results: include?.includes('file_search_call.results') === true ? search.results : null,
      });
      words += search.words;
      for (const { id, name: filename } of search.cited) {
        cites.push((text) => ({ type: 'file_citation', file_id: id, filename, index: text.length }));
      }
    } else if (tool.type === 'code_interpreter') {
      const container = name('cntr');
      const file = name('cfile');
      state.responses.files.set(`${container}/${file}`, {
        name: 'result.csv',
        bytes: Buffer.from('n,square\n1,1\n2,4\n'),
      });
      const code = 'print("n,square")';
      made.push({
        type: 'code_interpreter_call',
        id: name('ci'),
        status: 'completed',
        container_id: container,
        code,
        outputs: null,
      });
      cites.push((text) => ({
        type: 'container_file_citation',
        container_id: container,
        file_id: file,
        filename: 'result.csv',
        start_index: 0,
        end_index: text.length,
      }));
    } else if (tool.type === 'image_generation') made.push(await imageItem(said, name));
    else if (tool.type === 'mcp') made.push(...mcpItems(tool, name));
  }
  return { items: made, words, annotate: (text) => cites.map((cite) => cite(text)) };
}

async function imageItem(said: string, name: Names): Promise<JsonObject> {
  const { drawPicture } = await import('./image-picture.ts');
  const { encodeImage } = await import('./image-codec.ts');
  const plan = {
    width: 256,
    height: 256,
    seed: said,
    transparent: false,
    source: undefined,
    mask: undefined,
    squares: undefined,
  };
  const bytes = await encodeImage(drawPicture(plan), { format: 'png', compression: 100, transparent: false });
  return {
    type: 'image_generation_call',
    id: name('ig'),
    status: 'completed',
    result: Buffer.from(bytes).toString('base64'),
  };
}

function mcpItems(server: ResponseTool, name: Names): JsonObject[] {
  const call = {
    type: 'mcp_call',
    id: name('mcp'),
    server_label: String(server['server_label']),
    name: 'echo',
    arguments: '{"text":"hello"}',
    output: 'hello',
    error: null,
    status: 'completed',
    approval_request_id: null,
  };
  return [listItem(server, name), call];
}

/** @param more what hosted tools add to what is said */
function messageItem(
  choice: Choice,
  { annotate, more, chat }: Pick<Hosted, 'annotate'> & { readonly more: string; readonly chat: ChatRequest },
  name: Names,
): JsonObject {
  const said = [...choice.deltas].flat().join('');
  const text = choice.field === 'refusal' || choice.finish === 'length' ? said : said + more;
  const part =
    choice.field === 'refusal'
      ? { type: 'refusal', refusal: text }
      : { type: 'output_text', text, annotations: annotate(text), logprobs: logprobsIn(text, chat) };
  const status =
    choice.finish === 'length' || choice.finish === 'content_filter' ? 'incomplete' : 'completed';
  return {
    type: 'message',
    id: name('msg'),
    status,
    role: 'assistant',
    content: text === '' ? [] : [part],
    phase: 'final_answer',
  };
}

/** The tokens of a text, where they are wanted. */
function logprobsIn(text: string, { logprobs, top_logprobs: top }: ChatRequest): readonly object[] {
  return logprobs === true ? logprobsOf(tokensOf(text), top ?? 0) : [];
}

/** The calls that an input must answer, and does not. @throws ApiError 400 */
export function checkAnswered(items: readonly InputItem[]): void {
  const answered = new Set(
    items.map(({ type, call_id: id }) => (type?.endsWith('_output') ? id : undefined)),
  );
  const open = items.find(
    ({ type, call_id: id }) => (type === 'function_call' || type === 'custom_tool_call') && !answered.has(id),
  );
  if (open !== undefined) {
    throw invalidRequest(`No tool output found for function call ${String(open['call_id'])}.`, 'input');
  }
  const calls = new Set(items.filter(({ type }) => type?.endsWith('_call')).map(({ call_id: id }) => id));
  const stray = items.find(({ type, call_id: id }) => type?.endsWith('_call_output') && !calls.has(id));
  if (stray !== undefined && isObject(stray)) {
    throw invalidRequest(
      `No tool call found for function call output with call_id ${String(stray['call_id'])}.`,
      'input',
    );
  }
}
