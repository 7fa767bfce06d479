import { join, resolve } from 'node:path';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import type { GlobalOptions } from '../flags/global.ts';
import { cacheFolder, variable } from './paths.ts';
import type { Sourced } from './resolve.ts';
import type { Config } from './schema.ts';

/** How old an answer of the cache may be, in ms: a week. */
export const DEFAULT_CACHE_TTL = 7 * 86_400_000;

/** What keeps answers, or gives them in place of the network. Folders are absolute; `name` is the folder as it was given. */
export type Tape =
  | { readonly kind: 'record'; readonly folder: string; readonly name: string }
  | { readonly kind: 'replay'; readonly folder: string; readonly name: string; readonly timed: boolean }
  /** `ttl`: how old an answer may be, in ms. No folder where there is no home. */
  | { readonly kind: 'cache'; readonly folder: string | undefined; readonly ttl: number };

/**
 * What flags, environment and config say of recording, replaying and the cache. A flag goes before a variable, and a
 * cassette before the cache: it holds what the wire says.
 * @param sandbox the config's `cache` is not for the sandbox, which costs nothing
 * @throws Failure (usage) on contradictions
 */
export function findTape(
  options: GlobalOptions,
  config: Config,
  sandbox: boolean,
  context: Context,
): Tape | undefined {
  const { record, replay } = cassettes(options, context);
  if (options.replayTiming === true && replay === undefined) {
    throw usageError('--replay-timing is for --replay', 'add --replay DIR');
  }
  if (options.cache === false && options.cacheTtl !== undefined) {
    throw usageError('--no-cache and --cache-ttl contradict each other');
  }
  const folder = (given: string) => ({
    name: given.replace(/(?<=.)\/+$/, ''),
    folder: resolve(context.cwd, given),
  });
  if (record !== undefined) return { kind: 'record', ...folder(record) };
  if (replay !== undefined)
    return { kind: 'replay', ...folder(replay), timed: options.replayTiming === true };
  if (!wantsCache(options, config, sandbox, context).value) return undefined;
  const home = cacheFolder(context);
  return {
    kind: 'cache',
    folder: home === undefined ? undefined : join(home, 'answers'),
    ttl: options.cacheTtl ?? config.cache_ttl ?? DEFAULT_CACHE_TTL,
  };
}

function cassettes(
  { record, replay }: GlobalOptions,
  context: Context,
): { readonly record: string | undefined; readonly replay: string | undefined } {
  const contradiction = (one: string, other: string) =>
    usageError(`${one} and ${other} contradict each other`);
  if (record !== undefined && replay !== undefined) throw contradiction('--record', '--replay');
  if (record !== undefined || replay !== undefined) return { record, replay };
  const [recorded, replayed] = [variable(context, 'OAI_RECORD'), variable(context, 'OAI_REPLAY')];
  if (recorded !== undefined && replayed !== undefined) throw contradiction('OAI_RECORD', 'OAI_REPLAY');
  return { record: recorded, replay: replayed };
}

/** Whether answers are to be kept and given again, and who says so. @throws Failure (usage) */
export function wantsCache(
  options: GlobalOptions,
  config: Config,
  sandbox: boolean,
  context: Context,
): Sourced<boolean> {
  const flag = options.cache ?? (options.cacheTtl === undefined ? undefined : true);
  if (flag !== undefined) return { value: flag, source: 'flag', name: '--cache' };
  const text = variable(context, 'OAI_CACHE');
  if (text !== undefined) return { value: yesOrNo(text), source: 'environment', name: 'OAI_CACHE' };
  if (config.cache === undefined || sandbox) return { value: false, source: 'default', name: 'the default' };
  return { value: config.cache, source: 'config.toml', name: 'cache' };
}

function yesOrNo(text: string): boolean {
  if (text === '1' || text === 'true') return true;
  if (text === '0' || text === 'false') return false;
  throw usageError(`OAI_CACHE=${text} is neither 1 nor 0`);
}
