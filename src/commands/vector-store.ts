import type { Command } from 'commander';
import { type Actions, NO_WORDS, runAction } from '../actions.ts';
import type { Api } from '../api/client.ts';
import type { VectorStore } from '../api/vector-stores.ts';
import { addFlags, type CommandModule } from '../command.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { listFlags, searchFlags, storeFileFlags, storeFlags } from '../flags/vector-stores.ts';
import { writeJson } from '../output/json.ts';
import { say } from '../output/messages.ts';
import { quoted } from '../output/shell.ts';
import { inertText } from '../output/terminal.ts';
import type { AddOptions } from '../vector-stores/add-plan.ts';
import type { StoreFileOptions } from '../vector-stores/files.ts';
import type { SearchOptions } from '../vector-stores/search.ts';
import type { StoreOptions } from '../vector-stores/stores.ts';

export type VectorStoreOptions = AddOptions & SearchOptions & StoreFileOptions & StoreOptions;

type Options = VectorStoreOptions & { readonly words: readonly string[] };

function define(command: Command): void {
  command
    .argument('[action]', 'list, create, get, add, files, search, update, remove or delete')
    .argument('[words...]', 'a store, by its id or its name; files; a question');
  addFlags(command, storeFlags);
  addFlags(command, storeFileFlags, 'Files:');
  addFlags(command, searchFlags, 'Search:');
  addFlags(command, listFlags, 'Lists:');
}

const notes = `
Actions:
  list                  your stores
  create [PATH…]        make one, print its id; with paths, add them to it
  get STORE             one of them
  add STORE PATH…       files, folders with all below them, patterns, ids of
                        uploaded files. Prints the paths of what is new. What
                        the store has is not sent again, what has changed takes
                        its old place; cut, the same command goes on
  files STORE           the files in it
  search STORE WORDS    the passages most like it
  update STORE [FILE…]  another name, end or labels; for files: attributes
  remove STORE FILE…    take files out, by id or path; they stay uploaded
  delete STORE…         you are asked, or say --yes; its files stay uploaded

STORE is an id or a name. Files keep where they come from and their checksum in
the attributes path, root and sha256; 13 more are yours.`;

const examples = [
  { line: 'oai vector-store create notes/ --name docs --expires-after 30d', note: 'made and filled' },
  {
    line: "oai vector-store add docs 'notes/**/*.md' --attribute lang=en",
    note: 'again: only what is new',
  },
  { line: 'oai vector-store search docs "where do cats sleep?" -k 3', note: 'passages, the best first' },
  { line: `oai vector-store search docs cats --filter 'lang=en and year>=2024'`, note: 'of some files' },
  { line: 'oai vector-store files docs --status failed', note: 'what could not be read, and why' },
  {
    line: 'oai respond "cats?" --file-search $(oai vector-store get docs | jq -r .id)',
    note: 'ask them',
  },
];

const ONE_STORE = { what: 'a vector store', least: 1, most: 1 } as const;
const ANY = Number.POSITIVE_INFINITY;
const ADD_FLAGS = ['attribute', 'chunkSize', 'chunkOverlap', 'concurrency', 'force'] as const;

const actions: Actions<VectorStoreOptions> = {
  name: 'vector-store',
  example: 'oai vector-store list',
  actions: {
    list: {
      flags: ['limit', 'order', 'after'],
      words: NO_WORDS,
      run: async (_, ...given) => (await import('../vector-stores/stores.ts')).showStores(...given),
    },
    create: { flags: ['name', 'expiresAfter', 'metadata', ...ADD_FLAGS], run: create },
    get: {
      flags: [],
      words: ONE_STORE,
      run: async ([word = ''], ...given) =>
        (await import('../vector-stores/stores.ts')).showStore(word, ...given),
    },
    add: {
      flags: ADD_FLAGS,
      words: { what: 'a vector store and what to add to it', least: 2, most: ANY },
      run: add,
    },
    files: {
      flags: ['status', 'limit', 'order', 'after'],
      words: ONE_STORE,
      run: async ([word = ''], ...given) =>
        (await import('../vector-stores/files.ts')).showFiles(word, ...given),
    },
    search: {
      flags: ['top', 'filter', 'rewriteQuery', 'ranker', 'scoreThreshold'],
      run: async (words, ...given) => {
        if ((words[0] ?? '').trim() === '')
          throw usageError('vector-store search needs a vector store, and a question');
        return (await import('../vector-stores/search.ts')).searchPassages(words, ...given);
      },
    },
    update: {
      flags: ['name', 'expiresAfter', 'metadata', 'attribute'],
      words: { what: 'a vector store, or one and files of it', least: 1, most: ANY },
      run: update,
    },
    remove: {
      flags: ['deleteFiles', 'yes'],
      words: { what: 'a vector store and files of it', least: 2, most: ANY },
      run: async (...given) => (await import('../vector-stores/files.ts')).removeFiles(...given),
    },
    delete: {
      flags: ['deleteFiles', 'yes'],
      words: { what: 'vector stores', least: 1, most: ANY },
      run: async (...given) => (await import('../vector-stores/stores.ts')).deleteStores(...given),
    },
  },
};

