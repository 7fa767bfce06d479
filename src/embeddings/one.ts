import type { Api } from '../api/client.ts';
import { type EmbeddingFields, embed } from '../api/embeddings.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import type { GlobalOptions } from '../flags/global.ts';
import { writeJson } from '../output/json.ts';
import { startWaiting } from '../output/progress.ts';
import { fitText } from './fit.ts';
import { tellPath, vectorTarget } from './output.ts';
import { type EmbedRowsOptions, tooLongFor } from './rows.ts';
import { vectorSink } from './vector-sink.ts';
import { asNumbers, cosine, meanVector } from './vectors.ts';

interface OneOptions
  extends GlobalOptions,
    Pick<EmbedRowsOptions, 'truncate' | 'chunk' | 'format' | 'output' | 'force'> {}

/** The vector of one text. */
async function vectorOf(
  text: string,
  options: Pick<OneOptions, 'truncate' | 'chunk'>,
  fields: EmbeddingFields,
  api: Api,
) {
  const fitted = await fitText(text, tooLongFor(options));
  if ('problem' in fitted) throw usageError(`the text ${fitted.problem}`);
  const { vectors, usage, model } = await embed(api, fitted.chunks, fields);
  return { vector: meanVector(vectors, fitted.tokens), usage, model };
}

/** Embeds one text. @throws Failure or Stopped */
export async function embedOne(
  text: string,
  options: OneOptions,
  fields: EmbeddingFields,
  api: Api,
  context: Context,
): Promise<void> {
  const { format = 'json', json } = options;
  const target =
    json === true || format === 'jsonl' || api.dryRun
      ? undefined
      : await vectorTarget(format, options, context);
  const waiting = startWaiting(context, `embedding with ${fields.model}`);
  const { vector, usage, model } = await vectorOf(text, options, fields, api).finally(() => waiting.stop());
  const { stdout } = context;
  if (json === true) {
    const data = [{ object: 'embedding', index: 0, embedding: asNumbers(vector) }];
    await stdout.write(
      `${JSON.stringify({ object: 'list', data, model, ...(usage !== undefined && { usage }) })}\n`,
    );
  } else if (format === 'jsonl' || target === undefined) {
    await writeJson(stdout, { id: 1, result: asNumbers(vector), ...(usage !== undefined && { usage }) });
  } else if (format === 'json') {
    const path = await target.save(1, { extension: 'json', data: `${JSON.stringify(asNumbers(vector))}\n` });
    await tellPath(path, context);
  } else {
    const sink = vectorSink(format, target, 1, (path) => tellPath(path, context), context);
    await sink.write([{ row: 1, id: 1, key: '', result: vector }]);
    await sink.close(true);
  }
}

/** How alike two texts are. @throws Failure or Stopped */
export async function compareTexts(
  words: readonly string[],
  options: Pick<EmbedRowsOptions, 'truncate' | 'chunk' | 'json'>,
  fields: EmbeddingFields,
  api: Api,
  context: Context,
): Promise<void> {
  const [first, second] = words;
  if (
    words.length !== 2 ||
    first === undefined ||
    second === undefined ||
    first.trim() === '' ||
    second.trim() === ''
  ) {
    throw usageError(
      `--compare takes two texts, not ${words.length}`,
      'oai embed --compare "a cat sat" "a dog lay"',
    );
  }
  const a = await vectorOf(first, options, fields, api);
  const b = await vectorOf(second, options, fields, api);
  const similarity = Number(cosine(a.vector, b.vector).toFixed(6));
  if (options.json === true) await writeJson(context.stdout, { similarity, model: a.model });
  else await context.stdout.write(`${similarity}\n`);
}
