import type { Command } from 'commander';
import { type Actions, NO_WORDS, runAction } from '../actions.ts';
import type { Api } from '../api/client.ts';
import type { FilePurpose, StoredFile } from '../api/files.ts';
import { addFlags, type CommandModule } from '../command.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import type { LintPurpose } from '../files/lint.ts';
import type { FineTuneMethod } from '../files/lint-fine-tune.ts';
import type { FileReport } from '../files/show-lint.ts';
import type { GlobalOptions } from '../flags/global.ts';
import { lifetime } from '../flags/lifetime.ts';
import { byteSize, choice, integer, text } from '../flags/values.ts';
import { readParams } from '../input/params.ts';
import { writeJson, writeJsonLine } from '../output/json.ts';
import { writePages } from '../output/pages.ts';
import { sizeText } from '../output/size.ts';
import { type Columns, writeRows } from '../output/table.ts';
import { timeText } from '../output/time.ts';

export interface FilesOptions extends GlobalOptions {
  /** For `list` any word: there are more purposes than files can be uploaded for. */
  readonly purpose?: string;
  /** Seconds. */
  readonly expiresAfter?: number;
  readonly name?: string;
  /** Bytes. */
  readonly partSize?: number;
  /** False after `--no-lint`. */
  readonly lint?: boolean;
  readonly for?: LintPurpose;
  readonly method?: FineTuneMethod;
  readonly model?: string;
  readonly limit?: number;
  readonly order?: 'asc' | 'desc';
  readonly after?: string;
  readonly output?: string;
  readonly force?: boolean;
  readonly yes?: boolean;
}

type Options = FilesOptions & { readonly words: readonly string[] };

/** Bytes of a part (OpenAPI, `POST /uploads/{upload_id}/parts`). */
const MOST_PART_BYTES = 64 * 1024 ** 2;

function define(command: Command): void {
  command
    .argument('[action]', 'upload, list, get, content, delete or lint')
    .argument('[files...]', 'files for upload and lint (`-` is stdin), ids for the others');
  addFlags(command, [
    {
      flags: '--purpose <purpose>',
      help: 'upload: what it is for (default: user_data); list: those for it',
      read: text,
    },
    {
      flags: '--expires-after <duration>',
      help: 'upload: the API deletes it then: 1h to 30d',
      read: lifetime,
    },
    { flags: '--name <name>', help: 'upload: what the API is to call it', read: text },
    {
      flags: '--part-size <size>',
      help: 'upload: in parts of this size (default: 16m, of what is over 512 MB)',
      read: byteSize(MOST_PART_BYTES),
    },
    { flags: '--no-lint', help: 'upload: rows for batch and fine-tune are not looked at first' },
    { flags: '--for <use>', help: 'lint: batch or fine-tune', read: choice('batch', 'fine-tune') },
    {
      flags: '--method <method>',
      help: 'lint: rows for supervised, dpo or reinforcement (default: what they are)',
      read: choice('supervised', 'dpo', 'reinforcement'),
    },
    { flags: '-m, --model <name>', help: 'lint: whose tokens, where rows name no model', read: text },
    { flags: '--limit <n>', help: 'list: so many at most (default: all)', read: integer(1) },
    {
      flags: '--order <order>',
      help: 'list: desc (the newest first, the default) or asc',
      read: choice('asc', 'desc'),
    },
    { flags: '--after <id>', help: 'list: only what comes after this one', read: text },
    { flags: '-o, --output <file>', help: 'content: save it there: a file or a directory', read: text },
    { flags: '--force', help: 'content: replace the file of -o' },
    { flags: '--yes', help: 'delete: without asking' },
  ]);
}

const notes = `
Actions:
  upload FILE…  send files, and print their ids; 'data/*.pdf' names several
  list          what there is: a table, or JSON Lines in a pipe
  get ID…       what is known of a file
  content ID    its bytes, to stdout or -o
  delete ID…    forget it; you are asked, or say --yes
  lint FILE…    look at rows for a batch or for fine-tuning, and send nothing:
                exit 11 where one is wrong

Over 512 MB a file goes in parts, several at once, and its MD5 checksum is
compared. Stopped, killed or cut, the same command within the hour sends what
is missing.`;

const examples = [
  {
    line: 'oai files upload requests.jsonl --purpose batch --expires-after 7d',
    note: 'checked, sent; prints the id',
  },
  {
    line: 'oai files lint train.jsonl --for fine-tune',
    note: 'lines that are wrong, and tokens; sends nothing',
  },
  { line: 'oai files list --purpose batch --limit 10 | jq -r .id', note: 'the ten newest' },
  {
    line: 'oai files content "$(oai files upload train.jsonl --purpose fine-tune)"',
    note: 'there and back',
  },
  {
    line: 'oai files list --purpose vision | jq -r .id | xargs -r oai files delete --yes',
    note: 'forget those',
  },
];

const ANY = Number.POSITIVE_INFINITY;
const IDS = { what: 'the ids of files', least: 1, most: ANY } as const;

const actions: Actions<FilesOptions> = {
  name: 'files',
  example: 'oai files list',
  actions: {
    upload: {
      flags: ['purpose', 'expiresAfter', 'name', 'partSize', 'lint'],
      words: { what: 'the names of files', least: 1, most: ANY },
      run: upload,
    },
    list: { flags: ['purpose', 'limit', 'order', 'after'], words: NO_WORDS, run: list },
    get: { flags: [], words: IDS, run: get },
    content: {
      flags: ['output', 'force'],
      words: { what: 'the id of one file', least: 1, most: 1 },
      run: content,
    },
    delete: { flags: ['yes'], words: IDS, run: remove },
    lint: {
      flags: ['for', 'method', 'model'],
      words: { what: 'the names of files', least: 1, most: ANY },
      run: lint,
    },
  },
};

