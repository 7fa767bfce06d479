import type { Api } from '../api/client.ts';
import { type ChatAnswer, type ChatRequest, checkedAnswer, completeChat } from '../api/completions.ts';
import { usageIn } from '../bulk/progress.ts';
import type { RowResult } from '../bulk/row-result.ts';
import type { BulkJob } from '../bulk/run.ts';
import type { Failure } from '../errors.ts';
import type { ExtractWish } from '../flags/output.ts';
import { promptFor } from '../input/rows/prompt-for.ts';
import { keyOf, restOf } from '../input/rows/row-key.ts';
import { literalText, template } from '../input/rows/template.ts';
import type { ChatTools } from './chat-tools.ts';
import { codeOf } from './code-of.ts';
import { verdict } from './verdict.ts';
import { wholeChoices } from './whole.ts';

/** What is asked of each row. */
export interface EachChat {
  /** Of the command line: a text, or one with places for fields. */
  readonly words: string;
  /** Of `--field`. */
  readonly field: string | undefined;
  /** The whole answer is wanted, not its text alone. */
  readonly asJson: boolean;
  /** Code is wanted, not the text that it stands in. */
  readonly extract: ExtractWish | undefined;
  /** The request for a prompt. @throws Failure (usage) */
  request(prompt: string): ChatRequest;
  /** What is wrong with an answer that came whole. */
  check(text: string): Failure | undefined;
  /** The user set a limit of tokens: to be cut there is what was asked for. */
  isLimited(request: ChatRequest): boolean;
  /** What the model may ask for: it is run, until there is an answer. */
  readonly tools?: ChatTools | undefined;
}

/** Asks a question for each row. */
export function chatJob(
  { words, field, asJson, extract, request, check, isLimited, tools }: EachChat,
  api: Api,
): BulkJob<ChatRequest> {
  const about = words === '' ? undefined : (template(words) ?? literalText(words));
  // What is asked of any row is in what is asked of this one.
  const rest = restOf([request(''), words, field, asJson, ...(extract === undefined ? [] : [extract])]);
  return {
    key: (row) => keyOf(row, rest),
    prepare(row) {
      const prompt = promptFor(about, row, field);
      return typeof prompt === 'string' ? request(prompt) : prompt;
    },
    send: (requests, signal) =>
      Promise.all(requests.map((asked) => api.each((own) => answered(asked, own), signal))),
    batch: {
      endpoint: '/v1/chat/completions',
      body: (asked) => asked,
      read: (answer) => judged(checkedAnswer(answer, api), isLimited(request(''))),
    },
  };

  async function answered(asked: ChatRequest, own: Api): Promise<RowResult> {
    if (tools === undefined) return judged(await completeChat(own, asked), isLimited(asked));
    const { completeWithTools } = await import('./complete-with-tools.ts');
    const { answer, failure } = await completeWithTools(own, asked, tools);
    return { ...judged(answer, isLimited(asked)), ...(failure !== undefined && { failure }) };
  }

  function judged(answer: ChatAnswer, limited: boolean): RowResult {
    const choices = wholeChoices(answer);
    const found = choices.map(({ text }) =>
      extract === undefined ? { text, failure: check(text) } : codeOf(text, extract),
    );
    const failure = verdict(choices, limited) ?? firstOf(found.map((one) => one.failure));
    const texts = found.map(({ text }) => text);
    const result = asJson ? answer : texts.length > 1 ? texts : texts[0];
    return { result, usage: usageIn(answer), ...(failure !== undefined && { failure }) };
  }
}

function firstOf(failures: readonly (Failure | undefined)[]): Failure | undefined {
  return failures.find((failure) => failure !== undefined);
}
