import { setMaxListeners } from 'node:events';
import type { OpenAI } from 'openai';
import type { Context } from '../context.ts';
import { Failure } from '../errors.ts';
import type { GlobalOptions } from '../flags/global.ts';
import { durationText } from '../flags/values.ts';
import { loadSettings, type Settings } from '../settings/settings.ts';
import { version } from '../version.ts';
import { Deadline } from './deadline.ts';
import { type Destination, failedTry } from './failure.ts';
import { readHeaders } from './headers.ts';
import { withRetries } from './retry.ts';
import { KEY_TO_COME } from './transport/credentials.ts';
import { proxyShown } from './transport/proxies.ts';
import type { Watcher } from './transport/watch.ts';
import { Uploads } from './uploads.ts';
import { type FileWire, makeWire, type Wire } from './wire.ts';

/** What every call hands to the SDK. */
export interface CallOptions {
  readonly signal: AbortSignal;
}

/** The API as the settings have it: one client, one retry contract. */
export interface Api {
  readonly settings: Settings;
  /**
   * Makes one call, with its retries, within the whole call's `--timeout`.
   * @throws Failure or Stopped
   */
  call<T>(attempt: (client: OpenAI, options: CallOptions) => Promise<T>): Promise<T>;
  /**
   * Stops the time of `--timeout` while somebody else is waited for: the reader of our output, a player.
   * @returns lets it go on
   */
  pause(): () => void;
  /**
   * Does one of many things, each with a time of its own: `--timeout` is then for that, and not for the run.
   * @param signal ends the calls of that one with its reason
   * @throws what the work throws
   */
  each<T>(work: (api: Api) => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** The same for one that is done in steps: end it. */
  apart(signal?: AbortSignal): ApartApi;
  /** Aborted when the run is stopped or its time is up, once a call was made. */
  readonly signal: AbortSignal;
  /** What a failure that came after a call's answer had begun is to say. */
  failure(error: unknown): Error;
  /** The files that requests carry. */
  readonly uploads: Uploads;
  /** Requests are shown, and not sent. */
  readonly dryRun: boolean;
  /** Answers come from a cassette: nobody is waited for. */
  readonly replays: boolean;
  readonly webSocket: Wire['webSocket'];
  /** For files that are named by URL. */
  readonly files: FileWire;
}

/** The API with a time of its own. */
export interface ApartApi {
  readonly api: Api;
  /** What it was for is over. */
  end(): void;
}

/** What a caller of `connect` may bring. */
export interface Given {
  readonly settings?: Settings;
  /** Learns how the server bears what is sent to it. */
  readonly watcher?: Watcher;
}

/** Headers of the SDK that tell every server about this machine. */
const TELLTALES = [
  'Arch',
  'Lang',
  'OS',
  'Package-Version',
  'Retry-Count',
  'Runtime',
  'Runtime-Version',
  'Timeout',
];

/**
 * Reads the settings, finds the key and makes the API ready. Nothing is sent yet.
 * @param given settings to use in place of those that the flags, the environment and the config make; who watches
 * @throws Failure (usage, auth)
 */
export async function connect(options: GlobalOptions, context: Context, given: Given = {}): Promise<Api> {
  const settings = given.settings ?? (await loadSettings(options, context));
  const headers = await readHeaders(options.header ?? [], context);
  const dryRun = options.dryRun === true;
  const replays = settings.tape?.kind === 'replay' && !dryRun;
  const key = replays ? undefined : await keyFor(settings, headers, dryRun);
  const isOffline = settings.sandbox || replays;
  const proxy = isOffline ? undefined : proxyShown(context.env, settings.baseUrl);
  const ownHeaders = {
    'user-agent': `oai/${version}`,
    ...(key !== undefined && { authorization: `Bearer ${key.value}` }),
    ...(settings.organization !== undefined && { 'openai-organization': settings.organization }),
    ...(settings.project !== undefined && { 'openai-project': settings.project }),
    ...headers,
  };
  const uploads = new Uploads();
  const setup = { settings, dryRun, headers: ownHeaders, uploads, watcher: given.watcher };
  const { send, files, webSocket } = await makeWire(setup, context);
  // Loaded here and not above: --help and a missing key need no SDK.
  const { OpenAI } = await import('openai');
  const client = new OpenAI({
    // The SDK wants one; where there is none, the header that carries it is left out.
    apiKey: key?.value ?? 'none',
    baseURL: settings.baseUrl,
    organization: settings.organization ?? null,
    project: settings.project ?? null,
    adminAPIKey: null,
    webhookSecret: null,
    maxRetries: 0,
    // Our own deadline ends a call, streams included.
    timeout: 2 ** 31 - 1,
    logLevel: 'off',
    defaultHeaders: {
      ...ambientHeaders(context.env),
      ...Object.fromEntries(TELLTALES.map((name) => [`X-Stainless-${name}`, null])),
      'User-Agent': `oai/${version}`,
      Authorization: key === undefined ? null : `Bearer ${key.value}`,
      ...headers,
    },
    // The SDK looks there for whether forms can be sent, and otherwise makes a request to find out.
    fetch: Object.assign(send, { Response }),
  });
  const destination: Destination = {
    host: new URL(settings.baseUrl).host,
    keySource: bringsKey(headers) ? '--header' : key?.source,
    isEphemeral: /^(?:Bearer )?ek_/.test(headers['authorization'] ?? key?.value ?? ''),
    proxy,
    now: () => context.clock.now(),
  };
  const { watcher } = given;
  const parts = { uploads, dryRun, replays, files, webSocket, watcher };
  return new TimedApi(client, settings, destination, context, parts);
}

/** Whether headers of the user's own bring a key. */
export function bringsKey(headers: Readonly<Record<string, string>>): boolean {
  return headers['authorization'] !== undefined || headers['api-key'] !== undefined;
}

/**
 * The key that requests carry: none where a `--header` brings one, and in a dry run, which reads no key, a stand-in.
 * @throws Failure (auth)
 */
async function keyFor(
  settings: Settings,
  headers: Readonly<Record<string, string>>,
  dryRun: boolean,
): Promise<{ readonly value: string; readonly source: string } | undefined> {
  if (bringsKey(headers)) return undefined;
  if (!dryRun) return settings.key();
  const source = settings.keyInShell();
  return source === undefined ? undefined : { value: KEY_TO_COME, source };
}

/** `OPENAI_CUSTOM_HEADERS` is no setting of this program: what the SDK would take from it is taken out. */
function ambientHeaders(env: Context['env']): Record<string, null> {
  const lines = env['OPENAI_CUSTOM_HEADERS']?.split('\n') ?? [];
  const names = lines.map((line) => line.split(':')[0]?.trim() ?? '').filter((name) => name !== '');
  return Object.fromEntries(names.map((name) => [name, null]));
}

/** What an API shares with those that are apart from it. */
interface Parts extends Pick<Api, 'uploads' | 'dryRun' | 'replays' | 'files' | 'webSocket'> {
  readonly watcher: Watcher | undefined;
}

class TimedApi implements Api {
  readonly settings: Settings;
  readonly uploads: Uploads;
  readonly dryRun: boolean;
  readonly replays: boolean;
  readonly files: FileWire;
  readonly webSocket: Wire['webSocket'];
  readonly signal: AbortSignal;
  readonly watcher: Watcher | undefined;
  readonly #client: OpenAI;
  readonly #destination: Destination;
  readonly #context: Context;
  readonly #deadline: Deadline;
  /** What ends the calls beside the run and the time. */
  readonly #signals: readonly AbortSignal[];
  readonly #unlink: () => void;

