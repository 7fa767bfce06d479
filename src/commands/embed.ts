import { extname } from 'node:path';
import type { Command } from 'commander';
import type { Api } from '../api/client.ts';
import type { EmbeddingFields } from '../api/embeddings.ts';
import { defaultModels } from '../api/models.ts';
import { noteRetirement } from '../api/notices.ts';
import { addFlags, type CommandModule } from '../command.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { type BulkOptions, bulkFlags, rowsOf } from '../flags/bulk.ts';
import type { GlobalOptions } from '../flags/global.ts';
import { choice, integer, text } from '../flags/values.ts';
import { readParams, withParams } from '../input/params.ts';
import { readTextArgument } from '../input/prompt.ts';

const formats = ['json', 'jsonl', 'csv', 'npy', 'f32'] as const;
export type EmbedFormat = (typeof formats)[number];

export interface EmbedOptions extends GlobalOptions, BulkOptions {
  readonly model?: string;
  /** Numbers of a vector. */
  readonly dimensions?: number;
  readonly user?: string;
  readonly format?: EmbedFormat;
  readonly truncate?: boolean;
  readonly chunk?: boolean;
  readonly compare?: boolean;
}

type Options = EmbedOptions & { readonly words: readonly string[] };

function define(command: Command): void {
  command.argument('[text...]', 'what to embed; without it, or for `-`, stdin is read');
  addFlags(command, [
    { flags: '-m, --model <name>', help: `the model (default: ${defaultModels.embed})`, read: text },
    { flags: '--dimensions <n>', help: 'numbers of a vector, fewer than the model makes', read: integer(1) },
    { flags: '--user <id>', help: 'whom it is for, as your own id', read: text },
    {
      flags: '-f, --format <format>',
      help: 'json, jsonl, csv, npy or f32 (default: as -o says; of rows jsonl, else json)',
      read: choice(...formats),
    },
    { flags: '--truncate', help: 'cut a text that is too long' },
    { flags: '--chunk', help: 'embed it in chunks; the vector is their mean, weighted by tokens' },
    { flags: '--compare', help: 'how alike two texts are: their cosine, -1 to 1' },
    ...bulkFlags,
  ]);
}

const notes = `
Rows are packed into as few requests as the limits allow. Results as JSON Lines
(-f jsonl) go on where a run with the same -o stopped; csv, npy and f32 are the
vectors alone, one after the other: of a row that failed they are NaN. f32 is
32-bit floats, little-endian; npy opens in NumPy and needs a file.`;

const examples = [
  { line: 'oai embed --sandbox "a cat sat" | jq length', note: 'no key needed' },
  { line: 'oai embed --each -o vectors.jsonl < texts.txt', note: 'again goes on where it stopped' },
  { line: 'oai embed --each --dimensions 256 -o vectors.npy < texts.txt', note: 'for NumPy' },
  { line: 'oai embed --compare "a cat sat" "a dog lay"', note: 'how alike they are' },
  { line: 'oai embed --chunk < chapter.txt > vector.json', note: 'a text of any length' },
];

async function run(options: Options, context: Context): Promise<void> {
  if (options.truncate === true && options.chunk === true) {
    throw usageError('--truncate and --chunk are two ways to treat the same text', 'choose one');
  }
  if (rowsOf(options) !== undefined) {
    if (options.words.length > 0)
      throw usageError('with --rows the rows are what is embedded', 'leave the text out');
    if (options.compare === true) throw usageError('--compare is for two texts, not for rows');
    const { embedRows } = await import('../embeddings/rows.ts');
    return embedRows(
      { ...options, format: formatOf(options) },
      (api) => fieldsFor(options, api, context),
      context,
    );
  }
  if (options.concurrency !== undefined)
    throw usageError('-j is for rows', 'add --rows lines, jsonl, csv or nul');
  const { connect } = await import('../api/client.ts');
  const api = await connect(options, context);
  const fields = fieldsFor(options, api, context);
  if (options.compare === true) {
    const { compareTexts } = await import('../embeddings/one.ts');
    return compareTexts(options.words, options, fields, api, context);
  }
  const said = await readTextArgument(options.words, context, 'text');
  const { embedOne } = await import('../embeddings/one.ts');
  await embedOne(said, { ...options, format: formatOf(options) }, fields, api, context);
}

const FORMATS: Readonly<Record<string, EmbedFormat>> = {
  '.json': 'json',
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.csv': 'csv',
  '.npy': 'npy',
  '.f32': 'f32',
};

/** @throws Failure (usage) where flag and name contradict each other */
function formatOf({ format, output }: EmbedOptions): EmbedFormat | undefined {
  const named = FORMATS[extname(output ?? '').toLowerCase()];
  if (format !== undefined && named !== undefined && format !== named) {
    throw usageError(`--format ${format} and -o ${output} contradict each other`);
  }
  return format ?? named;
}

function fieldsFor(
  { model: flag, dimensions, user, param }: EmbedOptions,
  api: Api,
  context: Context,
): EmbeddingFields {
  const params = readParams(param ?? []);
  for (const field of ['input', 'encoding_format']) {
    if (field in params) throw usageError(`--param ${field}: the command decides that`);
  }
  const model = api.settings.model('embed', flag) ?? defaultModels.embed;
  noteRetirement(model, api, context);
  return withParams(
    { model, ...(dimensions !== undefined && { dimensions }), ...(user !== undefined && { user }) },
    params,
  );
}

export const embed: CommandModule<EmbedOptions> = { define, examples, notes, run };
