import type { Api } from '../api/client.ts';
import type { ChatMessage } from '../api/completions.ts';
import type { RowResult } from '../bulk/row-result.ts';
import type { BulkJob } from '../bulk/run.ts';
import type { Failure } from '../errors.ts';
import type { ExtractWish } from '../flags/output.ts';
import { promptFor } from '../input/rows/prompt-for.ts';
import { keyOf, restOf } from '../input/rows/row-key.ts';
import { literalText, template } from '../input/rows/template.ts';
import { isObject, type JsonObject } from '../json.ts';
import { codeOf } from './code-of.ts';
import type { AskedMessages } from './complete-with-tools.ts';
import type { Toolbox } from './conversation.ts';
import type { Route, RouteRequest, WholeAnswer } from './route.ts';
import { verdict } from './verdict.ts';

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
  readonly route: Pick<Route, 'endpoint' | 'read'>;
  /** All that is said with a prompt. */
  messages(prompt: string): ChatMessage[];
  /** The request for what was said. @throws Failure (usage) */
  request(messages: ChatMessage[]): RouteRequest;
  /** What is wrong with an answer that came whole. */
  check(text: string): Failure | undefined;
  /** Runs what the model asks for, until there is an answer. */
  readonly toolbox: Toolbox | undefined;
}

/** Asks a question for each row. */
export function chatJob(
  { words, field, asJson, extract, route, messages, request, check, toolbox }: EachChat,
  api: Api,
): BulkJob<AskedMessages> {
  const about = words === '' ? undefined : (template(words) ?? literalText(words));
  // What is asked of any row is in what is asked of this one.
  const asked = (prompt: string): AskedMessages => {
    const said = messages(prompt);
    return { messages: said, request: request(said) };
  };
  const { body, isLimited } = asked('').request;
  const rest = restOf([body, words, field, asJson, ...(extract === undefined ? [] : [extract])]);
  return {
    key: (row) => keyOf(row, rest),
    prepare(row) {
      const prompt = promptFor(about, row, field);
      return typeof prompt === 'string' ? asked(prompt) : prompt;
    },
    send: (requests, signal) =>
      Promise.all(requests.map((one) => api.each((own) => answered(one, own), signal))),
    batch: {
      endpoint: route.endpoint,
      body: (one) => one.request.body,
      read: (answer) => judged(route.read(answer, api)),
    },
  };

  async function answered(one: AskedMessages, own: Api): Promise<RowResult> {
    if (toolbox === undefined) return judged(await one.request.complete(own));
    const { completeWithTools } = await import('./complete-with-tools.ts');
    const { outOfTurns, ...whole } = await completeWithTools(own, one, request, toolbox);
    return { ...judged(whole), ...(outOfTurns !== undefined && { failure: outOfTurns }) };
  }

  function judged({ answer, choices, facts, failure: told }: WholeAnswer): RowResult {
    const found = choices.map(({ text }) =>
      extract === undefined ? { text, failure: check(text) } : codeOf(text, extract),
    );
    const failure = told ?? verdict(choices, isLimited) ?? firstOf(found.map((one) => one.failure));
    const texts = found.map(({ text }) => text);
    const result = asJson ? answer : texts.length > 1 ? texts : texts[0];
    return { result, usage: usageIn(facts), ...(failure !== undefined && { failure }) };
  }
}

function usageIn({ usage }: WholeAnswer['facts']): JsonObject | undefined {
  return isObject(usage) ? usage : undefined;
}

function firstOf(failures: readonly (Failure | undefined)[]): Failure | undefined {
  return failures.find((failure) => failure !== undefined);
}
