import { APIConnectionError, APIError } from 'openai/core/error';
import { errno, Failure, type FailureKind, Stopped } from '../errors.ts';
import { isObject } from '../json.ts';
import { noId } from './ids.ts';
import type { ErrorBody } from './transport/error-body.ts';
import { isProxyFailure } from './transport/proxies.ts';

/** A failed try of a call: what to tell, and whether another try may help. */
export interface FailedTry {
  /** Anything but a `Failure` or a `Stopped` is a bug of this program. */
  readonly failure: Error;
  readonly retryable: boolean;
  /** How long the server asks to wait before the next try, in ms. */
  readonly retryAfter?: number | undefined;
}

/** Where calls go, for the words of a failure. */
export interface Destination {
  /** Host and, where it is unusual, port. */
  readonly host: string;
  /** Where the key came from: `OPENAI_API_KEY`, `--header`. */
  readonly keySource: string | undefined;
  /** That key is a client secret, which lasts for minutes. */
  readonly isEphemeral?: boolean;
  /** The proxy in use, without credentials. */
  readonly proxy: string | undefined;
  /** Ms since 1970. */
  readonly now: () => number;
}

/** Codes (and, on some servers, types) of error bodies that say more than the status, or stand in for it. */
const KIND_OF_WORD: ReadonlyMap<string, FailureKind> = new Map([
  ['authentication_error', 'auth'],
  ['content_filter', 'verdict'],
  ['content_policy_violation', 'verdict'],
  ['context_length_exceeded', 'refused'],
  ['image_content_policy_violation', 'verdict'],
  ['insufficient_quota', 'limit'],
  ['invalid_api_key', 'auth'],
  ['invalid_prompt', 'refused'],
  ['invalid_request_error', 'refused'],
  ['model_not_found', 'refused'],
  ['moderation_blocked', 'verdict'],
  ['not_found_error', 'refused'],
  ['permission_error', 'auth'],
  ['rate_limit_error', 'limit'],
  ['rate_limit_exceeded', 'limit'],
  // A live session lasts 60 minutes, and another one does as well.
  ['session_expired', 'network'],
]);

/** What the code of an error says by itself, where it says more than that something failed. */
export function kindOfCode(code: string | undefined): FailureKind | undefined {
  return KIND_OF_WORD.get(code ?? '');
}

/** Refusals that a second try meets again, whatever the status. */
const FINAL_WORDS: readonly string[] = ['insufficient_quota', 'billing_hard_limit_reached'];

/** Whether the account has nothing left to pay with: no wait helps. */
export function isOutOfCredit({ kind, status, code }: Failure): boolean {
  return kind === 'limit' && (status === 402 || FINAL_WORDS.includes(code ?? ''));
}

/** What an HTTP status of an error says (exit codes of the design, section 4). */
function kindOfStatus(status: number): FailureKind {
  if (status === 401 || status === 403) return 'auth';
  if (status === 402 || status === 429) return 'limit';
  if (status === 408 || status >= 500 || status < 400) return 'network';
  return 'refused';
}

function isTransient(status: number): boolean {
  return status === 408 || status === 409 || status === 429 || status >= 500;
}

function words(body: ErrorBody | undefined): string[] {
  return [body?.code, body?.type].filter((word): word is string => typeof word === 'string');
}

/** Some servers give an HTTP status in the `code` of an error that comes with status 200. */
function statusInBody(body: ErrorBody | undefined): number | undefined {
  const status = Number(body?.code);
  return status >= 400 && status < 600 ? status : undefined;
}

/** Turns whatever a try threw into words, a kind, and whether to try again. */
export function failedTry(error: unknown, to: Destination): FailedTry {
  const known = inChain(error, (link) => link instanceof Failure || link instanceof Stopped);
  if (known instanceof Stopped) return { failure: known, retryable: false };
  if (known instanceof Failure) return { failure: known, retryable: known.retryable };
  const answered = inChain(
    error,
    (link) => link instanceof APIError && !(link instanceof APIConnectionError),
  );
  if (answered instanceof APIError) return answeredError(answered, to);
  if (isNetworkError(error)) return networkError(error, to);
  return { failure: unsentWord(error) ?? asError(error), retryable: false };
}

/** Of `..` the SDK makes no part of a path: nothing was sent. */
function unsentWord(error: unknown): Failure | undefined {
  const { message } = asError(error);
  const word = /^Path parameters result in path with invalid segments:\nValue "(.*)" can/.exec(message)?.[1];
  return word === undefined ? undefined : noId(word);
}

