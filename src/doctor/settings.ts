import type { Context } from '../context.ts';
import { Failure } from '../errors.ts';
import type { GlobalOptions } from '../flags/global.ts';
import { configPath, shortPath } from '../settings/paths.ts';
import { type Resolved, resolveTarget } from '../settings/resolve.ts';
import { type Settings, settingsFor } from '../settings/settings.ts';
import { readConfig, readDotenv, type Sources } from '../settings/sources.ts';
import { broken, type Finding, ok, warning } from './finding.ts';
import { overhearing } from './overheard.ts';

/** What the settings make of a run; undefined where they make nothing of it. */
export interface Found {
  readonly sources: Sources;
  readonly target: Resolved | undefined;
  readonly settings: Settings | undefined;
}

/** Reads the config, `.env` and the profile. @returns what they say, with what is wrong with them */
export async function examineSettings(
  options: GlobalOptions,
  context: Context,
): Promise<Found & { readonly findings: readonly Finding[] }> {
  const { sources, findings } = await examineSources(context);
  try {
    const target = await resolveTarget(options, sources, context);
    const { name } = target.profile;
    const from = `${target.baseUrl.value} (${target.baseUrl.name})`;
    const profile = ok('profile', `${name}: ${from}`, {
      profile: name,
      profile_source: target.chosenBy,
      base_url: target.baseUrl.value,
      base_url_source: target.baseUrl.source,
    });
    return { sources, target, ...settingsOf(target, options, sources, context, [...findings, profile]) };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const advice = '`oai config profiles` lists the servers there are';
    const profile = broken('profile', error.message, error.hint ?? advice);
    return { sources, target: undefined, settings: undefined, findings: [...findings, profile] };
  }
}

/** Variables may hold what no setting takes. */
function settingsOf(
  target: Resolved,
  options: GlobalOptions,
  sources: Sources,
  context: Context,
  findings: readonly Finding[],
): { readonly settings: Settings | undefined; readonly findings: readonly Finding[] } {
  try {
    return { settings: settingsFor(target, options, sources, context), findings };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const wrong = broken('config', error.message, error.hint ?? '`oai config list` shows what counts here');
    return { settings: undefined, findings: [...findings, wrong] };
  }
}

/** A config that cannot be read is taken for an empty one, so that the rest can be looked at. */
async function examineSources(
  context: Context,
): Promise<{ readonly sources: Sources; readonly findings: readonly Finding[] }> {
  const path = configPath(context);
  const name = path === undefined ? 'config.toml' : shortPath(path, context.home);
  const findings: Finding[] = [];
  const { result: config, warnings } = await overhearing(context, async (apart) => {
    try {
      return await readConfig(apart);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const advice = error.hint ?? `mend it with an editor: ${name}`;
      findings.push(broken('config', `${error.message} (the rest is looked at without it)`, advice));
      return {};
    }
  });
  const dotenv = await overhearing(context, readDotenv);
  for (const { message, advice } of [...warnings, ...dotenv.warnings]) {
    findings.push(warning('config', message, advice ?? `mend it with an editor: ${name}`));
  }
  if (findings.length === 0) findings.push(soundConfig(name, path, config, dotenv.result));
  return { sources: { config, dotenv: dotenv.result }, findings };
}

function soundConfig(
  name: string,
  path: string | undefined,
  config: Sources['config'],
  dotenv: Sources['dotenv'],
): Finding {
  const settings = Object.keys(config).length === 0 ? `${name} sets nothing` : `${name} is read`;
  const own = path === undefined ? 'there is no home, and no config.toml' : settings;
  const project = dotenv.size === 0 ? '' : `; .env here sets ${[...dotenv.keys()].join(', ')}`;
  return ok('config', `${own}${project}`, { path: path ?? null, dotenv: [...dotenv.keys()] });
}
