import { isObject, type JsonObject } from '../json.ts';
import type { FineTuneMethod } from './finetune-request.ts';
import { countTokens } from './tokens.ts';

/** What a job learns from a file. */
export interface FineTuneData {
  readonly examples: number;
  readonly tokens: number;
}

/** Why a job cannot use a file, as a failed job tells it. */
export interface FineTuneError {
  readonly code: string;
  readonly message: string;
  readonly param: string | null;
}

/** The API's least (OpenAI's guide to supervised fine-tuning: "at least 10 lines"). */
const LEAST_EXAMPLES = 10;

/**
 * Reads a file of examples, as the API does while a job is `validating_files`.
 * @param param the field that the file was named by
 */
export function readFineTuneData(
  bytes: Uint8Array,
  method: FineTuneMethod,
  param: 'training_file' | 'validation_file',
): FineTuneData | FineTuneError {
  let [examples, tokens, line] = [0, 0, 0];
  for (const text of linesOf(bytes)) {
    line += 1;
    if (text.trim() === '') continue;
    const reason = wrongWith(text, method);
    if (reason !== undefined) return invalidFile(param, `Invalid file format. Line ${line}: ${reason}`);
    examples += 1;
    tokens += countTokens(text);
  }
  if (param === 'training_file' && examples < LEAST_EXAMPLES) {
    const message = `Training file has ${examples} example(s), but must have at least ${LEAST_EXAMPLES} examples`;
    return { code: 'invalid_n_examples', message, param };
  }
  return examples === 0 ? invalidFile(param, 'The file is empty.') : { examples, tokens };
}

/** Each line by itself: all of a large file would be no string. */
function* linesOf(bytes: Uint8Array): Generator<string> {
  const decoder = new TextDecoder();
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline === -1 ? bytes.length : newline;
    yield decoder.decode(bytes.subarray(start, end));
    start = end + 1;
  }
}

export function isFineTuneError(read: FineTuneData | FineTuneError): read is FineTuneError {
  return 'code' in read;
}

function invalidFile(param: string, reason: string): FineTuneError {
  const kind = param.replace('_', ' ');
  return { code: `invalid_${param}`, message: `The job failed due to an invalid ${kind}. ${reason}`, param };
}

function wrongWith(line: string, method: FineTuneMethod): string | undefined {
  let row: unknown;
  try {
    row = JSON.parse(line);
  } catch {
    return 'it is not valid JSON.';
  }
  if (!isObject(row)) return 'expected an object.';
  return WRONG[method](row);
}

const WRONG: Readonly<Record<FineTuneMethod, (row: JsonObject) => string | undefined>> = {
  supervised(row) {
    const { messages } = row;
    if (!isMessages(messages)) return "missing or invalid key 'messages'.";
    return messages.some(({ role }) => role === 'assistant')
      ? undefined
      : 'at least one message with the role `assistant` is needed.';
  },
  dpo(row) {
    const { input, preferred_output: preferred, non_preferred_output: other } = row;
    if (!isObject(input) || !isMessages(input['messages'])) return "missing or invalid key 'input'.";
    if (!isMessages(preferred)) return "missing or invalid key 'preferred_output'.";
    return isMessages(other) ? undefined : "missing or invalid key 'non_preferred_output'.";
  },
  reinforcement(row) {
    const { messages } = row;
    if (!isMessages(messages)) return "missing or invalid key 'messages'.";
    return messages.at(-1)?.['role'] === 'user' ? undefined : 'the last message must be from the user.';
  },
};

function isMessages(value: unknown): value is JsonObject[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((message) => isObject(message) && typeof message['role'] === 'string')
  );
}
