import type { Context } from '../context.ts';
import { withoutKeys } from '../output/programs.ts';
import type { ToolSettings } from '../settings/settings.ts';

/** Names that say that their value is a key: `AZURE_OPENAI_KEY`, `MISTRAL_APIKEY`, `HF_TOKEN`. (`MAX_TOKENS` counts some.) */
const NAMED_KEY = /(^|_)((API)?KEYS?|TOKEN|SECRET)$/i;
/** As the keys of OpenAI and of those who are like it begin (`src/settings/key-text.ts`), with what makes one of them. */
const LIKE_A_KEY = /(^|[^\w-])(sk-|gsk_|xai-|AIza)[\w-]{20,}/;
/** A shorter value guards nothing, and may be part of any other. */
const SHORTEST_KEY = 8;

/**
 * The environment for tools. It holds no API key: not those of any profile, under whatever name, nothing that is called
 * one or looks like one, but for what the user's config lets through by its name.
 */
export function toolEnvironment(
  { env: letThrough, keyVariables }: ToolSettings,
  context: Context,
): Readonly<Record<string, string | undefined>> {
  const keys = keyVariables
    .map((name) => context.env[name] ?? '')
    .filter((key) => key.length >= SHORTEST_KEY);
  const isKept = ([name, value = '']: readonly [string, string | undefined]) => {
    if (keyVariables.includes(name) || keys.some((key) => value.includes(key))) return false;
    return letThrough.includes(name) || !(NAMED_KEY.test(name) || LIKE_A_KEY.test(value));
  };
  return Object.fromEntries(Object.entries(withoutKeys(context)).filter(isKept));
}
