import { APIConnectionError, APIError } from 'openai/core/error';
import { errno, Failure, type FailureKind, Stopped } from '../errors.ts';

/** A failed try of a call: what to tell, and whether another try may help. */
export interface FailedTry {
  readonly failure: Failure | Stopped;
  readonly retryable: boolean;
  /** How long the server asks to wait before the next try, in ms. */
  readonly retryAfter?: number | undefined;
}

/** Where calls go, for the words of a failure. */
export interface Destination {
  /** Host and, where it is unusual, port. */
  readonly host: string;
  /** Where the key came from: `OPENAI_API_KEY`. */
  readonly keySource: string | undefined;
  /** The proxy in use, without credentials. */
  readonly proxy: string | undefined;
}

/** An error object as the API and its compatible servers send it. */
interface ErrorBody {
  readonly message?: unknown;
  readonly type?: unknown;
  readonly code?: unknown;
}

/** Codes (and, on some servers, types) of error bodies that say more than the status, or stand in for it. */
const KIND_OF_WORD: Readonly<Record<string, FailureKind>> = {
  authentication_error: 'auth',
  content_filter: 'verdict',
  content_policy_violation: 'verdict',
  context_length_exceeded: 'refused',
  insufficient_quota: 'limit',
  invalid_api_key: 'auth',
  invalid_request_error: 'refused',
  model_not_found: 'refused',
  moderation_blocked: 'verdict',
  not_found_error: 'refused',
  permission_error: 'auth',
  rate_limit_error: 'limit',
  rate_limit_exceeded: 'limit',
};

/** Refusals that a second try meets again, whatever the status. */
const FINAL_WORDS: readonly string[] = ['insufficient_quota', 'billing_hard_limit_reached', 'content_filter'];

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
  if (known instanceof Failure || known instanceof Stopped) return { failure: known, retryable: false };
  const answered = inChain(
    error,
    (link) => link instanceof APIError && !(link instanceof APIConnectionError),
  );
  return answered instanceof APIError ? answeredError(answered, to) : networkError(error, to);
}

function answeredError(error: APIError, to: Destination): FailedTry {
  const body = errorBody(error.error);
  const status: number | undefined = error.status ?? statusInBody(body);
  const known = words(body).find((word) => word in KIND_OF_WORD);
  const byWord = known === undefined ? undefined : KIND_OF_WORD[known];
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
    retryAfter: retryAfter(error.headers),
  };
}

/** The error object of an answer; some servers send a bare text in its place. */
function errorBody(error: unknown): ErrorBody | undefined {
  if (typeof error === 'string') return { message: error };
  return typeof error === 'object' && error !== null ? error : undefined;
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
  if (status === 401) {
    const source = to.keySource === undefined ? '' : `the key came from ${to.keySource}; `;
    return `${source}\`oai config init\` sets up another`;
  }
  if (said.includes('insufficient_quota') || status === 402) {
    return 'the account is out of credit or at its spending limit; trying again does not help';
  }
  if (said.includes('model_not_found')) return '-m chooses another model';
  if (said.includes('context_length_exceeded'))
    return 'send less text, or choose a model with a larger context with -m';
  if (status === 404 && kind === 'refused' && body === undefined) {
    return 'is the base URL right? Most end with /v1 (`oai config get base_url`)';
  }
  return undefined;
}

/** `Retry-After` (seconds or a date) or OpenAI's `retry-after-ms`, in ms. */
export function retryAfter(headers: Headers | undefined, now: number = Date.now()): number | undefined {
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

/** Error codes of a certificate that is not trusted (OpenSSL's names, as Node gives them). */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_|ALTNAME/;

function networkError(error: unknown, to: Destination): FailedTry {
  const code = [...chain(error)].map(errno).find((name) => name !== undefined) ?? '';
  const text = [...chain(error)]
    .map((link) => (link instanceof Error ? link.message : String(link)))
    .join('; ');
  const [message, hint, retryable] = networkWords(code, text, to);
  return { failure: new Failure('network', message, { hint, cause: error }), retryable };
}

function networkWords(code: string, text: string, to: Destination): [string, string | undefined, boolean] {
  const tunnel = /Proxy response \((\d+)\)/.exec(text)?.[1];
  if (tunnel !== undefined) {
    const login =
      tunnel === '407'
        ? 'it wants a user name and password: HTTPS_PROXY=http://user:password@host:port'
        : undefined;
    return [`the proxy ${to.proxy ?? ''} refuses the connection (HTTP ${tunnel})`, login, false];
  }
  if (/unexpected redirect/.test(text)) {
    return [
      `${to.host} redirects to another address`,
      'a key is not carried there: give the final address with --base-url',
      false,
    ];
  }
  if (CERTIFICATE.test(code)) {
    return [
      `the TLS certificate of ${to.host} is not trusted (${code})`,
      'a company or test authority is trusted with NODE_EXTRA_CA_CERTS=ca.pem',
      false,
    ];
  }
  if (/malformed server-sent event|Unexpected token|not valid JSON/.test(text)) {
    return [`${to.host} sent an answer that is garbled`, undefined, true];
  }
  const known = NETWORK_WORDS[code];
  const through = to.proxy === undefined ? undefined : `the environment names a proxy: ${to.proxy}`;
  if (known !== undefined) return [known[0](to.host), through, known[1]];
  if (/terminated|other side closed|Premature close/i.test(text))
    return [`the connection to ${to.host} was lost`, through, true];
  return [`cannot reach ${to.host}: ${text}`, through, true];
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
