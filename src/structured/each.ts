import type { Api } from '../api/client.ts';
import { type ChatMessage, checkedAnswer } from '../api/completions.ts';
import { usageIn } from '../bulk/progress.ts';
import type { BulkJob } from '../bulk/run.ts';
import { promptFor } from '../input/rows/prompt-for.ts';
import { keyOf, restOf } from '../input/rows/row-key.ts';
import { literalText, template } from '../input/rows/template.ts';
import { Asker, type Asking, WrongAnswer } from './ask.ts';

/** What is asked of each row. */
export interface EachStructured {
  /** Of the command line. */
  readonly words: string;
  readonly field: string | undefined;
  readonly asking: Asking;
  messages(prompt: string): ChatMessage[];
}

/** Asks for a structure of each row. */
export function structuredJob({ words, field, asking, messages }: EachStructured, api: Api): BulkJob<string> {
  const asker = new Asker(asking);
  const about = words === '' ? undefined : (template(words) ?? literalText(words));
  const { schema, name, description, strict } = asking.structure;
  const rest = restOf([asking.request(messages('')), schema, name, description, strict, words, field]);
  return {
    key: (row) => keyOf(row, rest),
    prepare: (row) => promptFor(about, row, field),
    send: (prompts, signal) =>
      Promise.all(prompts.map((prompt) => api.each((own) => answered(prompt, own), signal))),
    batch: {
      endpoint: '/v1/chat/completions',
      body: (prompt) => asker.requestFor(messages(prompt)),
      read(answer) {
        const checked = checkedAnswer(answer, api);
        return { result: asker.read(checked), usage: usageIn(checked) };
      },
    },
  };

  async function answered(prompt: string, own: Api) {
    try {
      const { value, usage } = await asker.ask(messages(prompt), own);
      return { result: value, usage };
    } catch (error) {
      if (!(error instanceof WrongAnswer)) throw error;
      // What came may be of use all the same.
      return { result: error.raw, failure: error, usage: error.usage };
    }
  }
}
