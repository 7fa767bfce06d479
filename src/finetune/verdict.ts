import type { FineTuneJob } from '../api/fine-tunes.ts';
import { Failure } from '../errors.ts';
import { quoted } from '../output/shell.ts';

/** What is to be said of a job that goes on no more and has made no model; undefined where it has. */
export function fineTuneVerdict({ id, status, error }: FineTuneJob): Failure | undefined {
  if (status === 'succeeded') return undefined;
  if (status === 'failed') {
    const reason = error?.message || 'the API does not say why';
    const code = error?.code || 'failed';
    const hint = hintFor(code, id);
    return new Failure('refused', `${id} failed: ${reason}`, { code, hint });
  }
  if (status === 'cancelled') {
    return new Failure('incomplete', `${id} was cancelled`, {
      code: status,
      hint: `\`oai finetune checkpoints ${quoted(id)}\` has what it made by then`,
    });
  }
  return new Failure('incomplete', `${id} is ${status.replace('_', ' ')}`, {
    code: status,
    hint: `oai finetune resume ${quoted(id)}, then oai finetune events ${quoted(id)} --follow`,
  });
}

function hintFor(code: string, id: string): string {
  return /file|examples|n_examples/.test(code)
    ? 'mend the file, and begin another job'
    : `\`oai finetune events ${quoted(id)}\` has what happened before`;
}
