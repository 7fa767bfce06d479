import type { Context } from '../context.ts';
import { Failure } from '../errors.ts';
import type { GlobalOptions } from '../flags/global.ts';
import { durationText } from '../flags/values.ts';
import { historySetting } from './history.ts';
import { type KeyPlace, keyPlaces, placesWithKey } from './key.ts';
import { builtInProfiles, type Profile, profileNames } from './profiles.ts';
import { chosenModel, chosenProfile, type Resolved, resolveTarget, type Sourced } from './resolve.ts';
import { CAPABILITIES } from './schema.ts';
import { DEFAULT_RETRIES, DEFAULT_STALL_TIMEOUT, DEFAULT_TIMEOUT } from './settings.ts';
import { readPlainFile, type Source, type Sources } from './sources.ts';
import { DEFAULT_CACHE_TTL, wantsCache } from './tape.ts';

/** A setting as it counts, under the name that `oai config get` knows. Null where nothing sets it. */
export interface EffectiveSetting {
  readonly setting: string;
  readonly value: string | number | boolean | readonly string[] | null;
  readonly source: Source;
}

/** Every setting as it counts for a run with these flags. Of the key it says only where it would come from. */
export async function effectiveSettings(
  options: GlobalOptions,
  sources: Sources,
  context: Context,
): Promise<EffectiveSetting[]> {
  const target = await resolveTarget(options, sources, context);
  const { profile } = target;
  const { config } = sources;
  const aliases = new Map([...(config.aliases ?? []), ...(profile.config.aliases ?? [])]);
  return [
    { setting: 'profile', value: profile.name, source: target.chosenBy },
    row('base_url', target.baseUrl),
    keyRow(target, sources, context),
    row('organization', target.organization),
    row('project', target.project),
    row('model', chosenModel(undefined, undefined, profile, sources, context)),
    ...CAPABILITIES.map((name) =>
      row(`models.${name}`, chosenModel(name, undefined, profile, sources, context)),
    ),
    ...[...aliases].map(
      ([name, value]) => ({ setting: `aliases.${name}`, value, source: 'config.toml' }) as const,
    ),
    listRow('allow_base_urls', config.allow_base_urls),
    ...Object.entries(target.traitSettings).map(([name, found]) => row(name, found)),
    timeRow('timeout', options.timeout, config.timeout, DEFAULT_TIMEOUT),
    timeRow('stall_timeout', options.stallTimeout, config.stall_timeout, DEFAULT_STALL_TIMEOUT),
    numberRow('retries', options.retries, config.retries, DEFAULT_RETRIES),
    {
      setting: 'show_images',
      value: config.show_images ?? false,
      source: config.show_images === undefined ? 'default' : 'config.toml',
    },
    {
      setting: 'markdown',
      value: config.markdown ?? true,
      source: config.markdown === undefined ? 'default' : 'config.toml',
    },
    row('history', historySetting(config, context)),
    cacheRow(options, config, target.sandbox, context),
    timeRow('cache_ttl', options.cacheTtl, config.cache_ttl, DEFAULT_CACHE_TTL),
    ...[...(config.thresholds ?? [])].map(
      ([name, value]) => ({ setting: `thresholds.${name}`, value, source: 'config.toml' }) as const,
    ),
    listRow('tools.allow', config.tools?.allow),
    listRow('tools.env', config.tools?.env),
  ];
}

function row(setting: string, found: Sourced<string | boolean> | undefined): EffectiveSetting {
  return { setting, value: found?.value ?? null, source: found?.source ?? 'default' };
}

function listRow(setting: string, value: readonly string[] | undefined): EffectiveSetting {
  return { setting, value: value ?? [], source: value === undefined ? 'default' : 'config.toml' };
}

function numberRow(
  setting: string,
  flag: number | undefined,
  configured: number | undefined,
  fallback: number,
): EffectiveSetting {
  const source = flag !== undefined ? 'flag' : configured !== undefined ? 'config.toml' : 'default';
  return { setting, value: flag ?? configured ?? fallback, source };
}

function timeRow(...parts: Parameters<typeof numberRow>): EffectiveSetting {
  const { setting, value, source } = numberRow(...parts);
  return { setting, value: durationText(Number(value)), source };
}

function cacheRow(...place: Parameters<typeof wantsCache>): EffectiveSetting {
  const { value, source } = wantsCache(...place);
  return { setting: 'cache', value, source };
}

function keyRow(target: Resolved, sources: Sources, context: Context): EffectiveSetting {
  const place = usablePlace(target, sources, context);
  if (place === undefined || isThere(place) === false)
    return { setting: 'key', value: null, source: 'default' };
  const source = place.kind === 'variable' ? place.found?.source : 'config.toml';
  return { setting: 'key', value: place.name, source: source ?? 'default' };
}

/** Where a run would take its key; undefined also where it would be refused. */
function usablePlace(target: Resolved, sources: Sources, context: Context): KeyPlace | undefined {
  try {
    return placesWithKey(target, sources, context)[0];
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

/** Whether a key is there; null for a command, which is not run to find out. */
function isThere(place: KeyPlace): boolean | null {
  if (place.kind === 'variable') return place.found !== undefined;
  if (place.kind === 'command') return null;
  try {
    return readPlainFile(place.path).bytes.length > 0;
  } catch {
    return false;
  }
}

/** A profile as `oai config profiles` lists it. */
export interface ProfileOverview {
  readonly profile: string;
  /** The one that a run with these flags takes. */
  readonly current: boolean;
  /** Null where it has none yet. */
  readonly base_url: string | null;
  /** Where its key comes from; null where it needs none. */
  readonly key: string | null;
  /** Whether the key is there; null where it needs none, and for a command, which is not run to find out. */
  readonly key_found: boolean | null;
  /** Its default model for chat; null where it has none of its own. */
  readonly model: string | null;
}

/** Every profile, built in or configured. */
export async function profileOverviews(
  options: GlobalOptions,
  sources: Sources,
  context: Context,
): Promise<ProfileOverview[]> {
  const current = chosenProfile(options, sources, context).value;
  return Promise.all(
    profileNames(sources.config.profiles).map(async (name) => {
      const config = sources.config.profiles?.get(name) ?? {};
      const target = await targetOf(name, options, sources, context);
      return {
        profile: name,
        current: name === current,
        base_url: target?.baseUrl.value ?? null,
        ...keyOf({ name, builtIn: builtInProfiles.get(name), config }, target, sources, context),
        model: config.models?.chat ?? config.model ?? null,
      };
    }),
  );
}

function keyOf(
  profile: Profile,
  target: Resolved | undefined,
  sources: Sources,
  context: Context,
): Pick<ProfileOverview, 'key' | 'key_found'> {
  if (target?.sandbox === true) return { key: null, key_found: null };
  const usable = target === undefined ? undefined : usablePlace(target, sources, context);
  if (usable !== undefined) return { key: usable.name, key_found: isThere(usable) };
  // The one that is missing, or would be refused to a URL from .env.
  const [wanted] = keyPlaces(profile, sources, context);
  if (wanted === undefined) return { key: null, key_found: null };
  return { key: wanted.name, key_found: target === undefined && isThere(wanted) };
}

/** Undefined where it has no base URL yet. */
async function targetOf(
  profile: string,
  options: GlobalOptions,
  sources: Sources,
  context: Context,
): Promise<Resolved | undefined> {
  try {
    return await resolveTarget(
      { ...options, profile, baseUrl: undefined, sandbox: undefined },
      sources,
      context,
    );
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}
