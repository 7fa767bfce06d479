import type { Context } from '../context.ts';
import { type Failure, usageError } from '../errors.ts';
import type { GlobalOptions } from '../flags/global.ts';
import { isLoopback, readBaseUrl } from './base-url.ts';
import { configPath, shortPath, variable } from './paths.ts';
import {
  builtInProfiles,
  DEFAULT_PROFILE,
  OPENAI_URL,
  type Profile,
  profileNames,
  SANDBOX_URL,
  urlInVariable,
} from './profiles.ts';
import { type Capability, checkIdentifier, type ProfileConfig, TEXT_CAPABILITIES } from './schema.ts';
import { type ServerTraits, type TraitSetting, traitsOf } from './servers.ts';
import type { Source, Sources } from './sources.ts';

/** A value and where it came from. `name` is what to call that place: `OPENAI_BASE_URL`, `--base-url`. */
export interface Sourced<T> {
  readonly value: T;
  readonly source: Source;
  readonly name: string;
}

/** The target of a run: everything but the key, which is looked for when it is needed. */
export interface Resolved {
  readonly profile: Profile;
  readonly chosenBy: Source;
  readonly sandbox: boolean;
  readonly keyless: boolean;
  readonly baseUrl: Sourced<string>;
  /**
   * The base URL is a project's: it came from `.env`, is not what the user's own settings give, and their config does
   * not allow it. Key, organization and project are then taken from `.env` alone.
   */
  readonly fromProject: boolean;
  readonly organization: Sourced<string> | undefined;
  readonly project: Sourced<string> | undefined;
  readonly traits: ServerTraits;
  /** The settings of the profile that say what its server takes. */
  readonly traitSettings: Readonly<Record<TraitSetting, Sourced<string | boolean>>>;
}

const SANDBOX = 'sandbox';

/**
 * Puts together what flags, environment and files say of the target.
 * @throws Failure (usage) on an unknown profile, a bad base URL or a bad id
 */
export async function resolveTarget(
  options: GlobalOptions,
  sources: Sources,
  context: Context,
): Promise<Resolved> {
  refuseEmptyFlags(options);
  const { profile, chosenBy } = await chooseProfile(options, sources, context);
  const sandbox = profile.name === SANDBOX;
  const baseUrl = sandbox ? builtInUrl(SANDBOX_URL) : findBaseUrl(profile, options, sources, context);
  const fromProject = isProjectUrl(baseUrl, profile, sources, context);
  const id = (key: 'organization' | 'project') => {
    if (sandbox) return undefined;
    return fromProject ? projectId(key, sources) : findId(key, profile, sources, context);
  };
  return {
    profile,
    chosenBy,
    sandbox,
    keyless: sandbox || isLoopback(baseUrl.value) || needsNoKey(profile),
    baseUrl,
    fromProject,
    organization: id('organization'),
    project: id('project'),
    ...findTraits(profile, sandbox, baseUrl.value),
  };
}

/** An unset variable of a script would otherwise send to another server than the one that was meant. */
export function refuseEmptyFlags({ profile, baseUrl }: GlobalOptions): void {
  if (profile?.trim() === '') throw usageError('--profile is empty');
  if (baseUrl?.trim() === '') throw usageError('--base-url is empty');
}

function isProjectUrl(
  { value, source }: Sourced<string>,
  profile: Profile,
  sources: Sources,
  context: Context,
): boolean {
  if (source !== '.env' || sources.config.allow_base_urls?.includes(value)) return false;
  return findBaseUrl(profile, {}, { ...sources, dotenv: new Map() }, context).value !== value;
}

/** Ollama and LM Studio, unless the config says where their key comes from. */
function needsNoKey({ builtIn, config }: Profile): boolean {
  const configured = config.key_env ?? config.key_file ?? config.key_command;
  return builtIn !== undefined && builtIn.keyVariable === undefined && configured === undefined;
}

/** A variable from the environment, else from `.env`. */
export function findVariable(
  name: string,
  { dotenv }: Sources,
  context: Context,
): Sourced<string> | undefined {
  const own = variable(context, name);
  if (own !== undefined) return { value: own, source: 'environment', name };
  const project = dotenv.get(name);
  return project === undefined ? undefined : { value: project, source: '.env', name: `${name} in .env` };
}

/** What the config calls a setting in errors: `profiles.work.base_url in ~/.config/oai/config.toml`. */
function inConfig<T>(value: T, setting: string, context: Context): Sourced<T> {
  const path = shortPath(configPath(context) ?? 'config.toml', context.home);
  return { value, source: 'config.toml', name: `${setting} in ${path}` };
}

function builtInUrl(value: string): Sourced<string> {
  return { value, source: 'default', name: 'the default' };
}

async function chooseProfile(
  options: GlobalOptions,
  sources: Sources,
  context: Context,
): Promise<{ profile: Profile; chosenBy: Source }> {
  const chosen = chosenProfile(options, sources, context);
  const configured = sources.config.profiles;
  const builtIn = builtInProfiles.get(chosen.value);
  const config = configured?.get(chosen.value);
  if (builtIn === undefined && config === undefined) {
    throw await unknownProfile(chosen.value, configured, chosen.name);
  }
  return { profile: { name: chosen.value, builtIn, config: config ?? {} }, chosenBy: chosen.source };
}

/** @param place where the name was given */
export async function unknownProfile(
  name: string,
  configured: ReadonlyMap<string, unknown> | undefined,
  place?: string,
): Promise<Failure> {
  const known = profileNames(configured);
  const { didYouMean } = await import('./nearest.ts');
  const prefix = place === undefined ? '' : `${place}: `;
  return usageError(
    `${prefix}there is no profile ${name}${didYouMean(name, known)}`,
    `the profiles are ${known.join(', ')}`,
  );
}

