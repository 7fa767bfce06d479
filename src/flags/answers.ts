import { usageError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import type { Flag } from './flag.ts';
import type { GlobalOptions } from './global.ts';
import { integer, text } from './values.ts';

/** Where a JSON Schema is: a file, a URL, or `-`; or the schema itself, and what errors are to call it. */
export type SchemaWord = string | { readonly value: JsonObject; readonly from: string };

/** The flags that say what form an answer is to have, and how it is shown, read. */
export interface AnswerFlags {
  /** Answers to the one question. */
  readonly count?: number;
  /** Between two answers. */
  readonly separator?: string;
  /** A NUL after each answer. */
  readonly null?: boolean;
  /** False after `--no-stream`. */
  readonly stream?: boolean;
  readonly events?: boolean;
  readonly logprobs?: boolean;
  readonly topLogprobs?: number;
  readonly jsonObject?: boolean;
  readonly schema?: SchemaWord;
}

/** Limits: the API's reference, `/chat/completions` (`n`, `top_logprobs`). */
export const answerFlags: readonly Flag[] = [
  {
    flags: '-n, --count <n>',
    help: 'so many answers: the first streams, the rest follow',
    read: integer(1, 128),
  },
  { flags: '--separator <text>', help: 'what stands between answers; \\n is a line break', read: text },
  { flags: '-0, --null', help: 'a NUL after each answer, and nothing else' },
  { flags: '--json-object', help: 'the answer is a JSON object, whatever is in it' },
  {
    flags: '--schema <file>',
    help: 'the answer is JSON that fits this schema: a file, a URL, or -',
    read: text,
  },
  { flags: '--logprobs', help: 'each token with its probability, in place of the text' },
  { flags: '--top-logprobs <n>', help: 'and so many others that it could have been', read: integer(0, 20) },
  { flags: '--no-stream', help: 'the text when it is complete' },
  { flags: '--events', help: 'each event of the stream as a line of JSON' },
];

/** @throws Failure (usage) on flags that contradict each other */
export function checkAnswerFlags(options: AnswerFlags & Pick<GlobalOptions, 'json'>): void {
  const { json, events, stream, separator, logprobs, topLogprobs, jsonObject, schema } = options;
  const clash = (first: string, second: string) =>
    usageError(`${first} and ${second} contradict each other`, 'leave out one of the two');
  if (separator !== undefined && options.null === true) throw clash('--separator', '-0');
  if (jsonObject === true && schema !== undefined) throw clash('--json-object', '--schema');
  if (events === true && json === true) throw clash('--events', '--json');
  if (events === true && stream === false) throw clash('--events', '--no-stream');
  if (events === true && (logprobs === true || topLogprobs !== undefined)) {
    throw usageError(
      '--events has the log probabilities in its lines',
      '--param logprobs=true asks for them',
    );
  }
}

/** Flags of the form of an answer that mean nothing for rows, whose results are JSON Lines. */
export function refuseForRows({
  separator,
  events,
  stream,
  logprobs,
  topLogprobs,
  ...rest
}: AnswerFlags): void {
  const stray = [
    separator !== undefined && '--separator',
    rest.null === true && '-0',
    events === true && '--events',
    stream === false && '--no-stream',
    logprobs === true && '--logprobs',
    topLogprobs !== undefined && '--top-logprobs',
  ].find((flag) => flag !== false);
  if (stray !== undefined) {
    throw usageError(`${stray} is for one answer`, 'results of rows are JSON Lines; --json has all of each');
  }
}