  constructor(
    client: OpenAI,
    settings: Settings,
    destination: Destination,
    context: Context,
    { uploads, dryRun, replays, files, webSocket, watcher }: Parts,
    signals: readonly AbortSignal[] = [],
  ) {
    this.#client = client;
    this.uploads = uploads;
    this.dryRun = dryRun;
    this.replays = replays;
    this.webSocket = webSocket;
    this.files = files;
    this.watcher = watcher;
    this.settings = settings;
    this.#destination = destination;
    this.#context = context;
    const ending = new AbortController();
    const { timeout } = settings;
    this.#deadline = new Deadline(timeout, context.clock, () => ending.abort(timeIsUp(timeout, destination)));
    this.#signals = signals;
    this.#unlink = linked(ending, [context.signal, ...signals]);
    this.signal = ending.signal;
  }

  call<T>(attempt: (client: OpenAI, options: CallOptions) => Promise<T>): Promise<T> {
    const deadline = this.#deadline;
    // The time of a run starts with its first call: reading stdin does not count.
    deadline.start();
    const policy = {
      retries: this.settings.retries,
      get deadline() {
        return deadline.at;
      },
      signal: this.signal,
      read: (error: unknown) => failedTry(error, this.#destination),
      // One too many of our own is soon one less, and rows wait for it.
      firstWait: ({ kind }: Failure) => (kind === 'limit' ? this.watcher?.turn : undefined),
      waits: !this.replays,
    };
    return withRetries(() => attempt(this.#client, { signal: this.signal }), policy, this.#context);
  }

  failure(error: unknown): Error {
    if (this.signal.aborted) return this.signal.reason;
    return failedTry(error, this.#destination).failure;
  }

  pause(): () => void {
    return this.#deadline.pause();
  }

  async each<T>(work: (api: Api) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const { api, end } = this.apart(signal);
    try {
      return await work(api);
    } finally {
      end();
    }
  }

  #end(): void {
    this.#deadline.end();
    this.#unlink();
  }

  apart(signal?: AbortSignal): ApartApi {
    const signals = signal === undefined ? this.#signals : [...this.#signals, signal];
    const api = new TimedApi(this.#client, this.settings, this.#destination, this.#context, this, signals);
    return { api, end: () => api.#end() };
  }
}

function timeIsUp(timeout: number, { host, proxy }: Destination): Failure {
  const way = proxy === undefined ? '' : ` through the proxy ${proxy}`;
  return new Failure('network', `${host} did not finish within ${durationText(timeout)}${way}`, {
    hint: '--timeout 30m gives it longer',
  });
}

/**
 * Aborts with the first of several signals. (`AbortSignal.any` does the same, at several times the price: a job of many
 * rows pays it for each.)
 * @returns lets go of the signals
 */
function linked(controller: AbortController, signals: readonly AbortSignal[]): () => void {
  // As many as there are requests at once are no leak.
  setMaxListeners(0, ...signals);
  const links = signals.map((signal) => {
    const abort = () => controller.abort(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    return () => signal.removeEventListener('abort', abort);
  });
  return () => {
    for (const unlink of links) unlink();
  };
}
