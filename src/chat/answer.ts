import type { ChatChunk, CompletionUsage } from '../api/completions.ts';
import { isObject } from '../json.ts';
import type { ToolCall } from '../tools/tool.ts';
import { type SpokenSound, transcriptOf, withSound } from './spoken.ts';
import { GrowingCalls } from './tool-calls.ts';

/** One token of an answer, as the API gives it. */
export interface TokenLogprob {
  readonly token: string;
  /** Natural logarithm of the probability. */
  readonly logprob: number;
  readonly top_logprobs?: readonly { readonly token: string; readonly logprob: number }[] | null;
}

/** One of the answers to one question. */
export interface Choice {
  text: string;
  refusal: string;
  toolCalls: ToolCall[];
  /** Undefined while the answer is not complete. */
  finishReason: string | undefined;
  /** Of each token, where they were asked for. */
  logprobs: TokenLogprob[];
  /** What says the text, where the answer was to be said. */
  sound?: SpokenSound | undefined;
  /** There is more to it than words, which a tool of the API has made: an image. */
  hasMedia?: boolean;
}

/** What an answer says of itself. */
export interface AnswerFacts {
  readonly id?: string;
  readonly model?: string;
  readonly serviceTier?: string;
  readonly usage?: CompletionUsage;
}

/** The choices of an answer, as they grow. */
export class Answer {
  readonly #count: number;
  readonly #choices = new Map<number, Choice>();
  readonly #calls = new Map<Choice, GrowingCalls>();
  #finished = 0;
  #facts: AnswerFacts = {};

  /** @param count how many choices were asked for */
  constructor(count: number) {
    this.#count = count;
  }

  /** In the order of their index. */
  get choices(): Choice[] {
    return [...this.#choices].sort(([a], [b]) => a - b).map(([, choice]) => choice);
  }

  get facts(): AnswerFacts {
    return this.#facts;
  }

  get complete(): boolean {
    return this.#finished === this.#count;
  }

  /** Adds a piece to the choices it belongs to. Gives its text of the first one. */
  add(chunk: ChatChunk | null): string {
    if (chunk !== null) this.#learn(chunk);
    let text = '';
    for (const piece of chunk?.choices ?? []) {
      const { index = 0, delta, finish_reason, logprobs } = piece ?? {};
      // A choice that nobody asked for is no part of the answer.
      if (!(index >= 0 && index < this.#count)) continue;
      const choice = this.#choice(index);
      const content = textOf(delta?.content) + transcriptOf(delta?.audio);
      choice.sound = withSound(choice.sound, delta?.audio);
      choice.text += content;
      if (index === 0) text += content;
      choice.refusal += delta?.refusal ?? '';
      this.#calls.get(choice)?.add(delta);
      if (logprobs != null) choice.logprobs.push(...logprobsIn(logprobs));
      if (typeof finish_reason !== 'string') continue;
      if (choice.finishReason === undefined) this.#finished++;
      choice.finishReason = finish_reason;
    }
    return text;
  }

  /** The first piece names the answer; a late one may have its usage. */
  #learn(chunk: ChatChunk): void {
    if (this.#facts.id !== undefined && chunk.usage == null) return;
    this.#facts = { ...factsOf(chunk), ...this.#facts, ...(chunk.usage != null && { usage: chunk.usage }) };
  }

  #choice(index: number): Choice {
    const known = this.#choices.get(index);
    if (known !== undefined) return known;
    const calls = new GrowingCalls();
    const choice: Choice = {
      text: '',
      refusal: '',
      toolCalls: calls.all,
      finishReason: undefined,
      logprobs: [],
      sound: undefined,
    };
    this.#choices.set(index, choice);
    this.#calls.set(choice, calls);
    return choice;
  }
}

/** What a whole answer or a piece of one says of itself; servers leave out much. */
export function factsOf(answer: {
  readonly id?: unknown;
  readonly model?: unknown;
  readonly service_tier?: unknown;
  readonly usage?: CompletionUsage | null | undefined;
}): AnswerFacts {
  const { id, model, service_tier: tier, usage } = answer;
  return {
    ...(typeof id === 'string' && { id }),
    ...(typeof model === 'string' && { model }),
    ...(typeof tier === 'string' && { serviceTier: tier }),
    ...(usage != null && { usage }),
  };
}

/** The tokens of a choice's `logprobs`: those of its text, or of its refusal. */
export function logprobsIn(logprobs: unknown): readonly TokenLogprob[] {
  if (!isObject(logprobs)) return [];
  const tokens = logprobs['content'] ?? logprobs['refusal'];
  return Array.isArray(tokens) ? tokens : [];
}

/** The text of a delta or a message; some servers (Mistral's) send it as a list of parts. */
export function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (Array.isArray(content)) return content.map(textOf).join('');
  return typeof content === 'object' && content !== null && 'text' in content ? textOf(content.text) : '';
}
