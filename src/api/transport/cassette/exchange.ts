import { isObject } from '../../../json.ts';
import { eventsWithoutKeys } from './events-without-keys.ts';
import type { TapedEvent } from './taped-events.ts';
import type { TapedBody, TapedRequest } from './taped-request.ts';
import { withoutKeys } from './without-keys.ts';

/** The version of the format. A file says which it has. */
export const VERSION = 1;

/** An answer as a cassette keeps it. Its body is one of `json`, `events`, `text`, `file`, or nothing. */
export interface TapedAnswer extends TapedAnswerBody {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** When its head came, after the request. */
  readonly ms?: number;
  /** The connection was lost at the end of what is there. */
  readonly cut?: true;
}

export interface TapedAnswerBody {
  readonly json?: unknown;
  readonly events?: readonly TapedEvent[];
  readonly text?: string;
  /** The name of a file beside, with the bytes. */
  readonly file?: string;
}

/** One request and its answer. */
export interface Exchange {
  /** When, as ISO 8601 has it. */
  readonly recorded?: string;
  readonly request: TapedRequest;
  readonly response: TapedAnswer;
}

/** Headers of an answer that this program goes by or shows. The rest may hold cookies, or names of the user's account. */
const KEPT_HEADERS = [
  'content-type',
  'content-disposition',
  'content-range',
  'etag',
  'last-modified',
  'location',
  'x-request-id',
  'x-should-retry',
];

export function keptHeaders(headers: Headers): Record<string, string> {
  return Object.fromEntries(
    KEPT_HEADERS.flatMap((name) => {
      const value = headers.get(name);
      return value === null ? [] : [[name, value]];
    }),
  );
}

/**
 * The text of a file: JSON for people, each event of a stream and each list of numbers on a line of its own.
 * @param recorded when, in ms since 1970
 */
export function printExchange(
  { request, response }: Exchange,
  recorded: number,
  secrets: ReadonlySet<string>,
): string {
  const { events: told, ...rest } = response;
  const answer = withoutKeys(rest, secrets);
  const events = told && withoutKeys(eventsWithoutKeys(told, secrets), secrets);
  const lines = events?.map((event) => new OneLine(event));
  const document = {
    oai_cassette: VERSION,
    recorded: new Date(recorded).toISOString(),
    request,
    response: { ...answer, ...(lines !== undefined && { events: lines }) },
  };
  return `${printed(document, '\n')}\n`;
}

/** A value that is printed on one line. */
class OneLine {
  readonly value: unknown;

  constructor(value: unknown) {
    this.value = value;
  }
}

/** @param lineBreak with the indentation of the line that the value begins on */
function printed(value: unknown, lineBreak: string): string {
  if (value instanceof OneLine) return JSON.stringify(value.value);
  const inner = `${lineBreak}  `;
  if (Array.isArray(value)) {
    if (value.length === 0 || value.every((item) => typeof item === 'number')) return `[${value.join(', ')}]`;
    return `[${inner}${value.map((item) => printed(item, inner)).join(`,${inner}`)}${lineBreak}]`;
  }
  if (!isObject(value)) return JSON.stringify(value);
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  if (fields.length === 0) return '{}';
  const lines = fields.map(([name, field]) => `${JSON.stringify(name)}: ${printed(field, inner)}`);
  return `{${inner}${lines.join(`,${inner}`)}${lineBreak}}`;
}

/** The fields of a body of which there can be one alone. */
export const REQUEST_BODIES: readonly (keyof TapedBody)[] = ['json', 'form', 'text', 'sha256'];
export const ANSWER_BODIES: readonly (keyof TapedAnswerBody)[] = ['json', 'events', 'text', 'file'];
