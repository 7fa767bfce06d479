import { APIError } from 'openai/core/error';
import type { Context } from '../context.ts';
import { Failure } from '../errors.ts';
import { version } from '../version.ts';
import type { Api } from './client.ts';
import { cannotDownload } from './download-failure.ts';
import { Exchange } from './exchange.ts';
import { type FailedTry, failedTry } from './failure.ts';
import type { Hop, Reach } from './reach.ts';
import type { Dispatcher } from './transport/direct.ts';
import { log } from './transport/log.ts';
import { proxyShown } from './transport/proxies.ts';

/** An answer whose body is still to be read. */
export interface FileAnswer {
  /** Where it came from, after all redirects. */
  readonly hop: Hop;
  readonly response: Response;
  readonly exchange: Exchange;
}

/** More redirects than these lead nowhere. */
const MOST_REDIRECTS = 5;

/** All that a server of files is told: no key, and nothing of the API's headers. What comes is counted as it is sent. */
const HEADERS = { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': `oai/${version}` };

/** Whoever holds a file that is named by URL. */
export class FileServer {
  readonly #api: Api;
  readonly #context: Context;
  readonly #reach: Reach;
  readonly #fetch: typeof fetch;

  constructor(api: Api, context: Context, reach: Reach) {
    this.#api = api;
    this.#context = context;
    this.#reach = reach;
    const { fetch } = api.files;
    this.#fetch = context.verbosity === 'verbose' ? log(context)(fetch) : fetch;
  }

  /**
   * Asks for a file, with retries, until an answer with it begins.
   * @param from the hop that led to the URL
   * @param range headers for a part of it
   * @throws Failure or Stopped
   */
  ask(url: URL, from: Hop | undefined, range: Readonly<Record<string, string>>): Promise<FileAnswer> {
    return this.#api.call(async (_, { signal }) => {
      const answer = await this.#follow(url, from, range, signal);
      const refusal = refusalIn(answer, 'range' in range);
      if (refusal === undefined) return answer;
      answer.exchange.close();
      throw refusal;
    });
  }

  /** What to say of an error that ended an exchange, and whether another may go better. */
  failed(error: unknown, { host, href }: URL): FailedTry {
    const { clock, env } = this.#context;
    const proxy = this.#api.files.offline ? undefined : proxyShown(env, href);
    return failedTry(error, { host, keySource: undefined, proxy, now: () => clock.now() });
  }

  async #follow(
    start: URL,
    from: Hop | undefined,
    range: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<FileAnswer> {
    let answer = await this.#request(start, from, range, signal);
    for (let redirects = 0; ; redirects++) {
      const next = redirectIn(answer);
      if (next === undefined) return answer;
      answer.exchange.close();
      if (redirects === MOST_REDIRECTS) {
        throw cannotDownload(start.host, `it redirects more than ${MOST_REDIRECTS} times`);
      }
      answer = await this.#request(next, answer.hop, range, signal);
    }
  }

  async #request(
    url: URL,
    from: Hop | undefined,
    range: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<FileAnswer> {
    const { clock, secrets } = this.#context;
    // The query of a signed link is as good as a key.
    if (url.search.length > 1) secrets.add(url.search.slice(1));
    const exchange = new Exchange(
      `the download from ${url.host}`,
      this.#api.settings.stallTimeout,
      clock,
      signal,
    );
    try {
      return await exchange.open(async (signal) => {
        const hop = await this.#reach.hop(url, from);
        const dispatcher = this.#api.files.offline ? undefined : await dispatcherTo(hop);
        const request: object = { headers: { ...HEADERS, ...range }, redirect: 'manual', signal, dispatcher };
        // Node's types know a whole dispatcher only; its fetch calls no more than `dispatch`.
        const response = await this.#fetch(url, request as RequestInit);
        return { hop, response, exchange };
      });
    } catch (error) {
      const { failure, retryable } = this.failed(error, url);
      throw failure instanceof Failure ? again(failure, retryable) : failure;
    }
  }
}

async function dispatcherTo({ addresses, proxies }: Hop): Promise<Dispatcher> {
  if (proxies === undefined) {
    const { pinnedDispatcher } = await import('./transport/pinned.ts');
    return pinnedDispatcher(addresses);
  }
  const { proxyDispatcher } = await import('./transport/proxy-dispatcher.ts');
  // What goes past the proxies has been told apart, by the same rules and with its addresses judged.
  return proxyDispatcher({ ...proxies, noProxy: undefined });
}

function again(failure: Failure, retryable: boolean): Failure {
  if (failure.retryable === retryable) return failure;
  const { kind, message, hint, code, status, requestId, cause } = failure;
  return new Failure(kind, message, { hint, code, status, requestId, cause, retryable });
}

/** @throws Failure where an answer redirects to what is no URL */
function redirectIn({ response, hop }: FileAnswer): URL | undefined {
  const location = response.headers.get('location');
  if (![301, 302, 303, 307, 308].includes(response.status) || location === null) return undefined;
  if (URL.canParse(location, hop.url.href)) return new URL(location, hop.url);
  throw cannotDownload(hop.url.host, 'it redirects to what is no URL');
}

/** The error that an answer without the file is; the SDK's own where another try may help, with the wait it asks for. */
function refusalIn({ response, hop }: FileAnswer, ranged: boolean): Error | undefined {
  const { status, headers } = response;
  const { host } = hop.url;
  if (status === 200 || status === 203) {
    const isPage = ['text/html', 'application/xhtml+xml'].includes(mediaType(headers));
    return isPage ? cannotDownload(host, 'it sent a web page, not the file') : undefined;
  }
  if (status === 206 && ranged) return undefined;
  const answered = `it answered HTTP ${status}`;
  if (status === 408 || status === 429 || status >= 500) {
    return new APIError(status, cannotDownload(host, answered), undefined, headers);
  }
  const expired = [403, 404, 410].includes(status);
  const reason = expired ? `the link has expired or is wrong (HTTP ${status})` : answered;
  return cannotDownload(host, reason, { status });
}

/** The media type of an answer, in lower case and without parameters; empty where it has none. */
export function mediaType(headers: Headers): string {
  return headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
}
