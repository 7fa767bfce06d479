import type { ChatMessage } from '../api/completions.ts';
import { type Exchange, messagesIn } from './exchange.ts';

/**
 * Tokens by the kind of character, for a first estimate: English has some four letters to a token, code and numbers
 * fewer; of other scripts a character is about one (measured with `o200k_base`; `oai tokens` counts exactly).
 */
const TOKENS_PER_ASCII = 0.3;
const TOKENS_PER_OTHER = 0.9;
/** What parts a message from the next. */
const TOKENS_PER_MESSAGE = 4;
/** An image or a file, whose size says little of its tokens (OpenAI's guide to images: 85 to 1,500). */
const TOKENS_PER_ATTACHMENT = 1200;

/** The answer has a part of the window to itself: this share, and no more than so many tokens. */
const ANSWER_SHARE = 0.25;
const MOST_FOR_ANSWER = 16_384;
/** How full the rest may be by an estimate. */
const FULL = 0.9;
/** How full it is after some were left out: a beginning that stays the same for a while is kept in the API's cache. */
const ROOMY = 0.7;

/** About as many tokens as messages have. */
export function estimatedTokens(messages: readonly ChatMessage[]): number {
  return messages.reduce((sum, message) => sum + estimateOf(message), 0);
}

/** Each message is looked at once. */
const estimates = new WeakMap<ChatMessage, number>();

function estimateOf(message: ChatMessage): number {
  const known = estimates.get(message);
  if (known !== undefined) return known;
  const calls = 'tool_calls' in message ? JSON.stringify(message.tool_calls ?? '') : '';
  const estimate = TOKENS_PER_MESSAGE + contentTokens(message.content) + textTokens(calls);
  estimates.set(message, estimate);
  return estimate;
}

function contentTokens(content: unknown): number {
  if (typeof content === 'string') return textTokens(content);
  if (!Array.isArray(content)) return 0;
  return content.reduce<number>((sum, part: unknown) => sum + partTokens(part), 0);
}

function partTokens(part: unknown): number {
  const isText = typeof part === 'object' && part !== null && 'text' in part && typeof part.text === 'string';
  return isText ? textTokens(String(part.text)) : TOKENS_PER_ATTACHMENT;
}

function textTokens(text: string): number {
  let others = 0;
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) others++;
  return (text.length - others) * TOKENS_PER_ASCII + others * TOKENS_PER_OTHER;
}

/** What of a conversation is sent: as much of its end as there is room for. */
export class ContextWindow {
  /** How many tokens there really were for each that was estimated. */
  #scale = 1;
  /** Exchanges at the beginning that are not sent any more. */
  #leftOut = 0;

  get leftOut(): number {
    return this.#leftOut;
  }

  /** Another conversation. */
  reset(): void {
    this.#leftOut = 0;
  }

  /** About as many tokens as messages have, by what is known of earlier ones. */
  tokens(messages: readonly ChatMessage[]): number {
    return Math.round(estimatedTokens(messages) * this.#scale);
  }

  /** Learns from what the API counted. */
  learn(messages: readonly ChatMessage[], counted: number): void {
    const estimated = estimatedTokens(messages);
    if (estimated > 0 && counted > 0) this.#scale = Math.min(4, Math.max(0.25, counted / estimated));
  }

  /** The server says that it was too much: leaves out half of what was sent. @returns whether there was any */
  halve(exchanges: readonly Exchange[]): boolean {
    const sent = exchanges.length - this.#leftOut;
    if (sent < 1) return false;
    this.#leftOut += Math.ceil(sent / 2);
    return true;
  }

  /**
   * The exchanges that go along with a question.
   * @param always goes along: what the model is to be, and the question
   * @param size tokens of question and answer together; undefined where it is not known
   * @param answer tokens that the answer may have; undefined where nobody said
   */
  fitting(
    exchanges: readonly Exchange[],
    always: readonly ChatMessage[],
    size: number | undefined,
    answer: number | undefined,
  ): readonly Exchange[] {
    if (size !== undefined) {
      const room = Math.max(0, size - (answer ?? Math.min(size * ANSWER_SHARE, MOST_FOR_ANSWER)));
      const costs = exchanges.map((exchange) => this.tokens(messagesIn([exchange])));
      let sum = this.tokens(always) + costs.slice(this.#leftOut).reduce((total, cost) => total + cost, 0);
      const most = sum > room * FULL ? room * ROOMY : room;
      while (sum > most && this.#leftOut < exchanges.length) {
        sum -= costs[this.#leftOut] ?? 0;
        this.#leftOut++;
      }
    }
    return exchanges.slice(this.#leftOut);
  }
}
