import type { Command } from 'commander';
import { type Actions, runAction } from '../actions.ts';
import type { Api } from '../api/client.ts';
import type { ResponseAnswer } from '../api/responses.ts';
import { answerOutput } from '../chat/answer-output.ts';
import { addFlags, type CommandModule } from '../command.ts';
import type { Context } from '../context.ts';
import type { GlobalOptions } from '../flags/global.ts';
import { text } from '../flags/values.ts';
import { writeJson, writeJsonLine } from '../output/json.ts';
import { inertText } from '../output/terminal.ts';

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
  const { retrieveResponse } = await import('../api/responses.ts');
  const api = await connected(options, context);
  await show(await retrieveResponse(api, id), options, api, context);
}

async function wait([id = '']: readonly string[], options: ResponseOptions, context: Context): Promise<void> {
  const { waitForResponse } = await import('../responses/wait.ts');
  const api = await connected(options, context);
  await show(await waitForResponse(id, api, context), options, api, context);
}

/** Prints a response as `respond` does. @throws what is wrong with it, once it is printed */
async function show(
  response: ResponseAnswer,
  options: ResponseOptions,
  api: Api,
  context: Context,
): Promise<void> {
  const { sayCitations } = await import('../responses/citations.ts');
  const { MadeFiles } = await import('../responses/made-files.ts');
  const { responseText } = await import('../responses/turn.ts');
  const { openCalls, responseVerdict } = await import('../responses/verdict.ts');
  if (options.json === true) await writeJson(context.stdout, response);
  else {
    const isJson = response.text?.format?.type?.startsWith('json') === true;
    const shown = {
      ...options,
      output: undefined,
      force: undefined,
      subject: response.id,
      isText: true,
      isJson,
    };
    const out = (await answerOutput(shown, api, context)).sink();
    await out.write(responseText(response));
    await out.end();
    const calls = openCalls(response);
    if (calls.length > 0) await writeJson(context.stdout, { id: response.id, calls });
    await new MadeFiles(options.output, response.id, api, context).saveAndTell(response.output);
    sayCitations(response.output, context);
  }
  // Whoever asked for it is not here to say whether a cut answer will do.
  const judged = responseVerdict(response, response.max_output_tokens != null);
  if (judged !== undefined) throw judged;
}

async function cancel(
  [id = '']: readonly string[],
  options: ResponseOptions,
  context: Context,
): Promise<void> {
  const { cancelResponse } = await import('../api/responses.ts');
  const response = await cancelResponse(await connected(options, context), id);
  if (options.json === true) await writeJson(context.stdout, response);
  else await context.stdout.write(`${inertText(response.status ?? '')}\n`);
}

async function remove(
  [id = '']: readonly string[],
  options: ResponseOptions,
  context: Context,
): Promise<void> {
  const { deleteResponse } = await import('../api/responses.ts');
  const answer = await deleteResponse(await connected(options, context), id);
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
