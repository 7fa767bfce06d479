import type { Command } from 'commander';
import { type Actions, NO_WORDS, runAction } from '../actions.ts';
import { addFlags, type CommandModule } from '../command.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import type { GlobalOptions } from '../flags/global.ts';
import { integer, text } from '../flags/values.ts';
import { mayDelete } from '../input/ask.ts';
import { writeJson } from '../output/json.ts';
import { writeRows } from '../output/table.ts';

export interface ModelsOptions extends GlobalOptions {
  /** Days. */
  readonly retiring?: number;
  readonly model?: readonly string[];
  readonly yes?: boolean;
}

type Options = ModelsOptions & { readonly words: readonly string[] };

function define(command: Command): void {
  command.argument('[action]', 'list (the usual one), get or delete').argument('[name...]', 'a model');
  addFlags(command, [
    {
      flags: '--retiring <days>',
      help: 'list: those in use that end within so many days; exit 11 where there are any',
      read: integer(0, 36_500),
    },
    {
      flags: '--model <name>',
      help: 'list: with --retiring, look at this one too; repeatable',
      read: text,
      repeatable: true,
    },
    { flags: '--yes', help: 'delete: without asking' },
  ]);
}

const notes = `
Actions:
  list         the models that your key may use: whose they are, when they were
               made, when they end, and what this program uses them for
  get NAME     one of them
  delete NAME  a fine-tuned model of your own

On a terminal a table, elsewhere JSON Lines: {"id","owned_by","created",
"shutdown_date","days_left","used_for"}. --json is the API's answer.
--retiring looks at the default models, those of your config and --model.`;

const examples = [
  { line: 'oai models', note: 'what there is' },
  { line: 'oai models --sandbox', note: 'no key needed' },
  { line: 'oai models --retiring 30 || echo "one ends"', note: 'for CI: exit 11' },
  { line: 'oai models --retiring 9 --model gpt-6-sol || ./mail-us', note: 'and one that a script uses' },
  { line: 'oai models get gpt-6-luna --json | jq -r .owned_by', note: 'one of them' },
  { line: 'oai models | jq -r .id | grep image', note: 'names for a script' },
];

const actions: Actions<ModelsOptions> = {
  name: 'models',
  usual: 'list',
  example: 'oai models list',
  actions: {
    list: { flags: ['retiring', 'model'], words: NO_WORDS, run: list },
    get: { flags: [], words: { what: 'a model', least: 1, most: 1 }, run: get },
    delete: { flags: ['yes'], words: { what: 'a model', least: 1, most: 1 }, run: remove },
  },
};

function run(options: Options, context: Context): Promise<void> {
  return runAction(actions, options, context);
}

async function list(_: readonly string[], options: ModelsOptions, context: Context): Promise<void> {
  const { retiring: days, model: named = [] } = options;
  if (days === undefined && named.length > 0) {
    throw usageError('--model goes with --retiring', '`oai models get NAME` shows one model');
  }
  const { connect } = await import('../api/client.ts');
  const { listModels } = await import('../api/model-list.ts');
  const { usesOf } = await import('../model-list/uses.ts');
  const { modelColumns, modelRow } = await import('../model-list/rows.ts');
  const api = await connect(options, context);
  const { answer, models } = await listModels(api);
  if (!api.settings.sandbox && !api.replays) {
    const { rememberModels } = await import('../model-list/remembered.ts');
    const names = models.map(({ id }) => id);
    await rememberModels(context, api.settings.baseUrl, names);
  }
  const uses = usesOf(api);
  const now = context.clock.now();
  if (days === undefined) {
    if (options.json === true) return void (await writeJson(context.stdout, answer));
    const rows = models.map((model) => modelRow(model, api, uses, now));
    rows.sort((a, b) => (b.created ?? 0) - (a.created ?? 0) || (a.id < b.id ? -1 : 1));
    return writeRows(context, rows, modelColumns, false);
  }
  const { retiring, retirementFailure } = await import('../model-list/retiring.ts');
  const rows = retiring({ models, uses, named: named.map(unaliased), now }, days, api);
  if (options.json === true || rows.length > 0)
    await writeRows(context, rows, modelColumns, options.json === true);
  const failure = retirementFailure(rows, days);
  if (failure !== undefined) throw failure;

  function unaliased(name: string): string {
    return api.settings.model('chat', name) ?? name;
  }
}

async function get([name = '']: readonly string[], options: ModelsOptions, context: Context): Promise<void> {
  const { connect } = await import('../api/client.ts');
  const { retrieveModel } = await import('../api/model-list.ts');
  const { usesOf } = await import('../model-list/uses.ts');
  const { modelColumns, modelRow } = await import('../model-list/rows.ts');
  const api = await connect(options, context);
  const model = await retrieveModel(api, name);
  if (options.json === true) return void (await writeJson(context.stdout, model));
  await writeRows(context, [modelRow(model, api, usesOf(api), context.clock.now())], modelColumns, false);
}

async function remove(
  [name = '']: readonly string[],
  options: ModelsOptions,
  context: Context,
): Promise<void> {
  if (!(await mayDelete(name, options, context))) return;
  const { connect } = await import('../api/client.ts');
  const { deleteModel } = await import('../api/model-list.ts');
  const api = await connect(options, context);
  const answer = await deleteModel(api, name);
  if (options.json === true) await writeJson(context.stdout, answer);
  else await context.stdout.write(`${name}\n`);
}

export const models: CommandModule<ModelsOptions> = { define, examples, notes, run };
