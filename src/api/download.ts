import type { Context } from '../context.ts';
import { Failure, usageError } from '../errors.ts';
import { durationText } from '../flags/values.ts';
import { differ, lengthIn, rangeHeaders, restIn } from './byte-range.ts';
import type { Api } from './client.ts';
import { type Downloaded, isDataUrl, readDataUrl } from './data-url.ts';
import { brokeOff, cannotDownload, tooLarge } from './download-failure.ts';
import { type FileAnswer, FileServer, mediaType } from './file-server.ts';
import { Reach, type Resolve, systemResolve } from './reach.ts';

export type { Downloaded } from './data-url.ts';

export interface DownloadOptions {
  /** The most bytes. */
  readonly limit: number;
  /** Where the bytes go, in place of memory. */
  readonly into?: DownloadSink;
  /** The user typed this URL: plain http and private addresses are what they asked for. */
  readonly typed: boolean;
}

/** Takes a download as it comes. */
export interface DownloadSink {
  /** What came so far is not wanted: the file comes from its first byte on. */
  restart(): Promise<void>;
  write(piece: Uint8Array): Promise<void>;
}

/**
 * Fetches a file that an answer of the API names by URL, or that the user typed, within the whole call's `--timeout`
 * and with its retries. Its server gets no key, and nothing of this network is asked for on the word of another.
 * @returns the bytes, none where they went elsewhere
 * @param resolve looks names up
 * @throws Failure or Stopped
 */
export async function download(
  url: string,
  api: Api,
  context: Context,
  { limit, typed, into = new Memory() }: DownloadOptions,
  resolve: Resolve = systemResolve,
): Promise<Downloaded> {
  if (isDataUrl(url)) return readDataUrl(url, limit);
  const start = readUrl(url, typed);
  const { baseUrl, sandbox, timeout } = api.settings;
  if (typed && sandbox && !api.replays && start.host !== new URL(baseUrl).host) {
    throw usageError(`${url}: the sandbox fetches nothing`, 'save it first, for example with curl -O');
  }
  const server = new FileServer(
    api,
    context,
    new Reach({ typed, baseUrl, offline: api.files.offline }, context.env, resolve),
  );
  try {
    const type = await new Transfer(server, limit, into).run(start);
    return { bytes: into instanceof Memory ? into.bytes() : new Uint8Array(), type };
  } catch (error) {
    if (!api.signal.aborted || context.signal.aborted) throw error;
    // The words of the call's own deadline are about the API.
    throw timeIsUp(start.host, timeout);
  }
}

/** @throws Failure; it does not show the text, which may hold a credential */
function readUrl(text: string, typed: boolean): URL {
  if (URL.canParse(text)) return new URL(text);
  const message = 'the address to download from is no URL';
  throw typed ? usageError(message, 'one like https://example.com/cat.png') : new Failure('network', message);
}

/** @param timeout ms */
function timeIsUp(host: string, timeout: number): Failure {
  return new Failure('network', `the download from ${host} did not finish within ${durationText(timeout)}`, {
    hint: '--timeout 30m gives it longer',
  });
}

/** One file on its way here. Where its connection is lost in the middle, the rest is asked for, once. */
class Transfer {
  readonly #server: FileServer;
  /** The most bytes. */
  readonly #limit: number;
  readonly #sink: DownloadSink;
  /** Bytes that came. */
  #size = 0;
  /** Bytes of the whole file, where the server says. */
  #total: number | undefined;
  /** What ended the body early. */
  #lost: unknown;

  constructor(server: FileServer, limit: number, sink: DownloadSink) {
    this.#server = server;
    this.#limit = limit;
    this.#sink = sink;
  }

  /** @returns the media type, as the server gives it */
  async run(start: URL): Promise<string> {
    let answer = await this.#server.ask(start, undefined, {});
    await this.#begin(answer);
    if (!(await this.#take(answer))) answer = await this.#resume(answer);
    if (this.#size === 0) throw cannotDownload(answer.hop.url.host, 'it sent an empty file');
    return mediaType(answer.response.headers);
  }

  /** @returns the answer that tells of what type the file is */
  async #resume(broken: FileAnswer): Promise<FileAnswer> {
    const { hop, response } = broken;
    const rest = await this.#server.ask(hop.url, hop, rangeHeaders(this.#size, response.headers));
    const goesOn = rest.response.status === 206;
    if (goesOn) this.#goOn(rest, broken);
    else await this.#begin(rest);
    if (await this.#take(rest)) return goesOn ? broken : rest;
    throw brokeOff(rest.hop.url.host, this.#size, this.#total, this.#lost);
  }

  /** What comes is the file from its first byte on. */
  async #begin({ response }: FileAnswer): Promise<void> {
    await this.#sink.restart();
    this.#size = 0;
    this.#total = lengthIn(response.headers);
  }

  /**
   * What comes is the rest of the file.
   * @throws Failure where it is not
   */
  #goOn({ hop, response, exchange }: FileAnswer, broken: FileAnswer): void {
    const { start, total = this.#total } = restIn(response.headers) ?? {};
    const changed =
      differ(response.headers, broken.response.headers) ||
      (this.#total !== undefined && total !== this.#total);
    if (start === this.#size && !changed) {
      this.#total = total;
      return;
    }
    exchange.close();
    const reason = changed ? 'the file changed on the way' : 'it sent another part than the one asked for';
    throw cannotDownload(hop.url.host, reason, { cause: this.#lost });
  }

  /**
   * Takes what comes.
   * @returns whether the file is whole; false where the connection was lost
   * @throws Failure or Stopped
   */
  async #take({ hop, response, exchange }: FileAnswer): Promise<boolean> {
    const { host } = hop.url;
    if (this.#total !== undefined && this.#total > this.#limit) {
      exchange.close();
      throw tooLarge(host, this.#total, this.#limit);
    }
    try {
      for await (const piece of response.body === null ? [] : exchange.pieces(response.body)) {
        this.#size += piece.length;
        if (this.#size > this.#limit) throw tooLarge(host, undefined, this.#limit);
        await this.#sink.write(piece);
      }
    } catch (error) {
      const { failure, retryable } = this.#server.failed(error, hop.url);
      if (!retryable) throw failure;
      // However its server hangs up.
      if (this.#total !== undefined && this.#size >= this.#total) return true;
      this.#lost = error;
      return false;
    }
    return this.#total === undefined || this.#size >= this.#total;
  }
}

/** Keeps what comes. */
class Memory implements DownloadSink {
  #pieces: Uint8Array[] = [];

  async restart(): Promise<void> {
    this.#pieces = [];
  }

  async write(piece: Uint8Array): Promise<void> {
    this.#pieces.push(piece);
  }

  bytes(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.#pieces.reduce((size, piece) => size + piece.length, 0));
    let at = 0;
    for (const piece of this.#pieces) {
      bytes.set(piece, at);
      at += piece.length;
    }
    return bytes;
  }
}
