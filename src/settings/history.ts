import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { variable } from './paths.ts';
import type { Sourced } from './resolve.ts';
import type { Config } from './schema.ts';

const WORDS: Readonly<Record<string, boolean>> = {
  ...{ true: true, yes: true, on: true, 1: true },
  ...{ false: false, no: false, off: false, 0: false },
};

/**
 * Whether exchanges are to be kept: what `OAI_HISTORY` says, else the config.
 * @returns undefined where nobody says
 * @throws Failure (usage) on a value that cannot be meant
 */
export function historySetting(config: Config, context: Context): Sourced<boolean> | undefined {
  const typed = variable(context, 'OAI_HISTORY')?.toLowerCase();
  if (typed !== undefined) {
    const value = Object.hasOwn(WORDS, typed) ? WORDS[typed] : undefined;
    if (value === undefined) throw usageError(`OAI_HISTORY takes true or false, not ${typed}`);
    return { value, source: 'environment', name: 'OAI_HISTORY' };
  }
  const { history } = config;
  return history === undefined ? undefined : { value: history, source: 'config.toml', name: 'history' };
}
