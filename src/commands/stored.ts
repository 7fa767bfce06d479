import type { Command } from 'commander';
import { type Actions, NO_WORDS, runAction } from '../actions.ts';
import type { Api } from '../api/client.ts';
import type { ChatAnswer } from '../api/completions.ts';
import { checkIds } from '../api/ids.ts';
import type { StoredMessage } from '../api/stored.ts';
import { textOf } from '../chat/answer.ts';
import { wholeChoices } from '../chat/whole.ts';
import { addFlags, type CommandModule } from '../command.ts';
import type { Context } from '../context.ts';
import { Failure, usageError } from '../errors.ts';
import type { GlobalOptions } from '../flags/global.ts';
import { labels, type Pair } from '../flags/metadata.ts';
import { assignment, choice, integer, text } from '../flags/values.ts';
import { readParams } from '../input/params.ts';
import { isObject } from '../json.ts';
import { deleteEach } from '../output/each-of.ts';
import { writeJson } from '../output/json.ts';
import { labelsText } from '../output/labels.ts';
import { writePages } from '../output/pages.ts';
import { type Columns, writeRows } from '../output/table.ts';
import { TextStream } from '../output/text.ts';
import { timeText } from '../output/time.ts';

export interface StoredOptions extends GlobalOptions {
  readonly model?: string;
  /** False after `--no-metadata`. */
  readonly metadata?: readonly Pair[] | false;
  readonly limit?: number;
  readonly order?: 'asc' | 'desc';
  readonly after?: string;
  readonly yes?: boolean;
}

type Options = StoredOptions & { readonly words: readonly string[] };

function define(command: Command): void {
  command
    .argument('[action]', 'list, get, messages, update or delete')
    .argument('[ids...]', 'the completions that it is about');
  addFlags(command, [
    { flags: '-m, --model <name>', help: 'list: those of this model', read: text },
    {
      flags: '--metadata <name=value>',
      help: 'list: those with this label; update: the labels to be; repeatable',
      read: assignment,
      repeatable: true,
    },
    { flags: '--no-metadata', help: 'update: no labels at all' },
    { flags: '--limit <n>', help: 'list: so many at most (default: all)', read: integer(1) },
    {
      flags: '--order <order>',
      help: 'list: asc (the oldest first, the default) or desc',
      read: choice('asc', 'desc'),
    },
    { flags: '--after <id>', help: 'list: only what comes after this one', read: text },
    { flags: '--yes', help: 'delete: without asking' },
  ]);
}

const notes = `
Actions:
  list         what is kept: a table, or JSON Lines in a pipe
  get ID       its answer; --json has all of it
  messages ID  what was asked
  update ID    give it the labels of --metadata in place of those that it has
  delete ID…   forget it; you are asked, or say --yes

The API keeps what was asked for with --store: oai chat --store
--metadata project=x "hello". Labels are up to 16 of 64 and 512 characters.`;

const examples = [
  { line: 'oai stored list --metadata project=x', note: 'those with a label' },
  {
    line: 'oai stored get "$(oai stored list --limit 1 --order desc | jq -r .id)"',
    note: 'the last answer, again',
  },
  {
    line: 'oai stored list -m gpt-6-luna | jq -r .id | xargs oai stored delete --yes',
    note: 'forget those of a model',
  },
];

const ONE_ID = { what: 'the id of one completion', least: 1, most: 1 } as const;

const actions: Actions<StoredOptions> = {
  name: 'stored',
  example: 'oai stored list',
  actions: {
    list: { flags: ['model', 'metadata', 'limit', 'order', 'after'], words: NO_WORDS, run: list },
    get: { flags: [], words: ONE_ID, run: get },
    messages: { flags: [], words: ONE_ID, run: messages },
    update: { flags: ['metadata'], words: ONE_ID, run: update },
    delete: {
      flags: ['yes'],
      words: { what: 'the ids of completions', least: 1, most: Number.POSITIVE_INFINITY },
      run: remove,
    },
  },
};

function run(options: Options, context: Context): Promise<void> {
  return runAction(actions, options, context);
}

const HINT = '`oai stored list` shows what is kept';
const NONE = 'nothing is kept that fits';

/** Does what needs the API, with a word on what it may mean that it has no such thing. */
async function withApi(
  options: StoredOptions,
  context: Context,
  work: (api: Api) => Promise<void>,
): Promise<void> {
  const { connect } = await import('../api/client.ts');
  const api = await connect(options, context);
  try {
    await work(api);
  } catch (error) {
    throw explained(error, api);
  }
}

const columns: Columns<ChatAnswer> = {
  ID: ({ id }) => id,
  CREATED: ({ created }) => timeText(created),
  MODEL: ({ model }) => model,
  LABELS: ({ metadata }) => labelsText(metadata),
  ANSWER: (answer) => beginning(answerTexts(answer)[0] ?? ''),
};

/** Characters of an answer or a question that a table shows. */
const SHOWN = 60;

