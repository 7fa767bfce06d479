import type { Context } from '../context.ts';
import type { GlobalOptions } from '../flags/global.ts';
import type { Via } from '../flags/via.ts';
import { isOpenAIHost } from './base-url.ts';
import { historySetting } from './history.ts';
import { findKey, type Key, keyInShell } from './key.ts';
import { keyVariables } from './profiles.ts';
import { chosenModel, type Resolved, resolveTarget, withoutAlias } from './resolve.ts';
import type { Capability } from './schema.ts';
import { readSources, type Sources } from './sources.ts';
import { findTape, type Tape } from './tape.ts';

/** The whole call: ten minutes, as long as OpenAI's own libraries wait. In ms. */
export const DEFAULT_TIMEOUT = 600_000;
/** Silence within a stream that has begun, in ms. */
export const DEFAULT_STALL_TIMEOUT = 60_000;
/** Tries after a failed first one. */
export const DEFAULT_RETRIES = 3;

/** What the settings say of tools. */
export interface ToolSettings {
  /** The names of those that run without a question. */
  readonly allow: readonly string[];
  /** Variables that tools are given although their names are those of keys. */
  readonly env: readonly string[];
  /** Variables that hold keys of any profile: no tool is given them. */
  readonly keyVariables: readonly string[];
}

/** What a run needs to know of where it sends to. Times in milliseconds. */
export interface Settings {
  /** The profile's name. */
  readonly profile: string;
  /** Without a slash at the end, credentials or a query. */
  readonly baseUrl: string;
  /** The host is OpenAI's own. The sandbox, which answers as OpenAI does, counts too. */
  readonly isOpenAI: boolean;
  /** The server needs no key: it is on this machine, or of a kind that knows none. */
  readonly keyless: boolean;
  /** Answered in process: nothing is sent. */
  readonly sandbox: boolean;
  readonly organization: string | undefined;
  readonly project: string | undefined;
  /** What the server calls the limit of tokens in a chat completion. */
  readonly maxTokensField: 'max_completion_tokens' | 'max_tokens';
  /** The server takes `stream_options: {include_usage: true}` with a streamed chat completion. */
  readonly streamUsage: boolean;
  /** The server fetches an image by its URL; if not, the image itself is to be sent. */
  readonly takesImageUrls: boolean;
  /** By which endpoint a chat is held where no flag says. */
  readonly chatVia: Via;
  /** For the whole call, with its retries. */
  readonly timeout: number;
  /** Silence that ends a call: before the first piece (undefined: only `timeout` counts), and between pieces. */
  readonly stallTimeout: { readonly first: number | undefined; readonly between: number };
  /** Tries after a failed first one. */
  readonly retries: number;
  /** Exchanges are to be kept, or not; undefined where nobody says. */
  readonly history: boolean | undefined;
  /** What keeps or gives answers beside the network. */
  readonly tape: Tape | undefined;
  /** Images are to be shown on a terminal. */
  readonly showImages: boolean;
  /** Markdown is to be rendered on a terminal. */
  readonly markdown: boolean;
  /** Scores of moderation, from 0 to 1, from which on a category is flagged. */
  readonly thresholds: ReadonlyMap<string, number>;
  readonly tools: ToolSettings;
  /**
   * The model that the user chose for what is to be done, aliases resolved.
   * @param flag what `--model` says
   * @returns undefined where it is for the command to choose
   */
  model(capability: Capability, flag: string | undefined): string | undefined;
  /**
   * Finds the key, when it is first needed.
   * @returns undefined where none is needed and none is there
   * @throws Failure (auth)
   */
  key(): Promise<Key | undefined>;
  /**
   * How a shell says that key: `$OPENAI_API_KEY`. No key is read.
   * @returns undefined where none would be sent
   * @throws Failure (auth)
   */
  keyInShell(): string | undefined;
}

/**
 * Reads the settings of a run: flags, then the environment, then `.env`, then the user's `config.toml`.
 * @throws Failure (usage) on a value that cannot be meant
 */
export async function loadSettings(options: GlobalOptions, context: Context): Promise<Settings> {
  const sources = await readSources(context);
  return settingsFor(await resolveTarget(options, sources, context), options, sources, context);
}

/** The settings of a target that is resolved. */
export function settingsFor(
  target: Resolved,
  options: GlobalOptions,
  sources: Sources,
  context: Context,
): Settings {
  const { config } = sources;
  const stall = options.stallTimeout ?? config.stall_timeout;
  const timeout = options.timeout ?? config.timeout ?? DEFAULT_TIMEOUT;
  let key: Promise<Key | undefined> | undefined;
  return {
    profile: target.profile.name,
    baseUrl: target.baseUrl.value,
    isOpenAI: target.sandbox || isOpenAIHost(target.baseUrl.value),
    keyless: target.keyless,
    sandbox: target.sandbox,
    organization: target.organization?.value,
    project: target.project?.value,
    maxTokensField: target.traits.maxTokensField,
    streamUsage: target.traits.streamUsage,
    takesImageUrls: target.traits.takesImageUrls,
    chatVia: target.traits.chatVia,
    timeout,
    stallTimeout: { first: stall, between: stall ?? DEFAULT_STALL_TIMEOUT },
    retries: options.retries ?? config.retries ?? DEFAULT_RETRIES,
    history: historySetting(config, context)?.value,
    tape: findTape(options, config, target.sandbox, context),
    showImages: config.show_images ?? false,
    markdown: config.markdown ?? true,
    thresholds: config.thresholds ?? new Map(),
    tools: {
      allow: config.tools?.allow ?? [],
      env: config.tools?.env ?? [],
      keyVariables: keyVariables(config.profiles),
    },
    model(capability, flag) {
      const chosen = chosenModel(capability, flag, target.profile, sources, context);
      return chosen === undefined ? undefined : withoutAlias(chosen.value, target.profile, sources);
    },
    key() {
      key ??= findKey(target, sources, context, timeout);
      return key;
    },
    keyInShell: () => keyInShell(target, sources, context),
  };
}
