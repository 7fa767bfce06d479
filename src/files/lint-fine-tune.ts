import { isObject, type JsonObject } from '../json.ts';
import type { RowRules } from './lint.ts';
import { checkMessages, imagesIn, roleOf } from './lint-messages.ts';
import { missingOr } from './reasons.ts';

/** How a model is fine-tuned (OpenAPI `FineTuneMethod`). */
export type FineTuneMethod = 'supervised' | 'dpo' | 'reinforcement';

/** Rows that a training file needs (the API's guide to supervised fine-tuning). A validation file may have fewer. */
export const LEAST_TRAINING_ROWS = 10;

/** Rows with images that a training file may have (the API's guide to vision fine-tuning). */
const MOST_IMAGE_ROWS = 50_000;

/** What a row is. `prompt` and `completion` are for the base models, and supervised as chat rows are. */
type RowKind = 'chat' | 'completion' | 'preference' | 'reinforcement';

const METHOD_OF: Readonly<Record<RowKind, FineTuneMethod>> = {
  chat: 'supervised',
  completion: 'supervised',
  preference: 'dpo',
  reinforcement: 'reinforcement',
};

/** Fields of a chat row (OpenAPI, `FineTuneChatRequestInput`). What else a row has is for a grader. */
const CHAT_FIELDS: readonly string[] = ['messages', 'tools', 'parallel_tool_calls', 'functions'];

/** Rows of a training or validation file. */
export class FineTuneRows implements RowRules {
  readonly #method: FineTuneMethod | undefined;
  #first: { readonly kind: RowKind; readonly line: number } | undefined;
  #imageRows = 0;
  readonly model = null;
  readonly endpoint = null;

  /** @param method what the rows are to be for; undefined: what the first of them is */
  constructor(method: FineTuneMethod | undefined) {
    this.#method = method;
  }

  get method(): FineTuneMethod | null {
    return this.#method ?? (this.#first === undefined ? null : METHOD_OF[this.#first.kind]);
  }

  check(row: JsonObject, line: number): readonly string[] {
    const kind = kindOf(row, this.#method);
    if (kind === undefined) {
      return ['it has none of messages, of input with preferred_output, of prompt with completion'];
    }
    const method = METHOD_OF[kind];
    if (this.#method !== undefined && method !== this.#method) {
      return [`it is a ${kind} row, for the method ${method} and not ${this.#method}`];
    }
    this.#first ??= { kind, line };
    const first = this.#first;
    if (kind !== first.kind) return [`it is a ${kind} row, and line ${first.line} is a ${first.kind} row`];
    const { messages, input } = row;
    if (imagesIn(isObject(input) ? input['messages'] : messages) > 0) this.#imageRows += 1;
    return CHECKS[kind](row);
  }

  end(rows: number) {
    const problems =
      this.#imageRows > MOST_IMAGE_ROWS
        ? [`${this.#imageRows} rows have images, and a file may have ${MOST_IMAGE_ROWS} of them`]
        : [];
    const notes =
      rows > 0 && rows < LEAST_TRAINING_ROWS
        ? [`it has ${rows} ${rows === 1 ? 'row' : 'rows'}, and a training file needs ${LEAST_TRAINING_ROWS}`]
        : [];
    return { problems, notes };
  }
}

function kindOf(row: JsonObject, method: FineTuneMethod | undefined): RowKind | undefined {
  if (['preferred_output', 'non_preferred_output', 'input'].some((name) => Object.hasOwn(row, name))) {
    return 'preference';
  }
  const { messages } = row;
  if (messages === undefined) {
    return ['prompt', 'completion'].some((name) => Object.hasOwn(row, name)) ? 'completion' : undefined;
  }
  if (method === 'supervised') return 'chat';
  if (method === 'reinforcement') return 'reinforcement';
  const isAnswered = Array.isArray(messages) && roleOf(messages.at(-1)) === 'assistant';
  const isGraded = Object.keys(row).some((name) => !CHAT_FIELDS.includes(name));
  return isGraded && !isAnswered ? 'reinforcement' : 'chat';
}

const CHECKS: Readonly<Record<RowKind, (row: JsonObject) => string[]>> = {
  chat: checkChat,
  completion: ({ prompt, completion }) => [
    ...(typeof prompt === 'string' ? [] : [missingOr('prompt', prompt, 'and must be a text')]),
    ...(typeof completion === 'string' && completion !== ''
      ? []
      : [missingOr('completion', completion, 'and must be a text')]),
  ],
  preference: checkPreference,
  reinforcement: checkReinforcement,
};

function checkChat({ messages, tools }: JsonObject): string[] {
  const problems = [...checkMessages(messages, 'messages'), ...checkTools(tools, 'tools')];
  if (!Array.isArray(messages) || messages.length === 0) return problems;
  const last = roleOf(messages.at(-1));
  // Where no message is the assistant's, the last is none of its either.
  if (last !== undefined && last !== 'assistant') {
    problems.push(`the last message is of the role ${last}, and must be the assistant's, which is learnt`);
  }
  return problems;
}

/** OpenAPI, `FineTunePreferenceRequestInput`. */
function checkPreference({ input, ...outputs }: JsonObject): string[] {
  const problems = isObject(input)
    ? [...checkMessages(input['messages'], 'input.messages'), ...checkTools(input['tools'], 'input.tools')]
    : [missingOr('input', input, 'and must be an object with messages')];
  for (const name of ['preferred_output', 'non_preferred_output']) {
    const output = outputs[name];
    const found = checkMessages(output, name);
    problems.push(...found);
    if (found.length > 0 || !Array.isArray(output)) continue;
    const odd = output.map(roleOf).find((role) => role !== 'assistant' && role !== 'tool');
    if (odd !== undefined) problems.push(`${name} has a message of the role ${odd}, and is the assistant's`);
    else if (!output.some((message) => roleOf(message) === 'assistant')) {
      problems.push(`${name} has no message of the assistant`);
    }
  }
  return problems;
}

/** The API's guide to reinforcement fine-tuning: the model answers the last message, and a grader the answer. */
function checkReinforcement({ messages, tools }: JsonObject): string[] {
  const problems = [...checkMessages(messages, 'messages'), ...checkTools(tools, 'tools')];
  if (!Array.isArray(messages) || messages.length === 0) return problems;
  const last = roleOf(messages.at(-1));
  if (last !== undefined && last !== 'user') {
    problems.push(`the last message is of the role ${last}, and must be the user's, which is answered`);
  }
  return problems;
}

function checkTools(tools: unknown, path: string): string[] {
  if (tools === undefined || tools === null) return [];
  if (!Array.isArray(tools)) return [missingOr(path, tools, 'and must be a list')];
  return tools.flatMap((tool: unknown, index) => {
    const made = isObject(tool) ? tool['function'] : undefined;
    const isFunction = isObject(made) && typeof made['name'] === 'string';
    return isFunction ? [] : [`${path}[${index}] is no function with a name`];
  });
}