function run(options: Options, context: Context): Promise<void> {
  return runAction(actions, options, context);
}

async function connected(options: FilesOptions, context: Context): Promise<Api> {
  const { connect } = await import('../api/client.ts');
  return connect(options, context);
}

const columns: Columns<StoredFile> = {
  ID: ({ id }) => id,
  PURPOSE: ({ purpose }) => purpose,
  SIZE: ({ bytes }) => (typeof bytes === 'number' ? sizeText(bytes) : null),
  CREATED: ({ created_at }) => timeText(created_at),
  EXPIRES: ({ expires_at }) => timeText(expires_at),
  NAME: ({ filename }) => filename,
};

async function upload(words: readonly string[], options: FilesOptions, context: Context): Promise<void> {
  const purpose = await uploadPurpose(options.purpose);
  const { expiresAfter, partSize, name, lint: isLinted = true, json = false } = options;
  const params = readParams(options.param ?? []);
  const { givenFiles } = await import('../files/given-files.ts');
  const { lintedFor, sendEach, sendFile } = await import('../files/upload.ts');
  const extension = lintedFor(purpose) === undefined ? '' : '.jsonl';
  const files = await givenFiles(words, { name, extension }, context);
  const api = await connected(options, context);
  const sending = { purpose, expiresAfter, partSize, params, lint: isLinted };
  const show = async (file: StoredFile) => {
    if (!json) await context.stdout.write(`${file.id}\n`);
    else if (files.length === 1) await writeJson(context.stdout, file);
    else await writeJsonLine(context.stdout, file);
  };
  await sendEach(files, (file) => sendFile(api, file, sending, context), show, context);
}

/** @throws Failure (usage) for one that files cannot be uploaded for */
async function uploadPurpose(named = 'user_data'): Promise<FilePurpose> {
  const { FILE_PURPOSES } = await import('../api/files.ts');
  return choice(...FILE_PURPOSES)(named, '--purpose');
}

async function list(_: readonly string[], options: FilesOptions, context: Context): Promise<void> {
  const { purpose, limit, order, after, json } = options;
  const params = readParams(options.param ?? []);
  const { listFiles } = await import('../api/files.ts');
  const api = await connected(options, context);
  const pages = listFiles(api, { purpose, limit, order, after }, params);
  await writePages(pages, columns, { json, empty: 'there are no files that fit' }, context);
}

async function get(ids: readonly string[], options: FilesOptions, context: Context): Promise<void> {
  const { checkFileIds, withFileId } = await import('../files/nearest-file.ts');
  checkFileIds(ids);
  const params = readParams(options.param ?? []);
  const { retrieveFile } = await import('../api/files.ts');
  const { eachOf } = await import('../output/each-of.ts');
  const api = await connected(options, context);
  const found: StoredFile[] = [];
  try {
    await eachOf(ids, 'found', context, async (id) => {
      found.push(await withFileId(api, id, () => retrieveFile(api, id, params)));
    });
  } finally {
    if (options.json === true && ids.length === 1 && found.length === 1) {
      await writeJson(context.stdout, found[0]);
    } else if (found.length > 0) await writeRows(context, found, columns, options.json === true);
  }
}

async function content(ids: readonly string[], options: FilesOptions, context: Context): Promise<void> {
  const [id = ''] = ids;
  const { checkFileIds } = await import('../files/nearest-file.ts');
  checkFileIds(ids);
  const { output, force = false } = options;
  if (force && output === undefined) throw usageError('--force is for the file of -o', '-o FILE --force');
  const { giveContent } = await import('../files/content.ts');
  await giveContent(await connected(options, context), id, { output, force }, context);
}

async function remove(ids: readonly string[], options: FilesOptions, context: Context): Promise<void> {
  const { checkFileIds, withFileId } = await import('../files/nearest-file.ts');
  checkFileIds(ids);
  if (options.param !== undefined) throw usageError('--param means nothing to files delete');
  const named = [...new Set(ids)];
  const { mayDelete } = await import('../input/ask.ts');
  const what = named.length === 1 ? named[0] : `${named.length} files`;
  if (!(await mayDelete(what ?? '', options, context))) return;
  const { deleteFile } = await import('../api/files.ts');
  const { deleteEach } = await import('../output/each-of.ts');
  const api = await connected(options, context);
  const forget = (id: string) => withFileId(api, id, () => deleteFile(api, id));
  await deleteEach(named, forget, options.json === true, context);
}

async function lint(words: readonly string[], options: FilesOptions, context: Context): Promise<void> {
  const { for: use, method, model, json = false } = options;
  if (use === undefined) throw usageError('files lint needs --for batch or --for fine-tune');
  if (method !== undefined && use === 'batch') throw usageError('--method is for --for fine-tune');
  const { givenFiles } = await import('../files/given-files.ts');
  const { lintFile } = await import('../files/lint-file.ts');
  const { lintVerdict, sayProblems, writeReports } = await import('../files/show-lint.ts');
  const reports: FileReport[] = [];
  for (const given of await givenFiles(words, { name: undefined, extension: '.jsonl' }, context)) {
    const { file, dispose } = await given.open();
    try {
      const report = await lintFile(file, { for: use, method, model, tokens: true }, context);
      reports.push({ file: given.shown, ...report });
      sayProblems({ file: given.shown, ...report }, context);
    } finally {
      await dispose();
    }
  }
  await writeReports(reports, json, context);
  const verdict = lintVerdict(reports);
  if (verdict !== undefined) throw verdict;
}

/** `oai files`: what the API keeps of what it was sent, and what it has made. */
export const files: CommandModule<FilesOptions> = { define, examples, notes, run };
