import type { Api } from '../api/client.ts';
import type { EmbeddingFields } from '../api/embeddings.ts';
import { runJob } from '../bulk/job.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import type { BulkOptions } from '../flags/bulk.ts';
import type { GlobalOptions } from '../flags/global.ts';
import { embeddingJob } from './each.ts';
import type { TooLong } from './fit.ts';
import { refusePipe, tellPath, vectorTarget } from './output.ts';
import { type DenseFormat, vectorSink } from './vector-sink.ts';

export interface EmbedRowsOptions extends GlobalOptions, BulkOptions {
  readonly format: DenseFormat | 'jsonl' | undefined;
  readonly truncate?: boolean;
  readonly chunk?: boolean;
}

/** An answer of 2,048 vectors takes some 20 MB while it is read. */
const MOST_AT_ONCE = 2;

/** Embeds each row. @throws Failure or Stopped */
export async function embedRows(
  options: EmbedRowsOptions,
  fieldsFor: (api: Api) => EmbeddingFields,
  context: Context,
): Promise<void> {
  const { format = 'jsonl', field } = options;
  if (options.batch === true && format !== 'jsonl') {
    throw usageError(`-f ${format} does not go with --batch`, '-f jsonl does');
  }
  if (options.unordered === true && format !== 'jsonl' && format !== 'csv') {
    throw usageError(
      `-f ${format} does not say which vector is whose: no --unordered`,
      '-f jsonl and csv do',
    );
  }
  const { connect } = await import('../api/client.ts');
  const makeSink = format === 'jsonl' ? undefined : await denseSink(format, options, context);
  await runJob(
    options,
    (watcher) => connect(options, context, { watcher }),
    async (api) => {
      const fields = fieldsFor(api);
      const each = { field, fields, tooLong: tooLongFor(options), asVectors: format !== 'jsonl' };
      return { what: `embedding with ${fields.model}`, model: fields.model, job: embeddingJob(each, api) };
    },
    context,
    { makeSink, most: MOST_AT_ONCE },
  );
}

export function tooLongFor({ truncate, chunk }: Pick<EmbedRowsOptions, 'truncate' | 'chunk'>): TooLong {
  if (truncate === true) return 'truncate';
  return chunk === true ? 'chunk' : 'error';
}

async function denseSink(format: DenseFormat, options: EmbedRowsOptions, context: Context) {
  if (options.dryRun === true) return undefined;
  const target = await vectorTarget(format, options, context);
  refusePipe(format, target);
  return () => vectorSink(format, target, undefined, (path) => tellPath(path, context), context);
}
