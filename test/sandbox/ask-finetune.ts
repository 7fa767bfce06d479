import type {
  FineTuningJob,
  FineTuningJobCheckpoint,
  FineTuningJobEvent,
} from 'openai/resources/fine-tuning/jobs';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { type Answer, ask, type ErrorAnswer } from './ask.ts';
import { upload } from './ask-batches.ts';

export const JOBS = '/fine_tuning/jobs';
export const MODEL = 'gpt-4.1-mini-2025-04-14';

/** One example of chat. */
export function chatRow(n: number): object {
  return {
    messages: [
      { role: 'user', content: `What is ${n}?` },
      { role: 'assistant', content: `It is ${n}, said with a smile.` },
    ],
  };
}

/** One pair of answers of which the first is better. */
export function preferenceRow(n: number): object {
  return {
    input: { messages: [{ role: 'user', content: `What is ${n}?` }] },
    preferred_output: [{ role: 'assistant', content: 'Fine.' }],
    non_preferred_output: [{ role: 'assistant', content: 'Bad.' }],
  };
}

/** One question whose answers a grader judges. */
export function gradedRow(n: number): object {
  return { messages: [{ role: 'user', content: `What is ${n}?` }], answer: String(n) };
}

/** A file of so many rows. */
export function rowsOf(count: number, row: (n: number) => object = chatRow): string {
  return Array.from({ length: count }, (_, index) => `${JSON.stringify(row(index + 1))}\n`).join('');
}

export const GRADER = {
  type: 'string_check',
  name: 'exact',
  input: '{{sample.output_text}}',
  reference: '{{item.answer}}',
  operation: 'eq',
};

export function accepted<Body>({ status, body }: Answer<Body | ErrorAnswer>): Body {
  if (status !== 200) throw new Error(`refused: ${JSON.stringify(body)}`);
  return body as Body;
}

export async function uploaded(text: string, of: Sandbox, purpose = 'fine-tune'): Promise<string> {
  return (await upload(text, of, { purpose })).id;
}

/** A job that learns from these rows; fails when the sandbox refuses. */
export async function begun(of: Sandbox, text = rowsOf(10), fields: object = {}): Promise<FineTuningJob> {
  const body = { model: MODEL, training_file: await uploaded(text, of), ...fields };
  return accepted(await ask<FineTuningJob>('POST', JOBS, body, { of }));
}

export async function look({ id }: { id: string }, of: Sandbox): Promise<FineTuningJob> {
  return accepted(await ask<FineTuningJob>('GET', `${JOBS}/${id}`, undefined, { of }));
}

/** Looks until the job does not change any more. */
export async function ended(job: { id: string }, of: Sandbox): Promise<FineTuningJob> {
  for (let turn = 0; turn < 20; turn++) {
    const now = await look(job, of);
    if (now.finished_at !== null) return now;
  }
  throw new Error('it never ends');
}

interface Page<Item> {
  readonly data: Item[];
  readonly has_more: boolean;
}

export async function eventPage(
  { id }: { id: string },
  of: Sandbox,
  query = '',
): Promise<Page<FineTuningJobEvent>> {
  return accepted(
    await ask<Page<FineTuningJobEvent>>('GET', `${JOBS}/${id}/events${query}`, undefined, { of }),
  );
}

export async function checkpointsOf({ id }: { id: string }, of: Sandbox): Promise<FineTuningJobCheckpoint[]> {
  const page = await ask<Page<FineTuningJobCheckpoint>>('GET', `${JOBS}/${id}/checkpoints`, undefined, {
    of,
  });
  return accepted(page).data;
}

/** `pause`, `resume` or `cancel`. */
export function direct(what: string, { id }: { id: string }, of: Sandbox): Promise<Answer<FineTuningJob>> {
  return ask<FineTuningJob>('POST', `${JOBS}/${id}/${what}`, undefined, { of });
}
