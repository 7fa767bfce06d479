import { usageError } from '../errors.ts';
import type { Flag } from './flag.ts';
import { assignment, choice, duration, integer, number, type ReadValue, text } from './values.ts';

/** Uploads at the same time: the API takes 1,000 files a minute (OpenAPI, `POST /files`). */
export const ADDED_AT_ONCE = 5;

/** Tokens of a chunk: the least and the most (OpenAPI `StaticChunkingStrategy`). */
export const CHUNK_RANGE = [100, 4096] as const;

/** How the API cuts where nobody says, in tokens (OpenAPI `AutoChunkingStrategyRequestParam`). */
export const USUAL_CHUNK = { size: 800, overlap: 400 } as const;

/** Passages that a search gives (OpenAPI `VectorStoreSearchRequest`). */
export const MOST_RESULTS = 50;
export const USUAL_RESULTS = 10;

/** How the API ranks (OpenAPI `VectorStoreSearchRequest`). Others may come: they are passed on. */
export const RANKERS = ['auto', 'none', 'default-2024-11-15'] as const;

/** The states in which a file of a store may be (OpenAPI `VectorStoreFileObject`). */
export const STATUSES = ['in_progress', 'completed', 'failed', 'cancelled'] as const;

const DAY_MS = 86_400_000;

/** Days (OpenAPI `VectorStoreExpirationAfter`). */
const MOST_DAYS = 365;

/** Whole days, written as a duration: `7d`, up to a year. */
export const days: ReadValue<number> = (text, flag) => {
  const count = duration(text, flag) / DAY_MS;
  if (Number.isInteger(count) && count <= MOST_DAYS) return count;
  throw usageError(`${flag} ${text} is not a number of whole days from 1d to ${MOST_DAYS}d`);
};

/** Of a store itself. */
export const storeFlags: readonly Flag[] = [
  { flags: '--name <name>', help: 'create, update: what it is called', read: text },
  {
    flags: '--expires-after <duration>',
    help: 'create, update: the API deletes it so long after it was last used: 7d',
    read: days,
  },
  { flags: '--no-expires-after', help: 'update: it is kept' },
  {
    flags: '--metadata <name=value>',
    help: 'create, update: the labels to be; repeatable',
    read: assignment,
    repeatable: true,
  },
  { flags: '--no-metadata', help: 'update: no labels at all' },
];

/** Of its files. */
export const storeFileFlags: readonly Flag[] = [
  {
    flags: '--attribute <name=value>',
    help: 'add, create, update: what searches can ask for; a number, true, false or text; repeatable',
    read: assignment,
    repeatable: true,
  },
  { flags: '--no-attribute', help: 'update: no attributes of your own' },
  {
    flags: '--chunk-size <n>',
    help: `add, create: tokens of a chunk, ${CHUNK_RANGE.join(' to ')} (default: ${USUAL_CHUNK.size})`,
    read: integer(...CHUNK_RANGE),
  },
  {
    flags: '--chunk-overlap <n>',
    help: `add, create: tokens that chunks share, up to half of one (default: ${USUAL_CHUNK.overlap})`,
    read: integer(0, CHUNK_RANGE[1] / 2),
  },
  { flags: '--force', help: 'add, create: upload also what the store has' },
  {
    flags: '-j, --concurrency <n>',
    help: `add, create: uploads at the same time (default: ${ADDED_AT_ONCE})`,
    read: integer(1, 64),
  },
  {
    flags: '--status <status>',
    help: `files: those that are ${STATUSES.join(', ')}`,
    read: choice(...STATUSES),
  },
  { flags: '--delete-files', help: 'remove, delete: the uploaded files as well' },
];

/** Of a search. */
export const searchFlags: readonly Flag[] = [
  {
    flags: '-k, --top <n>',
    help: `search: passages at most (default: ${USUAL_RESULTS})`,
    read: integer(1, MOST_RESULTS),
  },
  {
    flags: '--filter <filter>',
    help: "search: of files with such attributes: 'lang=de and year>=2024', or JSON; repeatable",
    read: text,
    repeatable: true,
  },
  { flags: '--rewrite-query', help: 'search: the API may reword the question' },
  { flags: '--ranker <name>', help: `search: ${RANKERS.join(', ')}`, read: text },
  {
    flags: '--score-threshold <n>',
    help: 'search: leave out what is less like it, 0 to 1',
    read: number(0, 1),
  },
];

/** Of lists, and of what deletes. */
export const listFlags: readonly Flag[] = [
  { flags: '--limit <n>', help: 'list, files: so many at most (default: all)', read: integer(1) },
  {
    flags: '--order <order>',
    help: 'list, files: asc, or desc (the newest first, the default)',
    read: choice('asc', 'desc'),
  },
  { flags: '--after <id>', help: 'list, files: only what comes after this one', read: text },
  { flags: '--yes', help: 'delete, remove: without asking' },
];