/** Whose requests have no fields of their own, or are many. */
const WITHOUT_PARAMS = ['get', 'add', 'remove', 'delete'];

async function run(options: Options, context: Context): Promise<void> {
  const [action = ''] = options.words;
  if (options.param !== undefined && WITHOUT_PARAMS.includes(action)) {
    throw usageError(`--param means nothing to vector-store ${action}`);
  }
  await runAction(actions, options, context);
}

async function add(
  [word = '', ...words]: readonly string[],
  options: VectorStoreOptions,
  context: Context,
): Promise<void> {
  refuseNone(options, 'add');
  const { addToStore } = await import('../vector-stores/add.ts');
  const { planAdd } = await import('../vector-stores/add-plan.ts');
  const { connect } = await import('../api/client.ts');
  const told = options.json === true ? 'json' : 'paths';
  const plan = await planAdd(words, options, told, context);
  await addToStore(word, plan, await connect(options, context), context);
}

/** With paths, it is filled at once: the way back to that is another command. */
async function create(
  words: readonly string[],
  options: VectorStoreOptions,
  context: Context,
): Promise<void> {
  refuseNone(options, 'create');
  const { makeStore } = await import('../vector-stores/stores.ts');
  const stray = ADD_FLAGS.find((flag) => options[flag] !== undefined);
  if (words.length === 0 && stray !== undefined) {
    throw usageError(
      'there is nothing to add to the new store',
      'name files or folders: oai vector-store create notes/',
    );
  }
  const { addToStore } = await import('../vector-stores/add.ts');
  const { planAdd } = await import('../vector-stores/add-plan.ts');
  const plan = words.length === 0 ? undefined : await planAdd(words, options, 'nothing', context);
  const { api, store } = await makeStore(options, context);
  const goesOn = addLine(store.id, words, options);
  if (options.json !== true) await context.stdout.write(`${inertText(store.id)}\n`);
  try {
    if (plan !== undefined) await addToStore(store.id, { ...plan, goesOn }, api, context);
  } catch (error) {
    // The sandbox of one command forgets it.
    if (!api.settings.sandbox) say(context, `the store is made; this goes on: ${goesOn}`);
    throw error;
  } finally {
    if (options.json === true) await writeJson(context.stdout, await asItIs(store, api));
  }
}

/** What fills a store that is made as `create` would have done. */
function addLine(id: string, words: readonly string[], options: VectorStoreOptions): string {
  const { attribute, chunkSize, chunkOverlap, concurrency } = options;
  const given = [
    ...(attribute || []).flatMap((pair) => ['--attribute', pair.join('=')]),
    ...(chunkSize === undefined ? [] : ['--chunk-size', String(chunkSize)]),
    ...(chunkOverlap === undefined ? [] : ['--chunk-overlap', String(chunkOverlap)]),
    ...(concurrency === undefined ? [] : ['-j', String(concurrency)]),
    ...(words.some((word) => word.startsWith('-')) ? ['--'] : []),
  ];
  return `oai vector-store add ${[...given, id, ...words].map(quoted).join(' ')}`;
}

/** The store as it is by now; as it was made, where that cannot be asked. */
async function asItIs(store: VectorStore, api: Api): Promise<VectorStore> {
  const { retrieveStore } = await import('../api/vector-stores.ts');
  return retrieveStore(api, store.id).catch(() => store);
}

/** @throws Failure (usage) on the flag that takes attributes away where there are none yet */
function refuseNone({ attribute }: VectorStoreOptions, action: string): void {
  if (attribute === false) throw usageError(`--no-attribute means nothing to vector-store ${action}`);
}

async function update(
  words: readonly string[],
  options: VectorStoreOptions,
  context: Context,
): Promise<void> {
  const [word = '', ...files] = words;
  if (files.length === 0) {
    if (options.attribute !== undefined) {
      throw usageError(
        'attributes are of files: name one after the store',
        'oai vector-store update STORE FILE --attribute name=value',
      );
    }
    return (await import('../vector-stores/stores.ts')).changeStore(word, options, context);
  }
  const stray = (['name', 'expiresAfter', 'metadata'] as const).find((flag) => options[flag] !== undefined);
  if (stray !== undefined) throw usageError(`${files[0]} is a file, and takes --attribute alone`);
  return (await import('../vector-stores/files.ts')).changeFiles(words, options, context);
}

/** `oai vector-store`: files that the API searches. */
export const vectorStore: CommandModule<VectorStoreOptions> = { define, examples, notes, run };