function beginning(whole: string): string {
  const line = [
    ...whole
      .trim()
      .slice(0, 2 * SHOWN)
      .replace(/\s+/g, ' '),
  ];
  return line.length > SHOWN ? `${line.slice(0, SHOWN - 1).join('')}…` : line.join('');
}

/** The text of each choice: what it says, why it does not, or what it calls. */
function answerTexts(answer: ChatAnswer): string[] {
  return wholeChoices(answer).map(
    ({ text, refusal, toolCalls }) =>
      text || refusal || (toolCalls.length > 0 ? JSON.stringify(toolCalls) : ''),
  );
}

async function list(_: readonly string[], options: StoredOptions, context: Context): Promise<void> {
  const { metadata, ...query } = options;
  if (metadata === false) throw usageError('--no-metadata is for stored update');
  const { model, limit, order, after } = query;
  const filter = { model, limit, order, after, metadata: metadata && labels(metadata) };
  const params = readParams(options.param ?? []);
  const { listStored } = await import('../api/stored.ts');
  await withApi(options, context, (api) =>
    writePages(listStored(api, filter, params), columns, { json: options.json, empty: NONE }, context),
  );
}

async function messages(ids: readonly string[], options: StoredOptions, context: Context): Promise<void> {
  checkIds(ids, 'a completion', HINT);
  const [id = ''] = ids;
  const shown: Columns<StoredMessage> = {
    ROLE: ({ role }) => role,
    MESSAGE: (message) => beginning(said(message)),
  };
  const params = readParams(options.param ?? []);
  const { listMessages } = await import('../api/stored.ts');
  await withApi(options, context, (api) =>
    writePages(listMessages(api, id, params), shown, { json: options.json, empty: NONE }, context),
  );
}

/** What a message says, and what stands in it beside text. */
function said({ content, content_parts: parts, tool_calls: calls }: StoredMessage): string {
  const shown = (Array.isArray(parts) ? parts : []).map((part: unknown) => {
    if (!isObject(part)) return '';
    return part['type'] === 'text' ? textOf(part['text']) : `[${part['type']}]`;
  });
  return textOf(content) || shown.join(' ') || (calls === undefined ? '' : JSON.stringify(calls));
}

async function get(ids: readonly string[], options: StoredOptions, context: Context): Promise<void> {
  checkIds(ids, 'a completion', HINT);
  const [id = ''] = ids;
  const params = readParams(options.param ?? []);
  const { readStored } = await import('../api/stored.ts');
  await withApi(options, context, async (api) => {
    const answer = await readStored(api, id, params);
    if (options.json === true) return void (await writeJson(context.stdout, answer));
    for (const answerText of answerTexts(answer)) {
      const out = new TextStream(context.stdout);
      await out.write(answerText);
      await out.end();
    }
  });
}

async function update(ids: readonly string[], options: StoredOptions, context: Context): Promise<void> {
  checkIds(ids, 'a completion', HINT);
  const [id = ''] = ids;
  const { metadata, json } = options;
  if (metadata === undefined) {
    throw usageError('stored update needs --metadata name=value', '--no-metadata takes all labels away');
  }
  const wanted = labels(metadata === false ? [] : metadata);
  const params = readParams(options.param ?? []);
  const { labelStored } = await import('../api/stored.ts');
  await withApi(options, context, async (api) => {
    const answer = await labelStored(api, id, wanted, params);
    if (json === true) await writeJson(context.stdout, answer);
    else await writeRows(context, [answer], columns, false);
  });
}

async function remove(ids: readonly string[], options: StoredOptions, context: Context): Promise<void> {
  checkIds(ids, 'a completion', HINT);
  if (options.param !== undefined) throw usageError('--param means nothing to stored delete');
  const named = [...new Set(ids)];
  const { mayDelete } = await import('../input/ask.ts');
  const what = named.length === 1 ? ids[0] : `${named.length} completions`;
  if (!(await mayDelete(what ?? '', options, context))) return;
  const { deleteStored } = await import('../api/stored.ts');
  await withApi(options, context, async (api) => {
    await deleteEach(named, (id) => deleteStored(api, id), options.json === true, context);
  });
}

function isMissing(error: unknown): error is Failure {
  return error instanceof Failure && error.status === 404;
}

/** A refusal with a word on what to do about it. */
function explained(error: unknown, { settings }: Api): unknown {
  const absent = isMissing(error) || (error instanceof Failure && error.status === 405);
  if (!absent) return error;
  const { code, status, requestId } = error;
  const kept = settings.isOpenAI ? 'with --store' : 'with --store, of a server that keeps any';
  const hint = settings.sandbox
    ? 'the sandbox of one command forgets with its end: `oai sandbox` remembers while it runs'
    : `${HINT}: answers that were asked for ${kept}`;
  return new Failure(error.kind, error.message, { hint, code, status, requestId, cause: error });
}

/** `oai stored`: the chat completions that the API was asked to keep. */
export const stored: CommandModule<StoredOptions> = { define, examples, notes, run };
