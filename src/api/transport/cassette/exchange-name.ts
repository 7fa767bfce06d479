import { createHash } from 'node:crypto';
import { requestKey, type TapedRequest } from './taped-request.ts';

/** The longest that the readable part of a name may be, in characters. */
const LONGEST_SLUG = 60;

/**
 * What the files of a request are called, without a number and `.json`: `chat-completions-4f0c2a6b9d13`. The same request
 * has the same name each time, so that a cassette that is recorded anew is compared file by file.
 */
export function nameOf(request: TapedRequest): string {
  const { method, base_url: baseUrl = '', path, url = '' } = request;
  const place = path ?? url.replace(/^\w+:\/\//, '');
  const verb = method === 'POST' ? '' : `${method}-`;
  const slug = `${verb}${place.replace(/\?.*$/s, '')}`
    .replace(/[^A-Za-z0-9_]+/g, '-')
    .replace(/^-/, '')
    .slice(0, LONGEST_SLUG)
    .replace(/-$/, '')
    .toLowerCase();
  const hash = createHash('sha256')
    .update(`${baseUrl}\n${requestKey(request)}`)
    .digest('hex');
  return `${slug}-${hash.slice(0, 12)}`;
}

/** The name of one of several answers to the same request, from 1 on, without `.json`. */
export function takeName(name: string, take: number): string {
  return take === 1 ? name : `${name}-${take}`;
}

/** In the order in which they are given: by name, and by number where a name has one. */
export function inOrder(one: string, other: string): number {
  const [[name, take], [otherName, otherTake]] = [partsOf(one), partsOf(other)];
  if (name !== otherName) return name < otherName ? -1 : 1;
  return take - otherTake;
}

function partsOf(file: string): [name: string, take: number] {
  const stem = file.replace(/\.json$/, '');
  const [, name = stem, take = '1'] = /^(.*)-(\d{1,6})$/.exec(stem) ?? [];
  return [name, Number(take)];
}
