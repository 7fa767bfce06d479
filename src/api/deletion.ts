import { isObject } from '../json.ts';
import type { Api } from './client.ts';
import { notAnAnswer } from './stream.ts';

/**
 * What the API says of something that was deleted: what came with status 200 may be anything, and then nobody knows
 * whether it is gone.
 * @throws Failure (network)
 */
export function checkedDeletion<T>(answer: T, api: Api): T {
  if (!isObject(answer) || answer['deleted'] !== true) throw notAnAnswer(api, 'a deletion');
  return answer;
}
