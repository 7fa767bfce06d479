import type { Command } from 'commander';
import { type Actions, NO_WORDS, runAction } from '../actions.ts';
import type { Api } from '../api/client.ts';
import { checkIds } from '../api/ids.ts';
import { addFlags, type CommandModule } from '../command.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import type { GlobalOptions } from '../flags/global.ts';
import { labels, type Pair } from '../flags/metadata.ts';
import { tuningFlags } from '../flags/tuning.ts';
import { duration, integer, text } from '../flags/values.ts';
import { readParams } from '../input/params.ts';
import type { JsonObject } from '../json.ts';

export interface FinetuneOptions extends GlobalOptions {
  readonly model?: string;
  readonly validation?: string;
  readonly method?: 'supervised' | 'dpo' | 'reinforcement';
  readonly epochs?: number | 'auto';
  readonly batchSize?: number | 'auto';
  readonly learningRateMultiplier?: number | 'auto';
  readonly beta?: number | 'auto';
  /** A file. */
  readonly grader?: string;
  readonly seed?: number;
  readonly suffix?: string;
  readonly metadata?: readonly Pair[];
  readonly integration?: readonly JsonObject[];
  readonly follow?: boolean;
  readonly wait?: boolean;
  /** Ms. */
  readonly poll?: number;
  readonly after?: string;
  readonly limit?: number;
}

type Options = FinetuneOptions & { readonly words: readonly string[] };

function define(command: Command): void {
  command
    .argument('[action]', 'create, list, get, events, checkpoints, pause, resume or cancel')
    .argument('[word...]', 'create: a file of examples; else the id of a job');
  addFlags(command, tuningFlags, 'Create:');
  addFlags(
    command,
    [
      { flags: '--follow', help: 'create, events: print what happens, until the job has ended' },
      { flags: '--wait', help: 'create: print the name of the model, once it is there' },
      {
        flags: '--poll <duration>',
        help: 'look so often (default: each second at first, then less often)',
        read: duration,
      },
      { flags: '--after <id>', help: 'list, events: only what comes after this one', read: text },
      { flags: '--limit <n>', help: 'list, events: so many of the newest at most', read: integer(1) },
    ],
    'Following and lists:',
  );
}

const notes = `
Actions:
  create FILE     check the examples, send them, begin a job; prints its id
  list            your jobs: a table, or JSON Lines in a pipe
  get ID          how far a job is, and what it was asked for
  events ID       what happened and each step measured; --follow: until its end
  checkpoints ID  the states of the model that were kept
  pause ID, resume ID, cancel ID

FILE is JSON Lines: {"messages": […]} a line for supervised; with input,
preferred_output and non_preferred_output for dpo; ending with a question, and
with what a grader needs, for reinforcement. \`-\` reads stdin, and file-… is one
that the API has. All of it is checked before any of it is sent.

Who follows may leave: Ctrl-C says how to go on with the next event. A job that
fails is exit 4, one that was cancelled or paused exit 8.`;

const examples = [
  {
    line: 'oai finetune create train.jsonl -m gpt-4o-mini --follow --sandbox',
    note: 'the whole of it, with no key',
  },
  {
    line: 'oai chat -m "$(oai finetune create train.jsonl -m gpt-4o-mini --wait)" hi',
    note: 'begun, waited for, asked',
  },
  {
    line: 'oai finetune create pairs.jsonl -m gpt-4o-mini --method dpo --beta 0.2',
    note: 'learn what is better',
  },
  {
    line: 'oai finetune events "$(oai finetune list --limit 1 | jq -r .id)" --follow',
    note: 'come back to it',
  },
  { line: 'oai finetune list --metadata project=x', note: 'yours' },
];

const JOB = { what: 'the id of a job', least: 1, most: 1 } as const;
const MADE_FOR: readonly (keyof FinetuneOptions & string)[] = [
  'model',
  'validation',
  'method',
  'epochs',
  'batchSize',
  'learningRateMultiplier',
  'beta',
  'grader',
  'seed',
  'suffix',
  'metadata',
  'integration',
  'follow',
  'wait',
  'poll',
];

const actions: Actions<FinetuneOptions> = {
  name: 'finetune',
  example: 'oai finetune create train.jsonl -m gpt-4.1-mini-2025-04-14 --follow',
  actions: {
    create: {
      flags: MADE_FOR,
      words: { what: 'a file of examples, or its id', least: 1, most: 1 },
      run: create,
    },
    list: { flags: ['limit', 'after', 'metadata'], words: NO_WORDS, run: list },
    get: { flags: [], words: JOB, run: get },
    events: { flags: ['follow', 'poll', 'after', 'limit'], words: JOB, run: events },
    checkpoints: { flags: [], words: JOB, run: checkpoints },
    pause: {
      flags: [],
      words: JOB,
      run: (words, options, context) => direct('pause', words, options, context),
    },
    resume: {
      flags: [],
      words: JOB,
      run: (words, options, context) => direct('resume', words, options, context),
    },
    cancel: {
      flags: [],
      words: JOB,
      run: (words, options, context) => direct('cancel', words, options, context),
    },
  },
};

