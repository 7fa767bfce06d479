import type { Command } from 'commander';
import { type Actions, NO_WORDS, runAction } from '../actions.ts';
import type { Batch, BatchEndpoint } from '../api/batches.ts';
import type { Api } from '../api/client.ts';
import { checkIds } from '../api/ids.ts';
import { addFlags, type CommandModule } from '../command.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { type BatchOptions, batchFlags } from '../flags/batches.ts';
import { labels } from '../flags/metadata.ts';
import { readParams } from '../input/params.ts';

type Options = BatchOptions & { readonly words: readonly string[] };

function define(command: Command): void {
  command
    .argument('[action]', 'create, list, get, wait, results or cancel')
    .argument('[file or id...]', 'the requests to create one from, or the id of a batch');
  addFlags(command, batchFlags);
}

const notes = `
Actions:
  create FILE  begin one: JSON Lines of {"custom_id","method":"POST","url",
               "body"}; - is stdin, file-… one that the API has
  list         yours, the newest first: a table, or JSON Lines in a pipe
  get ID       how far it is
  wait ID      the same once it has ended; exit 9 where rows failed
  results ID   a line for each row, in the order of the input: its response or
               its error, as the API wrote it
  cancel ID    end it early: what is done by then is kept, and paid

A batch is done within a day, at half the price, and goes on by itself: a run
that is stopped says how to come back, and the same command with -o goes on
where it was, by OUTPUT.batch; nothing is begun twice. No line is sent while
one is wrong. Exit 9: some rows have no response, and are named; 4: the batch
failed before it began. --timeout is for each request, not for the wait.

You need not write the requests: oai chat --rows csv --batch -o out.jsonl
"sum it up" makes them of your rows, and so do embed, moderate and structured.`;

const examples = [
  { line: 'oai batch create requests.jsonl --wait -o out.jsonl', note: 'from requests to results' },
  { line: 'oai batch wait "$(oai batch create requests.jsonl)"', note: 'begin it now, wait later' },
  {
    line: 'oai batch results "$(oai batch create requests.jsonl)" --wait | jq .custom_id',
    note: 'results in a pipe',
  },
  { line: 'oai batch list --limit 5', note: 'your newest' },
  { line: 'oai batch cancel "$(oai batch create requests.jsonl)"', note: 'no more of it is done' },
];

const ONE_ID = { what: 'the id of a batch', least: 1, most: 1 } as const;

const actions: Actions<BatchOptions> = {
  name: 'batch',
  example: 'oai batch create in.jsonl --wait -o out.jsonl',
  actions: {
    create: {
      flags: [
        'wait',
        'poll',
        'output',
        'force',
        'endpoint',
        'lint',
        'completionWindow',
        'metadata',
        'outputExpiresAfter',
      ],
      words: { what: 'a file of requests', least: 0, most: 1 },
      run: create,
    },
    list: { flags: ['limit', 'after'], words: NO_WORDS, run: list },
    get: { flags: [], words: ONE_ID, run: get },
    wait: { flags: ['poll'], words: ONE_ID, run: wait },
    results: {
      flags: ['wait', 'poll', 'output', 'force', 'errors', 'failedInput', 'input'],
      words: ONE_ID,
      run: results,
    },
    cancel: { flags: [], words: ONE_ID, run: cancel },
  },
};

function run(options: Options, context: Context): Promise<void> {
  return runAction(actions, options, context);
}

async function connected(options: BatchOptions, context: Context): Promise<Api> {
  const { connect } = await import('../api/client.ts');
  return connect(options, context);
}

/** Does something with a batch. @throws Failure (usage) where the word is no id, or `--param` is there */
async function withOne<T>(
  [id = '']: readonly string[],
  options: BatchOptions,
  context: Context,
  work: (id: string, api: Api) => Promise<T>,
): Promise<T> {
  if (options.param !== undefined) throw usageError('--param is for batch create and list');
  checkIds([id], 'a batch', '`oai batch list` shows yours');
  const { withBatch } = await import('../batches/unknown.ts');
  const api = await connected(options, context);
  return withBatch(id, api, () => work(id, api));
}

