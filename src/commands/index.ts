import type { Command } from 'commander';
import { type Actions, NO_WORDS, runAction } from '../actions.ts';
import { defaultModels } from '../api/models.ts';
import { addFlags, type CommandModule } from '../command.ts';
import type { Context } from '../context.ts';
import { integer, number, text } from '../flags/values.ts';
import type { AddOptions } from '../search/add.ts';
import { AT_ONCE, CHUNK_RANGE, DEFAULT_CHUNKING, DEFAULT_DB, TOP } from '../search/defaults.ts';
import type { SearchOptions } from '../search/find.ts';

export type IndexOptions = AddOptions & SearchOptions;

type Options = IndexOptions & { readonly words: readonly string[] };

function define(command: Command): void {
  command
    .argument('[action]', 'add, search, list, remove or info')
    .argument('[words...]', 'files, folders, patterns or - to add; what to search for');
  addFlags(command, [
    { flags: '--db <file>', help: `the index (default: ${DEFAULT_DB} here)`, read: text },
    {
      flags: '-m, --model <name>',
      help: `add: the model (default: that of the index, else ${defaultModels.embed})`,
      read: text,
    },
    {
      flags: '--dimensions <n>',
      help: 'add: numbers of a vector, fewer than the model makes',
      read: integer(1),
    },
    { flags: '--name <name>', help: 'add: what stdin is called (default: stdin)', read: text },
    {
      flags: '--chunk-tokens <n>',
      help: `add: the most tokens of a chunk (default: ${DEFAULT_CHUNKING.chunkTokens})`,
      read: integer(...CHUNK_RANGE),
    },
    {
      flags: '--overlap <n>',
      help: `add: tokens that chunks share (default: ${DEFAULT_CHUNKING.overlap})`,
      read: integer(0, CHUNK_RANGE[1] / 2),
    },
    { flags: '--prune', help: 'add: take files out that are there no more' },
    { flags: '--limit <n>', help: 'add: so many new or changed texts and no more', read: integer(1) },
    {
      flags: '-j, --concurrency <n>',
      help: `add: requests at the same time (default: ${AT_ONCE})`,
      read: integer(1, 64),
    },
    { flags: '-k, --top <n>', help: `search: results at most (default: ${TOP})`, read: integer(1, 1000) },
    {
      flags: '--min-score <n>',
      help: 'search: leave out what is less like it, -1 to 1',
      read: number(-1, 1),
    },
  ]);
}

const notes = `
Actions:
  add PATH…     index texts: what is new and what has changed, chunk by chunk.
                Prints the paths of those; stopped or killed, the same command
                goes on. Of folders: all text files below, none that are hidden.
  search WORDS  the chunks most like it, by the cosine of all vectors
  list          the texts in it
  remove PATH…  take texts out; the files stay
  info          model, dimensions, how much is in it

An index is one SQLite file. It holds the texts too, so that it is readable to
you alone. Paths are kept as seen from its folder: both can move together.`;

const examples = [
  { line: 'oai index add notes/ *.txt --db notes.db', note: 'again: only what has changed' },
  { line: 'oai index search "cats that sleep" --db notes.db', note: 'what is most like it' },
  { line: 'oai index search cats -k 1 --db notes.db | jq -r .path', note: 'for a script' },
  { line: 'oai index search cats --db notes.db | oai chat "where do they sleep?"', note: 'ask them' },
  { line: 'oai index add - --name chapter --db notes.db < chapter.txt', note: 'a pipe' },
  { line: 'oai index info --db notes.db', note: 'what is in it' },
];

const actions: Actions<IndexOptions> = {
  name: 'index',
  example: 'oai index add notes/',
  actions: {
    add: {
      flags: ['model', 'dimensions', 'name', 'chunkTokens', 'overlap', 'prune', 'limit', 'concurrency'],
      run: async (...given) => (await import('../search/add.ts')).addTexts(...given),
    },
    search: {
      flags: ['top', 'minScore', 'model', 'dimensions'],
      run: async (...given) => (await import('../search/find.ts')).searchIndex(...given),
    },
    list: {
      flags: [],
      words: NO_WORDS,
      run: async (_, ...given) => (await import('../search/contents.ts')).listTexts(...given),
    },
    remove: {
      flags: [],
      run: async (...given) => (await import('../search/contents.ts')).removeTexts(...given),
    },
    info: {
      flags: [],
      words: NO_WORDS,
      run: async (_, ...given) => (await import('../search/contents.ts')).describeIndex(...given),
    },
  },
};

function run(options: Options, context: Context): Promise<void> {
  return runAction(actions, options, context);
}

export const index: CommandModule<IndexOptions> = { define, examples, notes, run };
