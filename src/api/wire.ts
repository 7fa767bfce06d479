import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import type { Settings } from '../settings/settings.ts';
import { answerCheck } from './transport/answer-check.ts';
import type { OpenSocket } from './transport/socket.ts';
import { compose, type Wrap } from './transport/transport.ts';
import type { Watcher } from './transport/watch.ts';
import type { Uploads } from './uploads.ts';

/** What requests go through. */
export interface Wire {
  /** Those to the API. */
  readonly send: typeof fetch;
  /** Those for files that are named by URL. */
  readonly files: FileWire;
  /**
   * Opens a WebSocket: it is on its way, and says how that goes. Close it when the socket is closed.
   * @param path below the base URL, with its query
   * @throws what `openSocket` throws
   */
  webSocket(path: string, signal: AbortSignal): Promise<OpenSocket>;
}

export interface FileWire {
  readonly fetch: typeof fetch;
  /** Nothing is sent: there are no addresses to judge. */
  readonly offline: boolean;
}

/** What a wire is made for. */
export interface WireSetup {
  readonly settings: Settings;
  /** Requests are shown, and not sent. */
  readonly dryRun: boolean;
  /** Those that each request has, by their names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly uploads: Uploads;
  /** Learns how the server bears what is sent to it. */
  readonly watcher: Watcher | undefined;
}

/**
 * Puts together what stands between the SDK and the network.
 * @throws Failure (usage) where a folder or a proxy cannot be used
 */
export async function makeWire(setup: WireSetup, context: Context): Promise<Wire> {
  const { api, files } = await endsOf(setup, context);
  const wrappers = setup.dryRun ? [] : await wrappersFor(setup, context);
  const webSocket: Wire['webSocket'] = async (path, signal) => {
    const { openSocket } = await import('./transport/sockets.ts');
    return openSocket(path, setup, context, signal);
  };
  return { send: compose(api, wrappers), files, webSocket };
}

/** Where requests end. */
interface Ends {
  readonly api: typeof fetch;
  readonly files: FileWire;
}

/** In the network, or in what takes its place. */
async function endsOf(setup: WireSetup, context: Context): Promise<Ends> {
  const { settings, dryRun } = setup;
  const { tape, baseUrl } = settings;
  if (dryRun) return dryEnds(setup, context);
  if (tape?.kind === 'replay') {
    const { replay } = await import('./transport/cassette/replay.ts');
    const files = { fetch: replay(tape, undefined, context), offline: true };
    return { api: replay(tape, baseUrl, context), files };
  }
  const ends = settings.sandbox ? await sandboxEnds(context) : await networkEnds(setup, context);
  if (tape?.kind !== 'record') return ends;
  const { checkFolder } = await import('../output/writable.ts');
  await checkFolder(tape.folder);
  const { record } = await import('./transport/cassette/record.ts');
  const files = { ...ends.files, fetch: record(tape, undefined, context)(ends.files.fetch) };
  return { api: record(tape, baseUrl, context)(ends.api), files };
}

async function dryEnds({ settings, uploads }: WireSetup, context: Context): Promise<Ends> {
  const { dryRun } = await import('./transport/dry-run.ts');
  const refuse = () => Promise.reject(usageError('a dry run of the sandbox downloads nothing'));
  return {
    api: dryRun(context.stdout, settings.keyInShell(), uploads),
    files: { fetch: settings.sandbox ? refuse : context.fetch, offline: settings.sandbox },
  };
}

async function sandboxEnds(context: Context): Promise<Ends> {
  const { sandboxFetch } = await import('./transport/sandbox.ts');
  const fetch = await sandboxFetch(context);
  return { api: fetch, files: { fetch, offline: true } };
}

async function networkEnds({ settings: { baseUrl }, watcher }: WireSetup, context: Context): Promise<Ends> {
  const files = { fetch: context.fetch, offline: false };
  // Many requests are to come.
  if (watcher !== undefined && context.hasSockets) {
    const { wholeAnswersFetch } = await import('./transport/whole-answers.ts');
    return { api: await wholeAnswersFetch(context, baseUrl), files };
  }
  const { directFetch } = await import('./transport/direct.ts');
  return { api: await directFetch(context, baseUrl), files };
}

/** From the SDK on. */
async function wrappersFor({ settings, headers, watcher }: WireSetup, context: Context): Promise<Wrap[]> {
  const { tape, baseUrl } = settings;
  const wrappers: Wrap[] = [answerCheck];
  if (tape?.kind === 'cache') {
    const { cache } = await import('./transport/cassette/cache.ts');
    wrappers.push(cache(tape, { baseUrl, headers }, context));
  }
  if (watcher !== undefined) {
    const { watch } = await import('./transport/watch.ts');
    wrappers.push(watch(watcher, context.clock));
  }
  if (context.verbosity === 'verbose') {
    const { log } = await import('./transport/log.ts');
    wrappers.push(log(context));
  }
  return wrappers;
}
