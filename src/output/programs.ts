import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { Context } from '../context.ts';

/** The environment for a program that is to have no keys: OpenAI's own variables, and all that holds a known key. */
export function withoutKeys({
  env,
  secrets,
}: Pick<Context, 'env' | 'secrets'>): Record<string, string | undefined> {
  const isSecret = (name: string, value = '') =>
    /^OPENAI_/i.test(name) || [...secrets].some((secret) => secret !== '' && value.includes(secret));
  return Object.fromEntries(Object.entries(env).filter(([name, value]) => !isSecret(name, value)));
}

/**
 * Looks for a program in the folders of PATH, in their order.
 * @returns the path of the first that may be run; undefined where there is none
 */
export async function whereIs(program: string, env: Context['env']): Promise<string | undefined> {
  for (const folder of (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')) {
    const path = join(folder, program);
    if (await mayBeRun(path)) return path;
  }
  return undefined;
}

/** Not so a folder: what may be run of one is a look into it. */
async function mayBeRun(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
