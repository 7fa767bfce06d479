import type { Command } from 'commander';
import { type Actions, runAction } from '../actions.ts';
import type { Api } from '../api/client.ts';
import { addFlags, type CommandModule } from '../command.ts';
import type { Context } from '../context.ts';
import type { GlobalOptions } from '../flags/global.ts';
import { text } from '../flags/values.ts';
import { writeJson, writeJsonLine } from '../output/json.ts';
import { inertText } from '../output/terminal.ts';
import { isPending } from '../responses/wait.ts';

export interface ResponseOptions extends GlobalOptions {
  /** Where files that tools have made are saved. */
  readonly output?: string;
}

type Options = ResponseOptions & { readonly words: readonly string[] };

function define(command: Command): void {
  command.argument('[action]', 'get, wait, cancel, delete or items').argument('[id...]', 'of a response');
  addFlags(command, [
    {
      flags: '-o, --output <folder>',
      help: 'get, wait: where files that it made are saved (default: here)',
      read: text,
    },
  ]);
}

const notes = `
Actions:
  get ID     what it says, as \`oai respond\` prints it; exit 8 until it is done
  wait ID    the same when it is done; stopped, the same command goes on waiting
  cancel ID  stop one that is made in the background
  delete ID  the API keeps it no longer
  items ID   what was put into it, each item a line of JSON`;

const examples = [
  { line: 'oai response wait "$(oai respond --background "a story")"', note: 'begun, and waited for' },
  { line: 'oai response get "$(oai respond --json hi | jq -r .id)"', note: 'one that the API keeps' },
  { line: 'oai response cancel "$(oai respond --background hi)"', note: 'no more of it is made' },
];

const ONE = { what: 'the id of a response', least: 1, most: 1 } as const;

const actions: Actions<ResponseOptions> = {
  name: 'response',
  example: 'oai response get resp_…',
  actions: {
    get: { flags: ['output'], words: ONE, run: get },
    wait: { flags: ['output'], words: ONE, run: wait },
    cancel: { flags: [], words: ONE, run: cancel },
    delete: { flags: [], words: ONE, run: remove },
    items: { flags: [], words: ONE, run: items },
  },
};

function run(options: Options, context: Context): Promise<void> {
  return runAction(actions, options, context);
}

async function connected(options: ResponseOptions, context: Context): Promise<Api> {
  const { connect } = await import('../api/client.ts');
  return connect(options, context);
}

async function get([id = '']: readonly string[], options: ResponseOptions, context: Context): Promise<void> {
  const { lookAt } = await import('../responses/kept-response.ts');
  const { showResponse } = await import('../responses/show-response.ts');
  const api = await connected(options, context);
  await showResponse(await lookAt(id, api, context), options, api, context);
}

async function wait([id = '']: readonly string[], options: ResponseOptions, context: Context): Promise<void> {
  const { pickUp } = await import('../responses/kept-response.ts');
  const { showResponse } = await import('../responses/show-response.ts');
  const api = await connected(options, context);
  await showResponse(await pickUp(id, api, context), options, api, context);
}

async function cancel(
  [id = '']: readonly string[],
  options: ResponseOptions,
  context: Context,
): Promise<void> {
  const { cancelResponse } = await import('../api/responses.ts');
  const { complete } = await import('../responses/kept-response.ts');
  const response = await cancelResponse(await connected(options, context), id);
  if (!isPending(response)) await complete(response, context);
  if (options.json === true) await writeJson(context.stdout, response);
  else await context.stdout.write(`${inertText(response.status ?? '')}\n`);
}

async function remove(
  [id = '']: readonly string[],
  options: ResponseOptions,
  context: Context,
): Promise<void> {
  const { deleteResponse } = await import('../api/responses.ts');
  const { giveUp } = await import('../responses/kept-response.ts');
  const answer = await deleteResponse(await connected(options, context), id);
  await giveUp(id, new Error('the response was deleted'), context);
  if (options.json === true) await writeJson(context.stdout, answer ?? { id, deleted: true });
  else await context.stdout.write(`${inertText(id)}\n`);
}

async function items(
  [id = '']: readonly string[],
  options: ResponseOptions,
  context: Context,
): Promise<void> {
  const { inputItemsOf } = await import('../api/responses.ts');
  const api = await connected(options, context);
  const all: unknown[] = [];
  for await (const item of inputItemsOf(api, id)) {
    if (options.json === true) all.push(item);
    else await writeJsonLine(context.stdout, item);
  }
  if (options.json === true) await writeJson(context.stdout, all);
}

export const response: CommandModule<ResponseOptions> = { define, examples, notes, run };
