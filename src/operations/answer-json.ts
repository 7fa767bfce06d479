import { Failure } from '../errors.ts';

/**
 * Reads what a server sent as JSON.
 * @param name what errors call it
 * @throws Failure (network) where it is none
 */
export function readJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Failure('network', `${name} is JSON that breaks off or is garbled`, { cause });
  }
}