/** The profile's name, which need not exist. */
export function chosenProfile(options: GlobalOptions, sources: Sources, context: Context): Sourced<string> {
  if (options.sandbox === true) return { value: SANDBOX, source: 'flag', name: '--sandbox' };
  if (options.profile !== undefined) return { value: options.profile, source: 'flag', name: '--profile' };
  const named = findVariable('OAI_PROFILE', sources, context);
  if (named !== undefined) return named;
  const configured = sources.config.profile;
  if (configured !== undefined) return inConfig(configured, 'profile', context);
  return { value: DEFAULT_PROFILE, source: 'default', name: 'the default' };
}

function findBaseUrl(
  profile: Profile,
  options: GlobalOptions,
  sources: Sources,
  context: Context,
): Sourced<string> {
  if (options.baseUrl !== undefined) {
    return { value: readBaseUrl(options.baseUrl, '--base-url'), source: 'flag', name: '--base-url' };
  }
  for (const name of profile.builtIn?.urlVariables ?? []) {
    const found = findVariable(name, sources, context);
    const url = found === undefined ? undefined : urlInVariable(name, found.value);
    if (found !== undefined && url !== undefined) return { ...found, value: readBaseUrl(url, found.name) };
  }
  if (profile.config.base_url !== undefined) {
    return inConfig(profile.config.base_url, `profiles.${profile.name}.base_url`, context);
  }
  if (profile.builtIn === undefined) return builtInUrl(OPENAI_URL);
  if (profile.builtIn.baseUrl !== undefined) return builtInUrl(profile.builtIn.baseUrl);
  throw usageError(
    `profile ${profile.name} has no base URL`,
    'export AZURE_OPENAI_ENDPOINT=https://NAME.openai.azure.com, or `oai config set profiles.azure.base_url URL`',
  );
}

const ID_VARIABLE = { organization: 'OPENAI_ORG_ID', project: 'OPENAI_PROJECT_ID' } as const;

function findId(
  key: keyof typeof ID_VARIABLE,
  profile: Profile,
  sources: Sources,
  context: Context,
): Sourced<string> | undefined {
  const found =
    profile.name === DEFAULT_PROFILE ? findVariable(ID_VARIABLE[key], sources, context) : undefined;
  if (found !== undefined) return checkedId(found);
  const configured = profile.config[key];
  return configured === undefined
    ? undefined
    : inConfig(configured, `profiles.${profile.name}.${key}`, context);
}

/** The id that came with a project's base URL. */
function projectId(key: keyof typeof ID_VARIABLE, { dotenv }: Sources): Sourced<string> | undefined {
  const name = ID_VARIABLE[key];
  const value = dotenv.get(name);
  return value === undefined ? undefined : checkedId({ value, source: '.env', name: `${name} in .env` });
}

function checkedId(found: Sourced<string>): Sourced<string> {
  return { ...found, value: checkIdentifier(found.value, found.name) };
}

function findTraits(
  profile: Profile,
  sandbox: boolean,
  baseUrl: string,
): Pick<Resolved, 'traits' | 'traitSettings'> {
  const known = traitsOf(baseUrl, profile.builtIn === undefined ? undefined : profile.name);
  const setting = <T extends string | boolean>(
    name: TraitSetting,
    own: T | undefined,
    fallback: T,
  ): Sourced<T> =>
    own === undefined || sandbox
      ? { value: fallback, source: 'default', name: 'the default' }
      : { value: own, source: 'config.toml', name: `profiles.${profile.name}.${name}` };
  const { max_tokens_field, stream_usage, image_urls, chat_via } = profile.config;
  const settings = {
    max_tokens_field: setting('max_tokens_field', max_tokens_field, known.maxTokensField),
    stream_usage: setting('stream_usage', stream_usage, known.streamUsage),
    image_urls: setting('image_urls', image_urls, known.takesImageUrls),
    chat_via: setting('chat_via', chat_via, known.chatVia),
  };
  const traits = {
    ...known,
    maxTokensField: settings.max_tokens_field.value,
    streamUsage: settings.stream_usage.value,
    takesImageUrls: settings.image_urls.value,
    chatVia: settings.chat_via.value,
  };
  return { traits, traitSettings: settings };
}

/**
 * The model that the user chose, as it was typed or written: a flag, OAI_MODEL, the profile's, the config's. One that
 * is named for no capability is for those that answer with text.
 * @param capability undefined for the model of whatever has none of its own
 * @returns undefined where it is for the command to choose
 */
export function chosenModel(
  capability: Capability | undefined,
  flag: string | undefined,
  profile: Profile,
  sources: Sources,
  context: Context,
): Sourced<string> | undefined {
  if (flag !== undefined) return { value: flag, source: 'flag', name: '--model' };
  const general = capability === undefined || TEXT_CAPABILITIES.includes(capability);
  const named = general ? findVariable('OAI_MODEL', sources, context) : undefined;
  if (named !== undefined) return named;
  const { config } = sources;
  const own = (models: ProfileConfig['models']) =>
    capability === undefined ? undefined : models?.[capability];
  const any = (model: string | undefined) => (general ? model : undefined);
  const value =
    own(profile.config.models) ?? any(profile.config.model) ?? own(config.models) ?? any(config.model);
  return value === undefined ? undefined : { value, source: 'config.toml', name: 'model' };
}

/** The model that a name stands for: the profile's aliases first, then those of every profile, then itself. */
export function withoutAlias(model: string, profile: Profile, { config }: Sources): string {
  return profile.config.aliases?.get(model) ?? config.aliases?.get(model) ?? model;
}