async function create([word]: readonly string[], options: BatchOptions, context: Context): Promise<void> {
  const { wait: waits = false, output, force = false, poll } = options;
  if (!waits && output !== undefined) throw usageError('-o is where results go', 'add --wait to have them');
  if (!waits && poll !== undefined) throw usageError('--poll goes with --wait');
  const { createAndDeliver } = await import('../batches/create.ts');
  const api = await connected(options, context);
  const wanted = {
    input: {
      word,
      endpoint: options.endpoint === undefined ? undefined : await endpointNamed(options.endpoint),
      lint: options.lint ?? true,
    },
    wishes: {
      window: options.completionWindow,
      metadata: options.metadata && labels(options.metadata),
      outputExpiresAfter: options.outputExpiresAfter,
      params: readParams(options.param ?? []),
    },
    wait: waits,
    poll,
    delivery: { wanted: 'results', output, force, json: options.json === true } as const,
  };
  await createAndDeliver(wanted, api, context);
}

/** @throws Failure (usage) where a batch cannot be sent there */
async function endpointNamed(typed: string): Promise<BatchEndpoint> {
  const { BATCH_ENDPOINTS, isBatchEndpoint } = await import('../files/lint-batch.ts');
  const path = `/v1/${typed.replace(/^\/?(?:v1\/)?/, '')}`;
  if (isBatchEndpoint(path)) return path;
  throw usageError(`--endpoint ${typed} is not one of ${BATCH_ENDPOINTS.join(', ')}`);
}

async function list(_: readonly string[], options: BatchOptions, context: Context): Promise<void> {
  const { json, limit, after } = options;
  const { listBatches } = await import('../api/batches.ts');
  const { batchColumns } = await import('../batches/show.ts');
  const { writePages } = await import('../output/pages.ts');
  const params = readParams(options.param ?? []);
  const api = await connected(options, context);
  const pages = listBatches(api, { limit, after }, params);
  await writePages<Batch>(pages, batchColumns, { json, empty: 'there are no batches' }, context);
}

async function get(words: readonly string[], options: BatchOptions, context: Context): Promise<void> {
  const { readBatch } = await import('../api/batches.ts');
  const { showBatch } = await import('../batches/show.ts');
  const { sayBatchErrors } = await import('../batches/verdict.ts');
  await withOne(words, options, context, async (id, api) => {
    const batch = await readBatch(api, id);
    await showBatch(batch, options, context);
    if (context.stdout.isTTY) sayBatchErrors(batch, context);
  });
}

async function wait(words: readonly string[], options: BatchOptions, context: Context): Promise<void> {
  const { waitForBatch } = await import('../batches/wait.ts');
  const { showBatch } = await import('../batches/show.ts');
  const { sayBatchUsage } = await import('../batches/usage.ts');
  const { batchVerdict, sayBatchErrors } = await import('../batches/verdict.ts');
  await withOne(words, options, context, async (id, api) => {
    const how = { poll: options.poll, comeBack: `oai batch wait ${id}`, isBegun: false };
    const batch = await waitForBatch(id, how, api, context);
    await showBatch(batch, options, context);
    sayBatchErrors(batch, context);
    await sayBatchUsage(batch, api, context);
    const judged = batchVerdict(batch, `oai batch results ${id} has the others, and why`);
    if (judged !== undefined) throw judged;
  });
}

async function results(words: readonly string[], options: BatchOptions, context: Context): Promise<void> {
  const { wait: waits = false, output, force = false, errors, failedInput, poll, input } = options;
  if (!waits && poll !== undefined) throw usageError('--poll goes with --wait');
  if (errors === true && failedInput === true) {
    throw usageError('--errors and --failed-input are different lines', 'leave out one of the two');
  }
  const { checkDelivery, refuseInput } = await import('../batches/deliver.ts');
  const { deliverOne } = await import('../batches/create.ts');
  const wanted = errors === true ? 'errors' : failedInput === true ? 'failed input' : 'results';
  const delivery = { wanted, output, force, json: options.json === true } as const;
  await checkDelivery(delivery, context);
  if (input !== undefined) await refuseInput(delivery, input, context);
  await withOne(words, options, context, (id, api) =>
    deliverOne({ id, wait: waits, poll, input, delivery }, api, context),
  );
}

async function cancel(words: readonly string[], options: BatchOptions, context: Context): Promise<void> {
  const { endEarly } = await import('../batches/cancel.ts');
  const { showBatch } = await import('../batches/show.ts');
  await withOne(words, options, context, async (id, api) => {
    await showBatch(await endEarly(id, api, context), options, context);
  });
}

/** `oai batch`: many requests at half the price, within a day. */
export const batch: CommandModule<BatchOptions> = { define, examples, notes, run };