function run(options: Options, context: Context): Promise<void> {
  return runAction(actions, options, context);
}

/** Does something with a job that the API has. @throws Failure (usage) where the word is no id, or `--param` is there */
async function withJob(
  [id = '']: readonly string[],
  options: FinetuneOptions,
  context: Context,
  work: (id: string, api: Api) => Promise<void>,
): Promise<void> {
  if (options.param !== undefined) throw usageError('--param is for finetune create and list');
  checkIds([id], 'a job', '`oai finetune list` shows yours');
  const { connect } = await import('../api/client.ts');
  const { withFineTune } = await import('../finetune/unknown.ts');
  const api = await connect(options, context);
  await withFineTune(id, api, () => work(id, api));
}

async function create(
  [training = '']: readonly string[],
  options: FinetuneOptions,
  context: Context,
): Promise<void> {
  const { model, method = 'supervised', integration: integrations, follow, wait, poll } = options;
  if (model === undefined) {
    throw usageError('finetune create needs -m: the model to tune', '-m gpt-4.1-mini-2025-04-14');
  }
  if (poll !== undefined && follow !== true && wait !== true) {
    throw usageError('--poll goes with --follow or --wait');
  }
  const { beginFineTune } = await import('../finetune/create.ts');
  const { readGrader } = await import('../finetune/grader.ts');
  const { showBegun, showFollowed } = await import('../finetune/following.ts');
  const grader = options.grader === undefined ? undefined : await readGrader(options.grader, context);
  const wanted = { ...options, model, method, training, grader, integrations, params: options.param ?? [] };
  const { connect } = await import('../api/client.ts');
  const { api, job } = await beginFineTune(wanted, () => connect(options, context), context);
  if (follow === true || wait === true) await showFollowed(job.id, { ...options, isNew: true }, api, context);
  else await showBegun(job, options, context);
}

async function list(_: readonly string[], options: FinetuneOptions, context: Context): Promise<void> {
  const { metadata, limit, after, json } = options;
  const query = { limit, after, metadata: metadata && labels(metadata) };
  const params = readParams(options.param ?? []);
  const { connect } = await import('../api/client.ts');
  const { listFineTunes } = await import('../api/fine-tunes.ts');
  const { fineTuneColumns } = await import('../finetune/show.ts');
  const { writePages } = await import('../output/pages.ts');
  const api = await connect(options, context);
  const shown = { json, empty: 'there are no such jobs' };
  await writePages(listFineTunes(api, query, params), fineTuneColumns, shown, context);
}

function get(words: readonly string[], options: FinetuneOptions, context: Context): Promise<void> {
  return withJob(words, options, context, async (id, api) => {
    const { readFineTune } = await import('../api/fine-tunes.ts');
    const { showFineTune } = await import('../finetune/show.ts');
    await showFineTune(await readFineTune(api, id), options, context);
  });
}

function events(words: readonly string[], options: FinetuneOptions, context: Context): Promise<void> {
  const { follow, poll, limit } = options;
  if (poll !== undefined && follow !== true) throw usageError('--poll goes with --follow');
  if (limit !== undefined && follow === true)
    throw usageError('--limit is for a list, and --follow has no end');
  return withJob(words, options, context, async (id, api) => {
    const { showEvents, showFollowed } = await import('../finetune/following.ts');
    if (follow === true) await showFollowed(id, { ...options, isNew: false }, api, context);
    else await showEvents(id, options, api, context);
  });
}

function checkpoints(words: readonly string[], options: FinetuneOptions, context: Context): Promise<void> {
  return withJob(words, options, context, async (id, api) => {
    const { listFineTuneCheckpoints } = await import('../api/fine-tunes.ts');
    const { checkpointColumns } = await import('../finetune/show.ts');
    const { writePages } = await import('../output/pages.ts');
    const shown = { json: options.json, empty: `${id} has kept no checkpoints yet` };
    await writePages(listFineTuneCheckpoints(api, id), checkpointColumns, shown, context);
  });
}

function direct(
  what: 'pause' | 'resume' | 'cancel',
  words: readonly string[],
  options: FinetuneOptions,
  context: Context,
): Promise<void> {
  return withJob(words, options, context, async (id, api) => {
    const { directFineTune } = await import('../api/fine-tunes.ts');
    const { showStatus } = await import('../finetune/show.ts');
    await showStatus(await directFineTune(api, id, what), options, context);
  });
}

/** `oai finetune`: jobs that make models of your own. */
export const finetune: CommandModule<FinetuneOptions> = { define, examples, notes, run };
