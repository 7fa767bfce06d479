import { usageError } from '../errors.ts';

/** Segments by which a path leads elsewhere (RFC 3986, 5.2.4). */
const DOTS = /^\.{1,2}$/;

/** An id as a part of a path. @throws Failure (usage) where it is none */
export function idInPath(id: string): string {
  if (DOTS.test(id)) throw usageError(`${id} is no id`);
  return encodeURIComponent(id);
}

/** What the SDK says of such an id, in the same words; undefined for any other error. */
export function badIdIn(error: unknown): Error | undefined {
  const isOfPath = error instanceof Error && error.message.startsWith('Path parameters result in path');
  const [, id] = (isOfPath && /Value "(\.{1,2})"/.exec(error.message)) || [];
  return id === undefined ? undefined : usageError(`${id} is no id`);
}
