import type { Command } from 'commander';
import { type Actions, NO_WORDS, runAction } from '../actions.ts';
import { addFlags, type CommandModule } from '../command.ts';
import type { Context } from '../context.ts';
import { choice, duration, integer, text } from '../flags/values.ts';
import type { HistoryOptions } from '../history/reading.ts';

type Options = HistoryOptions & { readonly words: readonly string[] };

function define(command: Command): void {
  command
    .argument('[action]', 'list, show, search, export, rename, delete, usage or path')
    .argument('[words...]', 'conversations; words to search for; a new name');
  addFlags(command, [
    { flags: '--limit <n>', help: 'list, search: so many and no more (default: 100)', read: integer(1) },
    { flags: '--all', help: 'list, search, export, delete: every one' },
    { flags: '--raw', help: 'show: Markdown as it is, on a terminal too' },
    {
      flags: '-f, --format <format>',
      help: 'export: jsonl, json or md (default: jsonl)',
      read: choice('jsonl', 'json', 'md'),
    },
    { flags: '-o, --output <file>', help: 'export: into a file, for you alone (0600)', read: text },
    { flags: '--force', help: 'export: replace a file that exists' },
    {
      flags: '--older-than <duration>',
      help: 'delete: what was not used for so long, e.g. 30d',
      read: duration,
    },
    { flags: '--yes', help: 'delete: do not ask' },
    { flags: '--by <what>', help: 'usage: by day or model (default: day)', read: choice('day', 'model') },
  ]);
}

const notes = `
Actions:
  list            conversations, the newest first (also: \`oai history\`)
  show [NAME]     what was said, as Markdown; --json: with tokens, times, costs
  search WORDS    messages that have all of the words, in any case
  export [NAME]   messages that \`oai chat --messages\` reads, or Markdown
  rename NAME NEW give a conversation a name
  delete NAME…    what was attached to it alone goes too; asks at a terminal
  usage           exchanges, tokens and cost (at today's prices)
  path            where it is kept

NAME is a name, an id, or the first four digits of one or more; without it, the
last conversation. Exchanges are kept at a terminal, and where --history,
OAI_HISTORY=1 or \`oai config set history true\` asks for it; --no-history and
their opposites keep nothing. All of it is readable to you alone.`;

const examples = [
  { line: 'oai history list', note: 'what is kept' },
  { line: 'oai history show cats', note: 'what was said' },
  { line: 'oai history search cats sleep | jq -r .line', note: 'where was it said?' },
  { line: 'oai history export cats > cats.jsonl', note: 'for oai chat --messages' },
  { line: 'oai history show --json | jq ".exchanges[-1].outputTokens"', note: 'what the last answer took' },
  { line: 'oai history rename cats pets', note: 'another name' },
  { line: 'oai history delete cats --yes', note: 'for good' },
  { line: 'oai history usage --by model', note: 'what it cost' },
];

const load = () => import('../history/actions.ts');

const ONE = { what: 'one conversation', least: 0, most: 1 } as const;

const actions: Actions<HistoryOptions> = {
  name: 'history',
  example: 'oai history list',
  usual: 'list',
  actions: {
    list: {
      flags: ['limit', 'all'],
      words: NO_WORDS,
      run: async (_, ...given) => (await load()).listHistory(...given),
    },
    show: {
      flags: ['raw'],
      words: ONE,
      run: async (...given) => (await load()).showHistory(...given),
    },
    search: {
      flags: ['limit', 'all'],
      run: async (...given) => (await load()).searchHistory(...given),
    },
    export: {
      flags: ['all', 'format', 'output', 'force'],
      words: ONE,
      run: async (...given) => (await load()).exportHistory(...given),
    },
    rename: {
      flags: [],
      words: { what: 'a conversation and its new name', least: 2, most: 2 },
      run: async (words, _, context) => (await load()).renameHistory(words, context),
    },
    delete: {
      flags: ['all', 'olderThan', 'yes'],
      run: async (...given) => (await load()).removeHistory(...given),
    },
    usage: {
      flags: ['by'],
      words: NO_WORDS,
      run: async (_, ...given) => (await load()).showUsage(...given),
    },
    path: {
      flags: [],
      words: NO_WORDS,
      run: async (_, __, context) => {
        const { neededPlace } = await import('../history/place.ts');
        await context.stdout.write(`${neededPlace(context).database}\n`);
      },
    },
  },
};

function run(options: Options, context: Context): Promise<void> {
  return runAction(actions, options, context);
}

export const history: CommandModule<HistoryOptions> = { define, examples, notes, run };
