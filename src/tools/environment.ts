import type { Context } from '../context.ts';
import { withoutKeys } from '../output/programs.ts';
import type { ToolSettings } from '../settings/settings.ts';

/** Names that say that their value is an API key. */
const NAMED_KEY = /(^|_)API_?KEY$/i;

/**
 * The environment for tools. It holds no API key: not those of any profile, no known key under whatever name, and
 * nothing that is called one, but for what the user's config lets through.
 */
export function toolEnvironment(
  { env, keyVariables }: ToolSettings,
  context: Context,
): Readonly<Record<string, string | undefined>> {
  const isKept = (name: string) =>
    !keyVariables.includes(name) && (!NAMED_KEY.test(name) || env.includes(name));
  return Object.fromEntries(Object.entries(withoutKeys(context)).filter(([name]) => isKept(name)));
}
