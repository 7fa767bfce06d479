import type { ChatMessage } from '../api/completions.ts';
import type { SaidExchange } from './exchanges.ts';

/** What the new messages bring, as far as it changes what goes before them. */
export interface Brought {
  /** A system prompt: it takes the place of the earlier ones. */
  readonly instructions: boolean;
  /** Results of the tools that the last answer asks for. */
  readonly toolResults: boolean;
}

/** What messages bring. */
export function broughtBy(messages: readonly ChatMessage[]): Brought {
  const first = messages.find((message) => !isInstruction(message));
  return { instructions: messages.some(isInstruction), toolResults: first?.role === 'tool' };
}

/**
 * What a model is to know of a conversation. Questions that failed are left out: they may be why. An answer that was cut
 * counts as far as it came. Of several system prompts the newest counts. Calls of tools that nobody answered are left
 * out, as the API refuses them, unless they are answered now.
 * @param exchanges all, in their order
 * @param last so many that were asked, and no more
 */
export function earlierMessages(
  exchanges: readonly SaidExchange[],
  { instructions, toolResults }: Brought,
  last = Number.POSITIVE_INFINITY,
): ChatMessage[] {
  const said = exchanges.filter(({ state }) => state === 'answered' || state === 'cut' || state === 'noted');
  const prompt = instructions ? [] : newestInstructions(said);
  const rest = spokenIn(lastOf(said, last));
  return [...prompt, ...withoutOpenCalls(rest, toolResults)];
}

/**
 * The exchange at the end of a conversation that waits for an answer; what was noted after it does not count, unless it
 * begins with results of tools: those go right after the calls, or nowhere.
 */
export function openExchange(exchanges: readonly SaidExchange[]): SaidExchange | undefined {
  const end = exchanges.findLast(({ state }) => state !== 'noted');
  if (end === undefined) return undefined;
  if (end !== exchanges.at(-1) && end.messages.find((kept) => !isInstruction(kept))?.role === 'tool') {
    return undefined;
  }
  // Tools were run, and the program was ended before it could hand the results back.
  const waits = end.state === 'answered' && end.messages.at(-1)?.role === 'tool';
  return waits || ['asked', 'failed', 'cut'].includes(end.state) ? end : undefined;
}

/**
 * What is to be sent when an exchange is asked again: its question, and what its tools gave, so that none runs twice. A
 * question may begin with the results of tools that the exchange before it asks for.
 */
export function questionOf({ messages }: SaidExchange): ChatMessage[] {
  const end = messages.findLastIndex(({ isAnswer, role }) => !isAnswer || role === 'tool');
  const asked = messages.slice(0, end + 1).map((kept) => kept.message());
  const own = asked.findIndex(({ role }) => role !== 'tool' && role !== 'system' && role !== 'developer');
  const results = own === -1 ? asked.length : own;
  return [...asked.slice(0, results), ...withoutOpenCalls(asked.slice(results), false)];
}

/** The last exchanges of which so many were asked; what was noted between them comes with them. */
function lastOf(exchanges: readonly SaidExchange[], count: number): readonly SaidExchange[] {
  let left = count;
  const before = exchanges.findLastIndex(({ state }) => {
    if (state !== 'noted') left -= 1;
    return left < 0;
  });
  return exchanges.slice(before + 1);
}

function isInstruction({ role }: { readonly role: string }): boolean {
  return role === 'system' || role === 'developer';
}

function newestInstructions(exchanges: readonly SaidExchange[]): ChatMessage[] {
  const newest = exchanges.findLast(({ messages }) => messages.some(isInstruction));
  return (newest?.messages ?? []).filter(isInstruction).map((kept) => kept.message());
}

/** What was said, without what the model is to be. In loops: of 1,000 exchanges each step counts. */
function spokenIn(exchanges: readonly SaidExchange[]): ChatMessage[] {
  const spoken: ChatMessage[] = [];
  for (const { messages } of exchanges) {
    for (const kept of messages) if (!isInstruction(kept)) spoken.push(kept.message());
  }
  return spoken;
}

/** Leaves out each message that calls tools where not all of them are answered right after it, with those answers. */
function withoutOpenCalls(messages: readonly ChatMessage[], keepLast: boolean): ChatMessage[] {
  const rest: ChatMessage[] = [];
  for (let at = 0; at < messages.length; at += 1) {
    const message = messages[at] as ChatMessage;
    const calls = callsOf(message);
    if (calls === undefined) {
      // The result of a call that is not sent along is refused, too.
      if (message.role !== 'tool') rest.push(message);
      continue;
    }
    let next = at + 1;
    while (messages[next]?.role === 'tool') next += 1;
    const answers = messages.slice(at + 1, next);
    const isLast = next === messages.length;
    if (areAnswered(calls, answers) || (isLast && keepLast)) rest.push(message, ...answers);
    at = next - 1;
  }
  return rest;
}

/** Undefined of a message that calls none. */
function callsOf(message: ChatMessage): readonly string[] | undefined {
  return message.role === 'assistant' ? message.tool_calls?.map(({ id }) => id) : undefined;
}

function areAnswered(calls: readonly string[], answers: readonly ChatMessage[]): boolean {
  const answered = new Set(answers.map((answer) => (answer.role === 'tool' ? answer.tool_call_id : '')));
  return calls.every((id) => answered.has(id));
}