function answeredError(error: APIError, to: Destination): FailedTry {
  const body: ErrorBody | undefined =
    typeof error.error === 'object' ? (error.error ?? undefined) : undefined;
  const status: number | undefined = error.status ?? statusInBody(body);
  const byWord = words(body)
    .map((word) => KIND_OF_WORD.get(word))
    .find((kind) => kind !== undefined);
  const kind = byWord === 'verdict' || status === undefined ? (byWord ?? 'network') : kindOfStatus(status);
  const final = words(body).some((word) => FINAL_WORDS.includes(word)) || kind === 'verdict';
  const asked = error.headers?.get('x-should-retry');
  const transient = status === undefined ? kind === 'network' || kind === 'limit' : isTransient(status);
  return {
    failure: new Failure(kind, answeredMessage(error, body, to), {
      hint: hintFor(kind, body, status, to),
      code: words(body)[0],
      status,
      requestId: error.requestID ?? undefined,
      cause: error,
    }),
    retryable: !final && (asked === 'true' || (asked !== 'false' && transient)),
    retryAfter: retryAfter(error.headers, to.now()),
  };
}

function answeredMessage(error: APIError, body: ErrorBody | undefined, to: Destination): string {
  const text = typeof body?.message === 'string' ? body.message.trim() : '';
  if (text !== '') return text;
  const detail = body === undefined ? 'no details' : JSON.stringify(body);
  const status = error.status === undefined ? 'an error' : `HTTP ${error.status}`;
  return `${to.host} answered ${status} (${detail})`;
}

function hintFor(
  kind: FailureKind,
  body: ErrorBody | undefined,
  status: number | undefined,
  to: Destination,
): string | undefined {
  const said = words(body);
  if (status === 401 || said.includes('invalid_api_key')) {
    if (to.isEphemeral === true) {
      return 'a client secret (ek_…) lasts for minutes: `oai realtime client-secret` makes another';
    }
    const source = to.keySource === undefined ? '' : `the key came from ${to.keySource}`;
    const another = to.keySource === '--header' ? '' : '`oai config init` sets up another';
    return [source, another].filter((part) => part !== '').join('; ');
  }
  if (said.includes('insufficient_quota') || status === 402) {
    return 'the account is out of credit or at its spending limit; trying again does not help';
  }
  if (said.includes('moderation_blocked')) return moderationHint(body?.moderation_details);
  if (said.includes('model_not_found')) return '-m chooses another model';
  if (said.includes('context_length_exceeded'))
    return 'send less text, or choose a model with a larger context with -m';
  if (status === 404 && kind === 'refused' && body === undefined) {
    return 'is the base URL right? Most end with /v1 (`oai config get base_url`)';
  }
  return undefined;
}

/** The same failure of a call that has no -m: a model that is not there has another way out. */
export function withoutModelFlag(error: unknown): unknown {
  if (!(error instanceof Failure) || error.code !== 'model_not_found') return error;
  const { kind, message, code, status, requestId, retryable, cause } = error;
  const hint = '`oai models` lists those there are';
  return new Failure(kind, message, { hint, code, status, requestId, retryable, cause });
}

function moderationHint(details: unknown): string | undefined {
  if (!isObject(details) || !Array.isArray(details['categories'])) return undefined;
  const stage = typeof details['moderation_stage'] === 'string' ? ` (${details['moderation_stage']})` : '';
  return `blocked for ${details['categories'].join(', ')}${stage}; other words may pass`;
}

/** `Retry-After` (seconds or a date) or OpenAI's `retry-after-ms`, in ms. */
export function retryAfter(headers: Headers | undefined, now: number): number | undefined {
  const ms = Number(headers?.get('retry-after-ms') ?? Number.NaN);
  if (ms >= 0) return ms;
  const text = headers?.get('retry-after');
  if (text === null || text === undefined || text.trim() === '') return undefined;
  const wait = Number.isNaN(Number(text)) ? Date.parse(text) - now : Number(text) * 1000;
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}

/** How the network fails, by error code: what to say of the host, and whether it may pass. */
const NETWORK_WORDS: Readonly<Record<string, readonly [say: (host: string) => string, retryable: boolean]>> =
  {
    EAI_AGAIN: [(host) => `cannot look up ${host}: no name server answers`, true],
    ECONNREFUSED: [(host) => `nothing listens at ${host}`, true],
    ECONNRESET: [(host) => `the connection to ${host} was lost`, true],
    EHOSTUNREACH: [(host) => `${host} cannot be reached from here`, true],
    ENETUNREACH: [() => 'the network cannot be reached', true],
    ENOTFOUND: [(host) => `there is no host named ${host}`, true],
    EPIPE: [(host) => `the connection to ${host} was lost`, true],
    EPROTO: [(host) => `${host} does not speak TLS (is it http:// and not https://?)`, false],
    ERR_SSL_WRONG_VERSION_NUMBER: [
      (host) => `${host} does not speak TLS (is it http:// and not https://?)`,
      false,
    ],
    ETIMEDOUT: [(host) => `${host} does not answer`, true],
    UND_ERR_CONNECT_TIMEOUT: [(host) => `${host} does not answer`, true],
    UND_ERR_SOCKET: [(host) => `the connection to ${host} was lost`, true],
  };

