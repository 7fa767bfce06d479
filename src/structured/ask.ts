import type { Api } from '../api/client.ts';
import { type ChatAnswer, type ChatMessage, type ChatRequest, completeChat } from '../api/completions.ts';
import type { Choice } from '../chat/answer.ts';
import { verdict } from '../chat/verdict.ts';
import { wholeChoices } from '../chat/whole.ts';
import { Failure } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import type { Structure } from '../schemas/structure.ts';
import { notJsonMessage, repairMessage } from './repair.ts';

/** How a server is told what form the answer is to have, the surest way first. */
export type Form = 'schema' | 'json' | 'tool';

/** How it is asked for. */
export interface Asking {
  readonly structure: Structure;
  /** Times that a wrong answer is asked for anew. */
  readonly repair: number;
  /** The request, but for the form of its answer. */
  request(messages: ChatMessage[]): ChatRequest;
  /** Told when a server does not know a form, and another is tried. */
  onFallback(form: Form): void;
}

export interface Structured {
  readonly value: unknown;
  /** The API's last answer. */
  readonly answer: ChatAnswer;
  /** Of all answers together. */
  readonly usage: JsonObject | undefined;
}

/** An answer that is not what was asked for, or a refusal. It was paid for all the same. */
export class WrongAnswer extends Failure {
  /** As text; empty for a refusal. */
  readonly raw: string;
  /** Of all answers together. */
  readonly usage: JsonObject | undefined;

  constructor(failure: Failure, raw: string, usage: JsonObject | undefined) {
    super(failure.kind, failure.message, { hint: failure.hint, code: failure.code });
    this.raw = raw;
    this.usage = usage;
  }
}

function wrong(message: string, hint: string): Failure {
  return new Failure('incomplete', message, { hint, code: 'invalid_answer' });
}

/** Asks for a value of a structure, and judges what comes. One asker serves any number of questions. */
export class Asker {
  readonly #asking: Asking;
  readonly #forms: Form[] = ['schema', 'json', 'tool'];

  constructor(asking: Asking) {
    this.#asking = asking;
  }

  /**
   * Asks; a wrong or cut answer is shown to the model and asked for anew.
   * @throws WrongAnswer for a refusal, and where the last answer is wrong, too; Failure or Stopped
   */
  async ask(question: readonly ChatMessage[], api: Api): Promise<Structured> {
    const { repair } = this.#asking;
    const messages = [...question];
    let usage: JsonObject | undefined;
    for (let tries = 0; ; tries++) {
      const answer = await this.#answer(messages, api);
      usage = sum(usage, answer.usage);
      const judged = this.#judge(answer);
      if ('value' in judged) return { value: judged.value, answer, usage };
      if ('refusal' in judged) throw new WrongAnswer(judged.refusal, '', usage);
      if (tries >= repair) {
        const hint = tries === 0 ? '--repair 2 asks again' : `asked ${tries + 1} times`;
        throw new WrongAnswer(wrong(judged.message, hint), judged.raw, usage);
      }
      messages.push({ role: 'assistant', content: judged.raw === '' ? '(nothing)' : judged.raw });
      messages.push({ role: 'user', content: judged.again });
    }
  }

  /** The request for a question that is asked once, and elsewhere. */
  requestFor(question: readonly ChatMessage[]): ChatRequest {
    return this.#request([...question], 'schema');
  }

  /** What such a request was answered with. @throws WrongAnswer */
  read(answer: ChatAnswer): unknown {
    const judged = this.#judge(answer);
    if ('value' in judged) return judged.value;
    const usage = sum(undefined, answer.usage);
    if ('refusal' in judged) throw new WrongAnswer(judged.refusal, '', usage);
    throw new WrongAnswer(wrong(judged.message, 'the same command asks again'), judged.raw, usage);
  }

  /** Servers differ in what they know: what one refuses is asked for in another form, from then on. */
  async #answer(messages: ChatMessage[], api: Api): Promise<ChatAnswer> {
    for (;;) {
      const [form = 'tool', next] = this.#forms;
      try {
        return await completeChat(api, this.#request(messages, form));
      } catch (error) {
        if (next === undefined || api.settings.isOpenAI || !isUnknownForm(error)) throw error;
        // Another question may have found that out meanwhile.
        if (this.#forms[0] === form) {
          this.#forms.shift();
          this.#asking.onFallback(next);
        }
      }
    }
  }

  #request(messages: ChatMessage[], form: Form): ChatRequest {
    const { structure } = this.#asking;
    const { name, description, schema, strict } = structure;
    const about = { name, ...(description !== undefined && { description }), strict };
    if (form === 'schema') {
      const json_schema = { ...about, schema: schema as JsonObject };
      return { ...this.#asking.request(messages), response_format: { type: 'json_schema', json_schema } };
    }
    if (form === 'tool') {
      const tool = { type: 'function' as const, function: { ...about, parameters: schema as JsonObject } };
      const tool_choice = { type: 'function' as const, function: { name } };
      return { ...this.#asking.request(messages), tools: [tool], tool_choice };
    }
    const told = `Answer with JSON alone, valid by this JSON Schema:\n${JSON.stringify(schema)}`;
    const request = this.#asking.request([{ role: 'system', content: told }, ...messages]);
    return { ...request, response_format: { type: 'json_object' } };
  }

  #judge(answer: ChatAnswer): Judged {
    const choices = wholeChoices(answer).map(asText);
    const failure = verdict(choices, false);
    const raw = choices[0]?.text ?? '';
    if (failure !== undefined && failure.kind !== 'incomplete') return { refusal: failure };
    if (failure !== undefined) {
      return { message: failure.message, raw, again: notJsonMessage('it breaks off') };
    }
    let value: unknown;
    try {
      value = JSON.parse(withoutFence(raw));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return { message: `the answer is no JSON: ${reason}`, raw, again: notJsonMessage(reason) };
    }
    const errors = this.#asking.structure.validate(value);
    if (errors.length === 0) return { value: this.#asking.structure.unwrap(value) };
    return {
      message: `the answer does not fit the schema: ${errors.join('; ')}`,
      raw,
      again: repairMessage(errors),
    };
  }
}

/** What an answer is found to be. */
type Judged =
  | { readonly value: unknown }
  | { readonly refusal: Failure }
  | { readonly message: string; readonly raw: string; readonly again: string };

/** The arguments of the tool that stands for the answer. */
function asText(choice: Choice): Choice {
  const { text, toolCalls } = choice;
  const [call] = toolCalls;
  if (call?.function === undefined) return choice;
  return {
    ...choice,
    text: text === '' ? call.function.arguments : text,
    toolCalls: [],
    finishReason: 'stop',
  };
}

/** In JSON mode some models put their answer into a fence all the same. */
function withoutFence(text: string): string {
  return /^\s*```(?:json)?\s*\n([\s\S]*?)\n```\s*$/.exec(text)?.[1] ?? text;
}

/** A refusal that is about the form of the answer. */
function isUnknownForm(error: unknown): boolean {
  if (!(error instanceof Failure) || error.kind !== 'refused') return false;
  return /response_format|json_schema|json_object|json mode|structured|tool_choice|tools/i.test(
    error.message,
  );
}

function sum(earlier: JsonObject | undefined, usage: object | undefined): JsonObject | undefined {
  if (usage === undefined) return earlier;
  const total: JsonObject = { ...usage };
  for (const [name, value] of Object.entries(earlier ?? {})) {
    const other = total[name];
    if (typeof value === 'number' && typeof other === 'number') total[name] = value + other;
  }
  return total;
}
