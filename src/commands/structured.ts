import type { Command } from 'commander';
import type { Api } from '../api/client.ts';
import type { ChatMessage } from '../api/completions.ts';
import { defaultModels } from '../api/models.ts';
import { givenAttachments } from '../attachments/given.ts';
import { refuseSound } from '../chat/audio-model.ts';
import { messagesOf } from '../chat/messages.ts';
import { question } from '../chat/request.ts';
import { requestMaker } from '../chat/request-maker.ts';
import { addFlags, type CommandModule } from '../command.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import type { SchemaWord } from '../flags/answers.ts';
import { type AttachmentFlags, attachmentFlags } from '../flags/attachments.ts';
import { type BulkOptions, bulkFlags, rowsOf } from '../flags/bulk.ts';
import { type ChatFields, chatFlags } from '../flags/chat.ts';
import type { Flag } from '../flags/flag.ts';
import { type MessageFlags, messageFlags } from '../flags/messages.ts';
import { type RoleFlags, roleFlags } from '../flags/roles.ts';
import { type SamplingFlags, samplingFlags } from '../flags/sampling.ts';
import { choice, integer, text } from '../flags/values.ts';
import { readPrompt } from '../input/prompt.ts';
import { writeJson } from '../output/json.ts';
import { say, warn } from '../output/messages.ts';
import { startWaiting } from '../output/progress.ts';
import { inertText } from '../output/terminal.ts';
import { type Filling, withRole } from '../roles/use.ts';
import { Asker, type Asking, WrongAnswer } from '../structured/ask.ts';
import { type StructuredFormat, structuredFormats } from '../structured/show.ts';

export interface StructuredOptions
  extends ChatFields,
    RoleFlags,
    MessageFlags,
    AttachmentFlags,
    SamplingFlags,
    BulkOptions {
  readonly schema?: SchemaWord;
  readonly fields?: string;
  readonly multi?: boolean;
  readonly name?: string;
  readonly description?: string;
  readonly strict?: boolean;
  /** Times that a wrong answer is asked for anew. */
  readonly repair?: number;
  readonly format?: StructuredFormat;
  readonly pick?: string;
}

type Typed = StructuredOptions & { readonly words: readonly string[] };
type Options = Typed & Filling;

/** A wrong answer is asked for anew once. */
const REPAIR = 1;

const schemaFlag: Flag = {
  flags: '--schema <file>',
  help: 'the JSON Schema of the answer: a file, a URL, or - for stdin',
  read: text,
};

/** The flags that a role may set. */
const flagsOfRoles = [schemaFlag, ...chatFlags(defaultModels.chat), ...samplingFlags];

function define(command: Command): void {
  command.argument('[prompt...]', 'the question; `-` first or last is stdin');
  addFlags(command, [
    schemaFlag,
    { flags: '--fields <fields>', help: "the same in short: 'name, age int, tags [string]'", read: text },
    { flags: '--multi', help: 'a list of such values' },
    { flags: '--name <name>', help: 'what the schema is called (default: its title)', read: text },
    { flags: '--description <text>', help: 'what it is for, to the model', read: text },
    { flags: '--no-strict', help: 'send the schema as it is; nothing then makes the model keep to it' },
    {
      flags: '--repair <n>',
      help: `ask again for an answer that does not fit (default: ${REPAIR})`,
      read: integer(0, 20),
    },
    {
      flags: '-f, --format <format>',
      help: 'json, jsonl, csv or table (default: json)',
      read: choice(...structuredFormats),
    },
    {
      flags: '--pick <path>',
      help: 'one bare value of it: name, steps[0].output, or /steps/0/output',
      read: text,
    },
    ...chatFlags(defaultModels.chat),
  ]);
  addFlags(command, [...roleFlags, ...messageFlags()], 'What is said before:');
  addFlags(command, attachmentFlags, 'What goes along:');
  addFlags(command, samplingFlags, 'Sampling and service:');
  addFlags(command, bulkFlags, 'Rows:');
}

const notes = `
--fields: names with commas between them, each with its type if it is no text:
int, number, bool, date, (a|b), [type], {fields}; ? for what may be missing;
after a colon what it is: 'name, email?: of work, tags [string]'.
An answer that does not fit is asked for again, then it is exit 8, and stderr
has it; a refusal is exit 7.`;