/** The same for errors that are known by their text only. */
const TEXT_WORDS: readonly (readonly [RegExp, say: (host: string) => string, retryable: boolean])[] = [
  [
    /Z_DATA_ERROR|incorrect header check|Content-Encoding/,
    (host) => `${host} sent an answer that is garbled`,
    false,
  ],
  [/Headers Overflow/, (host) => `${host} sent more headers than an answer has`, false],
  [/terminated|other side closed|Premature close/i, (host) => `the connection to ${host} was lost`, true],
  [
    /malformed server-sent event|Unexpected token|not valid JSON|call stack/,
    (host) => `${host} sent an answer that is garbled`,
    true,
  ],
  [/string longer than|Invalid string length/, (host) => `${host} sent more than an answer can hold`, false],
  [
    /bad port/,
    (host) => `${host}: this port belongs to another protocol, and fetch does not connect to it`,
    false,
  ],
  [/HPE_|Parse Error|Expected HTTP/, (host) => `${host} does not speak HTTP`, false],
];

/** Error codes of a certificate that is not trusted (OpenSSL's names, as Node gives them). */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_|ALTNAME/;

/** Whether an error came from fetch or from reading what it gives, and not from code of ours. */
function isNetworkError(error: unknown): boolean {
  if (error instanceof APIConnectionError) return true;
  const links = [...chain(error)];
  const known = links.some((link) => errno(link) !== undefined || isProxyFailure(link));
  return known || links.some((link) => TEXT_WORDS.some(([pattern]) => pattern.test(String(link))));
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function networkError(error: unknown, to: Destination): FailedTry {
  const code = [...chain(error)].map(errno).find((name) => name !== undefined) ?? '';
  const text = [...chain(error)]
    .map((link) => (link instanceof Error ? link.message : String(link)))
    .join('; ');
  const words = [...chain(error)].some(isProxyFailure)
    ? proxyWords(code, text, to.proxy ?? 'of the environment')
    : networkWords(code, text, to.host);
  return {
    failure: new Failure('network', words.message, { hint: words.hint, cause: error }),
    retryable: words.retryable,
  };
}

/** What stood in the way of a call: the proxy, the certificate of the server, or something else. */
export type Obstacle = 'proxy' | 'certificate' | 'other';

export function obstacleOf(failure: Failure): Obstacle {
  const links = [...chain(failure)];
  if (links.some(isProxyFailure)) return 'proxy';
  return failure.kind === 'network' && links.some((link) => CERTIFICATE.test(errno(link) ?? ''))
    ? 'certificate'
    : 'other';
}

/** The headers of the answer that a failure came with, if one came. */
export function headersOfFailure(failure: Failure): Headers | undefined {
  const answered = inChain(failure, (link) => link instanceof APIError);
  return answered instanceof APIError ? answered.headers : undefined;
}

interface NetworkWords {
  readonly message: string;
  readonly hint?: string;
  readonly retryable: boolean;
}

function proxyWords(code: string, text: string, proxy: string): NetworkWords {
  const status = /Proxy response \((\d+)\)/.exec(text)?.[1];
  if (status !== undefined) {
    return {
      message: `the proxy ${proxy} refuses the connection (HTTP ${status})`,
      ...(status === '407' && {
        hint: 'it wants a user name and password that are right: http://user:password@host:port',
      }),
      retryable: false,
    };
  }
  const { message } = networkWords(code, text, `the proxy ${proxy}`);
  return { message, hint: 'NO_PROXY names the hosts that are reached without it', retryable: false };
}

function networkWords(code: string, text: string, host: string): NetworkWords {
  if (/unexpected redirect/.test(text)) {
    return {
      message: `${host} redirects to another address`,
      hint: 'a key is not carried there: give the final address with --base-url',
      retryable: false,
    };
  }
  if (CERTIFICATE.test(code)) {
    return {
      message: `the TLS certificate of ${host} is not trusted (${code})`,
      hint: 'a company or test authority is trusted with NODE_EXTRA_CA_CERTS=ca.pem',
      retryable: false,
    };
  }
  const known = NETWORK_WORDS[code];
  if (known !== undefined) return { message: known[0](host), retryable: known[1] };
  const [, say, retryable = true] = TEXT_WORDS.find(([pattern]) => pattern.test(`${code} ${text}`)) ?? [];
  return { message: say?.(host) ?? `cannot reach ${host}: ${text}`, retryable };
}

function* chain(error: unknown): Generator<unknown> {
  let link = error;
  for (let depth = 0; link !== undefined && link !== null && depth < 8; depth++) {
    yield link;
    link = link instanceof Error ? link.cause : undefined;
  }
}

function inChain(error: unknown, matches: (link: unknown) => boolean): unknown {
  return [...chain(error)].find(matches);
}
