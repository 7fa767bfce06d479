import type { Via } from '../flags/via.ts';
import { isAzureHost, isOpenAIHost } from './base-url.ts';
import type { ProfileConfig } from './schema.ts';

/** What a server takes in a chat completion, where servers differ. */
export interface ServerTraits {
  /** What it calls the limit of tokens. */
  readonly maxTokensField: 'max_completion_tokens' | 'max_tokens';
  /** It takes `stream_options: {include_usage: true}`. */
  readonly streamUsage: boolean;
  /** It fetches images by URL by itself. */
  readonly takesImageUrls: boolean;
  /** By which endpoint a chat is held where no flag says. */
  readonly chatVia: Via;
}

const OPENAI: ServerTraits = {
  maxTokensField: 'max_completion_tokens',
  streamUsage: true,
  takesImageUrls: true,
  chatVia: 'completions',
};

/**
 * What every server takes: the older name, no field that a strict one might refuse, images that are sent along.
 */
const UNKNOWN: ServerTraits = {
  maxTokensField: 'max_tokens',
  streamUsage: false,
  takesImageUrls: false,
  chatVia: 'completions',
};

/**
 * By the name of the built-in profile.
 *
 * - azure: the v1 API, which is OpenAI's (learn.microsoft.com/azure/ai-foundry/openai/latest).
 * - gemini: ai.google.dev/gemini-api/docs/openai. `reasoning_effort: none` sets the thinking budget to 0, of models that
 *   can do without (2.5 Flash; 2.5 Pro and 3 cannot). Image URLs are passed on (gomodel.enterpilot.io, "Gemini"), by
 *   Google's own examples images are sent along: so are ours.
 * - openrouter: openrouter.ai/docs, `ChatRequest` ("max_tokens: deprecated, use max_completion_tokens") and
 *   `ChatStreamOptions` (`include_usage` is taken and has no effect: usage comes always).
 * - groq: its OpenAPI document and SDK (groq-python pull 175): `max_tokens` gave way to `max_completion_tokens`,
 *   `stream_options` has `include_usage`; images by URL up to 20 MB (console.groq.com/docs/vision).
 * - ollama: docs.ollama.com/api/openai-compatibility and openai/openai.go of its source: `max_tokens` alone,
 *   `stream_options.include_usage`, `reasoning_effort` with `none`, images as data URLs alone ("invalid image input").
 * - lmstudio: lmstudio.ai/docs, "Chat Completions" (`max_tokens`) and "API Changelog" (0.3.18: `include_usage`); images
 *   as data URLs alone ("'url' field must be a base64 encoded image").
 */
const TRAITS: ReadonlyMap<string, ServerTraits> = new Map<string, ServerTraits>([
  ['azure', OPENAI],
  ['gemini', { ...UNKNOWN, streamUsage: true }],
  ['openrouter', OPENAI],
  ['groq', OPENAI],
  ['ollama', { ...UNKNOWN, streamUsage: true }],
  ['lmstudio', { ...UNKNOWN, streamUsage: true }],
]);

/** Servers that are known by their host, whatever profile names it. */
const HOSTS: readonly (readonly [host: RegExp, profile: string])[] = [
  [/^generativelanguage\.googleapis\.com$/, 'gemini'],
  [/^(?:[a-z0-9-]+\.)?openrouter\.ai$/, 'openrouter'],
  [/^api\.groq\.com$/, 'groq'],
];

/**
 * What a server takes: told by its host, else by the built-in profile that stands for one kind of server. (`openai` does
 * not: its base URL is what programs are pointed elsewhere with.)
 * @param profile its name, if it is built in
 */
export function traitsOf(baseUrl: string, profile: string | undefined): ServerTraits {
  if (profile === 'sandbox' || isOpenAIHost(baseUrl) || isAzureHost(baseUrl)) return OPENAI;
  const { hostname } = new URL(baseUrl);
  const known = HOSTS.find(([host]) => host.test(hostname))?.[1];
  return TRAITS.get(known ?? profile ?? '') ?? UNKNOWN;
}

/** The settings of a profile that say what its server takes. */
export type TraitSetting = keyof Pick<
  ProfileConfig,
  'max_tokens_field' | 'stream_usage' | 'image_urls' | 'chat_via'
>;
