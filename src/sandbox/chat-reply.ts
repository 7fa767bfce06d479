import { contentText } from './chat-messages.ts';
import type { Seen } from './chat-parts.ts';
import type { ChatRequest } from './chat-request.ts';

type Message = ChatRequest['messages'][number];

/** The user's text is shown whole up to here, in characters. */
const LONGEST_WHOLE = 1000;
/** Other texts are shown shorter. */
const LONGEST_ASIDE = 200;
/** The most earlier turns that are shown. */
const EARLIER_TURNS = 5;

/** Fields that show in the answer's form, or have a line of their own. */
const UNLISTED: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'stream',
  'stream_options',
  'n',
  'stop',
  'max_tokens',
  'max_completion_tokens',
  'response_format',
  'modalities',
  'audio',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'functions',
  'function_call',
  'logprobs',
  'top_logprobs',
]);

/** What the sandbox says to a request: what was sent, one thing a line. */
export function replyText(request: ChatRequest, seen: Seen, index: number): string {
  const { messages } = request;
  const users = messages.filter((message) => message.role === 'user');
  const last = users.at(-1);
  const told = messages.filter(({ role }) => role === 'system' || role === 'developer');
  const said = last === undefined ? '' : contentText(last.content);
  const lines = [
    said === '' ? '' : shown('You said', said, LONGEST_WHOLE),
    shown('As told', told.map(({ content }) => contentText(content)).join('\n'), LONGEST_ASIDE),
    ...attached(last, seen).map((words) => shown('Attached', words, LONGEST_WHOLE)),
    ...toolResults(messages),
    earlier(users.slice(0, -1), seen),
    settings(request),
    (request.n ?? 1) > 1 ? `Answer ${index + 1} of ${request.n}.` : '',
  ].filter((line) => line !== '');
  const reply = lines.length === 0 ? 'You said nothing.' : lines.join('\n');
  return told.some(({ content }) => CODE.test(contentText(content))) ? asCode(reply) : reply;
}

/** Who is told to answer with code does. */
const CODE = /\bfenced code block\b/i;

function asCode(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${text}\n${fence}`;
}

/** `label: text`; of a long text the first and last part, and its length. Nothing for no text. */
function shown(label: string, text: string, longest: number): string {
  if (text === '') return '';
  if (text.length <= longest) return `${label}: ${text}`;
  const half = longest / 4;
  const head = beginning(text, half);
  const tail = text.slice(-half).replace(/^[\udc00-\udfff]/, '');
  return `${label} (${characters(text)} characters): ${head} … ${tail}`;
}

/** The first part of a text, in UTF-16 units; no character is cut in two. */
function beginning(text: string, length: number): string {
  return text.slice(0, length).replace(/[\ud800-\udbff]$/, '');
}

/** The number of characters: what UTF-16 holds in two units counts once. */
function characters(text: string): number {
  let count = text.length;
  for (let at = 0; at < text.length; at += 1) {
    if ((text.charCodeAt(at) & 0xfc00) === 0xdc00) count -= 1;
  }
  return count;
}

/** What is made of the parts of a message that are no text. */
function attached(message: Message | undefined, seen: Seen): string[] {
  const parts = Array.isArray(message?.content) ? message.content : [];
  return parts.flatMap((part) => seen.get(part)?.words ?? []);
}

/** The results at the end of the conversation: the tools that have just been called. */
function toolResults(messages: readonly Message[]): string[] {
  const calls = messages.flatMap((message) =>
    message.role === 'assistant' ? (message.tool_calls ?? []) : [],
  );
  const start = messages.findLastIndex(({ role }) => role !== 'tool') + 1;
  return messages.slice(start).flatMap((message) => {
    if (message.role !== 'tool') return [];
    const call = calls.find(({ id }) => id === message.tool_call_id);
    const name = call?.type === 'custom' ? call.custom.name : call?.function.name;
    return [shown(`${name} answered`, contentText(message.content), LONGEST_ASIDE)];
  });
}

function earlier(users: readonly Message[], seen: Seen): string {
  if (users.length === 0) return '';
  const texts = users.slice(-EARLIER_TURNS).map((user) => {
    const said = `“${beginning(contentText(user.content), LONGEST_ASIDE)}”`;
    const beside = attached(user, seen).map((words) => beginning(words, LONGEST_ASIDE));
    return beside.length === 0 ? said : `${said} (with ${beside.join('; ')})`;
  });
  const more = users.length > EARLIER_TURNS ? `${users.length - EARLIER_TURNS} more, ` : '';
  return `Before that: ${more}${texts.join(', ')}`;
}

function settings(request: ChatRequest): string {
  const given = Object.entries(request).filter(
    ([name, value]) => !UNLISTED.has(name) && value !== null && value !== undefined,
  );
  const words = given.map(
    ([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return words.length === 0 ? '' : `With: ${words.join(', ')}`;
}
