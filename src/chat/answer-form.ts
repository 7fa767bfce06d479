import type { Api } from '../api/client.ts';
import type { ChatMessage, ChatRequest } from '../api/completions.ts';
import type { Context } from '../context.ts';
import { Failure, usageError } from '../errors.ts';
import type { AnswerFlags, SchemaWord } from '../flags/answers.ts';
import { isObject } from '../json.ts';
import { warn } from '../output/messages.ts';
import { textOf } from './answer.ts';

/** The form that an answer is to have. */
export interface AnswerForm {
  readonly responseFormat: ChatRequest['response_format'] | undefined;
  /** The messages, with what the API wants to find among them. */
  messages(given: ChatMessage[]): ChatMessage[];
  /** What is wrong with an answer that came whole; undefined where nothing is. */
  check(text: string): Failure | undefined;
}

const ANY: AnswerForm = { responseFormat: undefined, messages: (given) => given, check: () => undefined };

/**
 * Reads what `--json-object` and `--schema` ask for.
 * @throws Failure (usage) on a schema that cannot be used
 */
export async function answerForm(
  { jsonObject, schema }: Pick<AnswerFlags, 'jsonObject' | 'schema'>,
  api: Api,
  context: Context,
): Promise<AnswerForm> {
  if (schema !== undefined) return schemaForm(schema, api, context);
  return jsonObject === true ? jsonForm(context) : ANY;
}

/** What the API refuses JSON mode without: the word, in some message (its reference, `response_format`). */
const JSON_LINE = 'Answer with a JSON object.';

function jsonForm(context: Context): AnswerForm {
  let isTold = false;
  return {
    responseFormat: { type: 'json_object' },
    messages(given) {
      if (given.some(({ content }) => /json/i.test(textOf(content)))) return given;
      if (!isTold) warn(context, `no message says JSON, which --json-object needs: sent "${JSON_LINE}"`);
      isTold = true;
      return [{ role: 'system', content: JSON_LINE }, ...given];
    },
    check(text) {
      const value = parsed(text);
      if (value instanceof Failure || isObject(value)) return value instanceof Failure ? value : undefined;
      return misfit('the answer is JSON, and no object');
    },
  };
}

async function schemaForm(word: SchemaWord, api: Api, context: Context): Promise<AnswerForm> {
  const { readSchema } = await import('../schemas/read-schema.ts');
  const { structureFor } = await import('../schemas/structure.ts');
  const given = await readSchema({ schema: word }, api, context);
  const { name, description, schema, strict, validate, unwrap } = await structureFor(given, {}, context);
  const probe = {};
  if (unwrap(probe) !== probe) {
    throw usageError(`${given.from}: the API answers with objects alone`, 'oai structured gives any value');
  }
  return {
    responseFormat: {
      type: 'json_schema',
      json_schema: { name, schema: { ...schema }, strict, ...(description !== undefined && { description }) },
    },
    messages: (messages) => messages,
    check(text) {
      const value = parsed(text);
      if (value instanceof Failure) return value;
      const [first, ...more] = validate(value);
      if (first === undefined) return undefined;
      const others = more.length > 0 ? ` (and ${more.length} more)` : '';
      return misfit(`the answer does not fit ${given.from}: ${first}${others}`);
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return misfit(`the answer is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function misfit(message: string): Failure {
  const hint = '`oai structured` asks again by itself';
  return new Failure('incomplete', message, { code: 'invalid_answer', hint });
}
