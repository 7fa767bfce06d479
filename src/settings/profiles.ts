import type { ProfileConfig } from './schema.ts';

/** A server that is known without any config. */
export interface BuiltInProfile {
  /** Absent where each account has a URL of its own. */
  readonly baseUrl?: string;
  /** Environment variables that give the base URL. */
  readonly urlVariables?: readonly string[];
  /** The environment variable that gives the key. Absent where the server needs none. */
  readonly keyVariable?: string;
}

export const DEFAULT_PROFILE = 'openai';

export const OPENAI_URL = 'https://api.openai.com/v1';

/** A name that no resolver knows (RFC 6761, section 6.4): the sandbox is answered before it would be asked for. */
export const SANDBOX_URL = 'https://sandbox.invalid/v1';

/** Base URLs and variables as the providers document them for OpenAI's own libraries. */
export const builtInProfiles: ReadonlyMap<string, BuiltInProfile> = new Map<string, BuiltInProfile>([
  ['openai', { baseUrl: OPENAI_URL, urlVariables: ['OPENAI_BASE_URL'], keyVariable: 'OPENAI_API_KEY' }],
  [
    'gemini',
    { baseUrl: 'https://generativelanguage.googleapis.com/v1beta/openai', keyVariable: 'GEMINI_API_KEY' },
  ],
  [
    'azure',
    { urlVariables: ['AZURE_OPENAI_BASE_URL', 'AZURE_OPENAI_ENDPOINT'], keyVariable: 'AZURE_OPENAI_API_KEY' },
  ],
  ['openrouter', { baseUrl: 'https://openrouter.ai/api/v1', keyVariable: 'OPENROUTER_API_KEY' }],
  ['groq', { baseUrl: 'https://api.groq.com/openai/v1', keyVariable: 'GROQ_API_KEY' }],
  ['ollama', { baseUrl: 'http://localhost:11434/v1', urlVariables: ['OLLAMA_HOST'] }],
  ['lmstudio', { baseUrl: 'http://localhost:1234/v1' }],
  ['sandbox', { baseUrl: SANDBOX_URL }],
]);

/** One profile by name: what is built in, and what the config adds. */
export interface Profile {
  readonly name: string;
  readonly builtIn: BuiltInProfile | undefined;
  readonly config: ProfileConfig;
}

/** Every profile there is, in the order in which they are listed. */
export function profileNames(configured: ReadonlyMap<string, unknown> | undefined): string[] {
  return [...new Set([...builtInProfiles.keys(), ...(configured?.keys() ?? [])])];
}

/** The environment variables in which the keys of all profiles may be. */
export function keyVariables(configured: ReadonlyMap<string, ProfileConfig> | undefined): string[] {
  const known = [...builtInProfiles.values()].map(({ keyVariable }) => keyVariable);
  const own = [...(configured?.values() ?? [])].map(({ key_env: variable }) => variable);
  return [...new Set([...known, ...own, 'OPENAI_ADMIN_KEY'])].filter((name) => name !== undefined);
}

/**
 * The base URL in a variable that is not one itself: Azure's endpoint lacks the path, Ollama's address is
 * the server's own (`127.0.0.1:11434`, `0.0.0.0`).
 * @returns undefined where the value is not as simple as that
 */
export function urlInVariable(name: string, value: string): string | undefined {
  if (name === 'AZURE_OPENAI_ENDPOINT') {
    return /\/openai(\/|$)/.test(value) ? value : `${value.replace(/\/+$/, '')}/openai/v1`;
  }
  if (name !== 'OLLAMA_HOST') return value;
  const [, scheme, host, port] = /^(https?:\/\/)?([\w.-]+)(:\d+)?\/?$/.exec(value) ?? [];
  if (host === undefined) return undefined;
  // An address to listen on is no address to connect to.
  const server = host === '0.0.0.0' ? '127.0.0.1' : host;
  return `${scheme ?? 'http://'}${server}${port ?? (scheme === undefined ? ':11434' : '')}/v1`;
}
