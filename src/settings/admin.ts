import type { Context } from '../context.ts';
import { Failure } from '../errors.ts';
import type { GlobalOptions } from '../flags/global.ts';
import { checkKey } from './key-text.ts';
import { DEFAULT_PROFILE } from './profiles.ts';
import { findVariable, type Resolved, resolveTarget, type Sourced } from './resolve.ts';
import { type Settings, settingsFor } from './settings.ts';
import { readSources, type Sources } from './sources.ts';

/** The variable that holds the key of an organization's admin. */
export const ADMIN_VARIABLE = 'OPENAI_ADMIN_KEY';

/**
 * The settings of a run that is done with an admin key.
 * @throws Failure (usage); the key, when it is asked for, throws Failure (auth) where there is none
 */
export async function loadAdminSettings(options: GlobalOptions, context: Context): Promise<Settings> {
  const sources = await readSources(context);
  const target = await resolveTarget(options, sources, context);
  const settings = settingsFor(target, options, sources, context);
  return {
    ...settings,
    async key() {
      if (target.sandbox) return undefined;
      const { value, name } = adminKey(target, sources, context);
      checkKey(value, name);
      context.secrets.add(value);
      return { value, source: name };
    },
    keyInShell() {
      if (target.sandbox) return undefined;
      adminKey(target, sources, context);
      return `$${ADMIN_VARIABLE}`;
    },
  };
}

/** @throws Failure (auth) where there is none, or it must not go there: it is a key of OpenAI, as `OPENAI_API_KEY` is */
function adminKey(target: Resolved, sources: Sources, context: Context): Sourced<string> {
  const { profile } = target;
  if (profile.name !== DEFAULT_PROFILE) {
    throw new Failure('auth', `${ADMIN_VARIABLE} is for OpenAI, and the profile is ${profile.name}`, {
      hint: `-P ${DEFAULT_PROFILE} chooses it; --header @file brings another server's key`,
    });
  }
  const found = findVariable(ADMIN_VARIABLE, sources, context);
  if (found === undefined) {
    throw new Failure('auth', `no admin key: ${ADMIN_VARIABLE} is not set`, {
      hint: `export ${ADMIN_VARIABLE}=…, made by an owner of the organization`,
    });
  }
  if (target.fromProject && found.source !== '.env') {
    throw new Failure(
      'auth',
      `the base URL ${target.baseUrl.value} is from .env and the key from ${found.name}: a project's URL does not get your own key`,
    );
  }
  return found;
}
