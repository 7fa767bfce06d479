import { bringsKey } from '../api/client.ts';
import { readHeaders } from '../api/headers.ts';
import type { Context } from '../context.ts';
import { Failure } from '../errors.ts';
import type { GlobalOptions } from '../flags/global.ts';
import { findKey, type Key, type KeyPlace, placesWithKey } from '../settings/key.ts';
import type { Resolved } from '../settings/resolve.ts';
import type { Sources } from '../settings/sources.ts';
import { broken, type Finding, ok, skipped, warning } from './finding.ts';
import { overhearing } from './overheard.ts';

/** How long a `key_command` may take, in ms: it may ask for a touch or a password. */
export const KEY_COMMAND_MS = 60_000;

export interface KeyFound {
  /** Requests carry a key, or none is needed: an answer of the server says something of it. */
  readonly usable: boolean;
  /** Undefined also where a `--header` brings it. */
  readonly key: Key | undefined;
  readonly findings: readonly Finding[];
}

/** What of a run counts here. */
export interface KeyOptions extends GlobalOptions {
  /** No program is run that may ask the network for the key. */
  readonly offline?: boolean;
}

/** Looks for the key. It is never shown, only where it is. @throws Failure (usage) on a bad `--header` */
export async function examineKey(
  target: Resolved,
  sources: Sources,
  options: KeyOptions,
  context: Context,
): Promise<KeyFound> {
  if (bringsKey(await readHeaders(options.header ?? [], context))) {
    return {
      usable: true,
      key: undefined,
      findings: [ok('key', 'it comes with --header', from('--header'))],
    };
  }
  try {
    const places = placesWithKey(target, sources, context);
    const [place, ...others] = places;
    if (options.offline === true && place?.kind === 'command') return notRun(place);
    const limit = options.timeout ?? KEY_COMMAND_MS;
    const { result: key, warnings } = await overhearing(context, (apart) =>
      findKey(target, sources, apart, limit),
    );
    const found = key === undefined ? ok('key', 'none is needed here', from(null)) : foundIn(key, others);
    const open = warnings.map(({ message, advice }) =>
      warning('key', message, advice ?? 'chmod 600', from(key?.source ?? null)),
    );
    return { usable: true, key, findings: [found, ...open] };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const advice = '`oai config init` sets one up';
    return {
      usable: false,
      key: undefined,
      findings: [broken('key', error.message, error.hint ?? advice, from(null))],
    };
  }
}

function from(source: string | null): { readonly source: string | null } {
  return { source };
}

function foundIn({ source }: Key, others: readonly KeyPlace[]): Finding {
  const unused = others.map(({ name }) => name);
  const before = unused.length === 0 ? '' : `, which goes before ${unused.join(' and ')}`;
  return ok('key', `it comes from ${source}${before}`, { ...from(source), unused });
}

function notRun(place: KeyPlace): KeyFound {
  const message = `it comes from ${place.name}, which is not run with --offline`;
  return { usable: false, key: undefined, findings: [skipped('key', message)] };
}
