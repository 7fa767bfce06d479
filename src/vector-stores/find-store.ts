import type { Api } from '../api/client.ts';
import { listStores, retrieveStore, type VectorStore } from '../api/vector-stores.ts';
import { Failure } from '../errors.ts';
import { timeText } from '../output/time.ts';
import { didYouMean } from '../settings/nearest.ts';

/** A vector store that somebody named. */
export interface NamedStore {
  readonly id: string;
  /** As it was typed. */
  readonly shown: string;
  /** As it was when its name was looked for; undefined for one that was named by its id. */
  readonly store: VectorStore | undefined;
}

const HINT = '`oai vector-store list` shows those there are';

/** Ids of stores begin so, and those of files otherwise. */
const ID = /^vs_[\w-]+$/;

/**
 * Finds the store that a word names: an id is taken as it is, a name is looked for among all stores.
 * @throws Failure (refused) where none has the name; (usage) where several have it; Stopped
 */
export async function findStore(word: string, api: Api): Promise<NamedStore> {
  if (ID.test(word)) return { id: word, shown: word, store: undefined };
  const stores = await allStores(api);
  const found = stores.filter(({ id, name }) => name === word || id === word);
  const [store] = found;
  if (store === undefined) throw noStore(word, stores, api);
  if (found.length > 1) {
    const ids = found.map(({ id, created_at: made }) => `${id} (${timeText(made)})`);
    throw new Failure('usage', `${found.length} vector stores are called ${word}: ${ids.join(', ')}`, {
      hint: 'name one by its id',
    });
  }
  return { id: store.id, shown: word, store };
}

/** The same with what the API says of it just now. @throws as `findStore` */
export async function readStore(word: string, api: Api): Promise<VectorStore> {
  return withStore(word, api, async ({ id, store }) => store ?? (await retrieveStore(api, id)));
}

/**
 * Does something with the store that a word names. That there is no such store is said with the nearest that there is.
 * @throws what the work throws
 */
export async function withStore<T>(
  word: string,
  api: Api,
  work: (store: NamedStore) => Promise<T>,
): Promise<T> {
  const store = await findStore(word, api);
  try {
    return await work(store);
  } catch (error) {
    if (store.store !== undefined || !isMissing(error)) throw error;
    // What is not there may be something else: a file of the store.
    const stores = await allStores(api).catch(() => undefined);
    if (stores === undefined || stores.some(({ id }) => id === store.id)) throw error;
    throw noStore(word, stores, api, error);
  }
}

async function allStores(api: Api): Promise<VectorStore[]> {
  const stores: VectorStore[] = [];
  for await (const page of listStores(api)) stores.push(...page);
  return stores;
}

export function isMissing(error: unknown): error is Failure {
  return error instanceof Failure && error.status === 404;
}

function noStore(word: string, stores: readonly VectorStore[], api: Api, cause?: Failure): Failure {
  const known = stores.flatMap(({ id, name }) => [...(name ? [name] : []), id]);
  const hint = word.includes('/')
    ? 'the vector store comes first, then files and folders'
    : api.settings.sandbox && stores.length === 0
      ? 'the sandbox of one command forgets with its end: `oai sandbox` remembers while it runs'
      : HINT;
  const { code, status, requestId } = cause ?? {};
  return new Failure('refused', `there is no vector store ${word}${didYouMean(word, known)}`, {
    hint,
    code,
    status,
    requestId,
    cause,
  });
}

/** @throws Failure (refused) for a store that the API has let expire: it can be neither filled nor searched */
export function refuseExpired({ status, name, id, expires_at: ended }: VectorStore): void {
  if (status !== 'expired') return;
  const when = ended == null ? '' : ` on ${timeText(ended)}`;
  throw new Failure('refused', `the vector store ${name || id} expired${when}`, {
    hint: `make a new one: oai vector-store create --name ${name || 'NAME'}`,
    code: 'vector_store_expired',
  });
}