const examples = [
  {
    line: "oai structured --sandbox --fields 'name, age int' 'Ann is 30'",
    note: 'no key needed',
  },
  { line: 'oai structured --schema invoice.json "read this" < invoice.txt', note: 'a JSON Schema, a text' },
  { line: "oai structured --fields 'name, email?' --multi -f csv < people.txt", note: 'a table' },
  { line: "oai structured -a invoice.pdf --fields 'number, total number'", note: 'of a PDF or an image' },
  { line: "oai structured --fields 'ok bool' --pick ok 'is 7 prime?'", note: 'one bare value' },
  {
    line: "oai structured --rows jsonl --fields 'mood (good|bad)' '{{text}}' < in.jsonl",
    note: 'each row by itself',
  },
];

async function run(typed: Typed, context: Context): Promise<void> {
  const options = await withRole(typed, flagsOfRoles, context);
  const isBulk = rowsOf(options) !== undefined;
  checkFlags(options, isBulk);
  if (isBulk) return runEach(options, context);
  const { connect } = await import('../api/client.ts');
  const api = await connect(options, context);
  const { readPath } = await import('../structured/pick.ts');
  const path = options.pick === undefined ? undefined : readPath(options.pick);
  const { asking, model, messages, given, isOptional } = await prepare(options, api, context);
  const prompt = await readPrompt(options.words, context, { isOptional });
  const waiting = startWaiting(context, `waiting for ${model}`);
  const found = await new Asker(asking)
    .ask(messages(prompt), api)
    .catch((error: unknown) => {
      waiting.stop();
      if (error instanceof WrongAnswer) tellWrong(error, context);
      throw error;
    })
    .finally(() => waiting.stop());
  if (options.json === true) return void (await writeJson(context.stdout, found.answer));
  const { show } = await import('../structured/show.ts');
  const { format = 'json', multi = false } = options;
  await show(found.value, { format, multi, path, schema: given }, context);
}

/** @throws Failure (usage) on flags that do not go together */
function checkFlags({ pick, format, json, output, concurrency }: StructuredOptions, isBulk: boolean): void {
  if (pick !== undefined && format !== undefined)
    throw usageError('--pick gives one bare value, without a --format');
  if (json === true && (pick ?? format) !== undefined) {
    throw usageError(
      `--json is the whole answer of the API, and --${pick === undefined ? 'format' : 'pick'} a part of it`,
    );
  }
  if (isBulk) {
    if (pick !== undefined || format !== undefined) {
      throw usageError(
        `--${pick === undefined ? 'format' : 'pick'} is for one answer; those of rows are JSON Lines`,
      );
    }
    return;
  }
  if (output !== undefined) throw usageError('-o is for rows here', 'an answer goes to stdout');
  if (concurrency !== undefined)
    throw usageError('-j is for rows here', 'add --rows lines, jsonl, csv or nul');
}

/** The schema, the request but for its question, and how messages are made. */
async function prepare(options: Options, api: Api, context: Context) {
  const { readSchema } = await import('../schemas/read-schema.ts');
  const { structureFor } = await import('../schemas/structure.ts');
  const schema = await readSchema(options, api, context);
  const structure = await structureFor(schema, options, context);
  const before = await messagesOf(options, context);
  const attached = await givenAttachments(options, options.words, api, context);
  if (attached.all.some(({ kind }) => kind === 'sound')) {
    refuseSound(api.settings.model('structured', options.model), api);
  }
  const maker = await requestMaker(options, api, context, 'structured');
  const asking: Asking = {
    structure,
    repair: options.repair ?? REPAIR,
    request: maker.request,
    onFallback: (form) =>
      warn(
        context,
        `this server knows no JSON Schema: going on with ${form === 'json' ? 'JSON mode' : 'a tool'}`,
      ),
  };
  const messages = (prompt: string): ChatMessage[] => [
    ...before,
    question(attached.content(options.fill(prompt))),
  ];
  const isOptional = attached.all.length > 0;
  return { asking, model: maker.model, messages, given: schema.schema, isOptional, most: attached.most };
}

/** What came is of use to somebody, and no result. */
function tellWrong({ raw }: WrongAnswer, context: Context): void {
  if (raw === '') return;
  say(context, 'what came in place of the answer:');
  context.stderr.write(`${inertText(raw)}\n`);
}

async function runEach(options: Options, context: Context): Promise<void> {
  const { runJob } = await import('../bulk/job.ts');
  const { structuredJob } = await import('../structured/each.ts');
  const { connect } = await import('../api/client.ts');
  await runJob(
    options,
    (watcher) => connect(options, context, { watcher }),
    async (api) => {
      const { asking, model, messages, most } = await prepare(options, api, context);
      const each = { words: options.words.join(' '), field: options.field, asking, messages };
      return { what: `asking ${model}`, model, job: structuredJob(each, api), most };
    },
    context,
  );
}

export const structured: CommandModule<StructuredOptions> = { define, examples, notes, run };
