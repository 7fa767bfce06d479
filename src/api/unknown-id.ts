import { Failure } from '../errors.ts';
import { didYouMean } from '../settings/nearest.ts';
import type { Api } from './client.ts';

/** Of what you have, so many of the newest are looked through for one that you may mean. */
const LOOKED_AT = 300;

/** A kind of things that the API keeps under ids. */
export interface KeptThings {
  /** One of them: `batch`. */
  readonly what: string;
  /** Lists them, the newest first. */
  list(limit: number): AsyncIterable<readonly { readonly id: string }[]>;
  /** A command line that shows them. */
  readonly shows: string;
}

/**
 * Does something with one of the things that the API keeps. Where the API does not know it, the error names the one of
 * yours that is nearest.
 * @throws Failure or Stopped
 */
export async function withKnownId<T>(
  id: string,
  things: KeptThings,
  api: Api,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Failure && error.status === 404) throw await unknownId(id, things, error, api);
    throw error;
  }
}

async function unknownId(
  id: string,
  { what, list, shows }: KeptThings,
  failure: Failure,
  api: Api,
): Promise<Failure> {
  const ids = await idsOf(list(LOOKED_AT));
  // A server that has no such list has other reasons not to know one.
  if (ids === undefined) return failure;
  const { status, code, requestId, cause } = failure;
  const forgets = api.settings.sandbox && ids.length === 0;
  const hint = forgets
    ? 'the sandbox of one command forgets with its end: `oai sandbox` remembers while it runs'
    : `\`${shows}\` shows yours`;
  const message = `there is no ${what} ${id}${didYouMean(id, ids)}`;
  return new Failure('refused', message, { hint, status, code, requestId, cause });
}

async function idsOf(
  pages: AsyncIterable<readonly { readonly id: string }[]>,
): Promise<string[] | undefined> {
  const ids: string[] = [];
  try {
    for await (const page of pages) ids.push(...page.map(({ id }) => id));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return undefined;
  }
  return ids;
}
