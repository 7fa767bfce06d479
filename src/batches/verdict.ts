import type { Batch } from '../api/batches.ts';
import type { Context } from '../context.ts';
import { Failure } from '../errors.ts';
import { say } from '../output/messages.ts';

/** Lines of a failed validation that are shown. */
const MOST_ERRORS = 20;

/** Says what the API found wrong with the rows of a batch, a line each. */
export function sayBatchErrors({ id, errors }: Batch, context: Context): void {
  const all = errors?.data ?? [];
  // One alone is in the error itself.
  if (all.length < 2) return;
  for (const { line, message, param } of all.slice(0, MOST_ERRORS)) {
    const where = line == null ? id : `line ${line}`;
    say(context, `${where}: ${message ?? 'no reason is given'}${param == null ? '' : ` (${param})`}`);
  }
  if (all.length > MOST_ERRORS) say(context, `and ${all.length - MOST_ERRORS} more`);
}

/**
 * What is to be said of a batch that has ended otherwise than with all its rows done; undefined where it has not.
 * @param hint what the user can do about rows that failed
 */
export function batchVerdict(batch: Batch, hint: string | undefined): Failure | undefined {
  const { id, status } = batch;
  const { completed = 0, failed = 0, total = 0 } = batch.request_counts ?? {};
  if (status === 'failed') return failedBatch(batch);
  const done = `${completed} of ${total} rows are done`;
  if (status === 'cancelled') {
    return new Failure('partial', `${id} was cancelled: ${done}`, { hint, code: 'batch_cancelled' });
  }
  if (status === 'expired') {
    return new Failure('partial', `${id} expired: ${done}`, { hint, code: 'batch_expired' });
  }
  if (failed === 0) return undefined;
  return new Failure('partial', `${failed} of ${total} rows of ${id} failed`, { hint });
}

/** That a batch did not pass the API's look at its rows. */
export function failedBatch({ id, errors }: Batch): Failure {
  const [first] = errors?.data ?? [];
  const reason =
    first?.message === undefined ? 'the API does not say why' : `${placeOf(first.line)}${first.message}`;
  return new Failure('refused', `${id} failed before it began: ${reason}`, {
    hint: 'no row was done, and nothing is paid',
    code: first?.code ?? 'failed',
  });
}

function placeOf(line: number | null | undefined): string {
  return line == null ? '' : `line ${line}: `;
}

/** That a batch has no results yet. */
export function unfinished({ id, status, request_counts: counts }: Batch): Failure {
  const { completed = 0, total = 0 } = counts ?? {};
  const done = total === 0 ? '' : `: ${completed} of ${total} rows are done`;
  return new Failure('incomplete', `${id} is ${status}${done}`, {
    hint: '--wait waits for its results',
    code: status,
  });
}
