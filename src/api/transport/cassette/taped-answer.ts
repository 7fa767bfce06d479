import type { Context } from '../../../context.ts';
import { Stopped } from '../../../errors.ts';
import { keptHeaders, type TapedAnswer, type TapedAnswerBody } from './exchange.ts';
import type { NewFile } from './folder.ts';
import { EventSplitter, isWholeStream } from './taped-events.ts';

/** An answer that has come to its end. */
export interface TakenAnswer {
  readonly answer: TapedAnswer;
  /** The bytes of its body, where they are a file of their own, and what that is to end with: `.png`. */
  readonly file?: { readonly part: NewFile; readonly extension: string };
}

/** Who takes answers down. */
export interface AnswerTaker {
  /** A file for a body. @throws a system error */
  beginFile(): NewFile;
  /** An answer has come. What this throws, the run is not told of. */
  keep(taken: TakenAnswer): void;
  /** It is not to be kept. */
  drop(): void;
  /** Nothing more can be kept of an answer. */
  failed(error: unknown): void;
}

/**
 * The same answer, taken down as it is read. It is kept when its last byte has come, and before the reader hears of that.
 * One that is cut, by the server or because the reader has enough, is kept as cut; one that the user stops is not kept.
 * @param started when it was asked for, in ms since 1970
 */
export function takenDown(
  response: Response,
  taker: AnswerTaker,
  started: number,
  signal: AbortSignal | undefined,
  context: Context,
): Response {
  const since = () => Math.max(0, Math.round(context.clock.now() - started));
  const head = { status: response.status, headers: keptHeaders(response.headers), ms: since() };
  if (response.body === null || (head.status >= 300 && head.status < 400)) {
    taker.keep({ answer: head });
    return response;
  }
  const taking = new Taking(head, response.headers, taker, since);
  const reader = response.body.getReader();
  const stopped = () => taking.end(isStoppedByUser(context) ? 'drop' : 'cut');
  signal?.addEventListener('abort', stopped, { once: true });
  const ended = (how: Ending) => {
    signal?.removeEventListener('abort', stopped);
    taking.end(how);
  };
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await reader.read().catch((error: unknown) => {
          ended(isStoppedByUser(context) ? 'drop' : 'cut');
          throw error;
        });
        if (done) {
          ended('whole');
          controller.close();
        } else {
          taking.take(value);
          controller.enqueue(value);
        }
      },
      async cancel(reason) {
        ended(isStoppedByUser(context) ? 'drop' : 'cut');
        await reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
  const { status, statusText, headers } = response;
  return new Response(body, { status, statusText, headers });
}

type Ending = 'whole' | 'cut' | 'drop';

/** A reader of stdout who has enough (`head -1`) is no interruption: replayed, it has enough again. */
function isStoppedByUser({ signal }: Context): boolean {
  return signal.aborted && !(signal.reason instanceof Stopped && signal.reason.by === 'closed pipe');
}

/** Takes down one body. */
class Taking {
  readonly #head: TapedAnswer;
  readonly #taker: AnswerTaker;
  readonly #since: () => number;
  #body: BodyTaker | undefined;

  constructor(head: TapedAnswer, headers: Headers, taker: AnswerTaker, since: () => number) {
    this.#head = head;
    this.#taker = taker;
    this.#since = since;
    this.#try(() => {
      this.#body = bodyTaker(headers, taker);
    });
  }

  take(piece: Uint8Array): void {
    this.#try(() => this.#body?.take(piece, this.#since()));
  }

  end(how: Ending): void {
    const body = this.#body;
    this.#body = undefined;
    if (body === undefined) return;
    if (how === 'drop') {
      body.drop();
      this.#taker.drop();
      return;
    }
    this.#try(() => {
      const { fields, file } = body.finish(this.#since());
      // The SDK hears no more after `[DONE]`.
      const isCut = how === 'cut' && !(fields.events !== undefined && isWholeStream(fields.events));
      const answer = { ...this.#head, ...fields, ...(isCut && { cut: true as const }) };
      this.#taker.keep({ answer, ...(file !== undefined && { file }) });
    });
  }

  /** What cannot be kept is no harm to the answer. */
  #try(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#body?.drop();
      this.#body = undefined;
      this.#taker.failed(error);
    }
  }
}

/** Takes down the pieces of a body. */
interface BodyTaker {
  /** @param ms when it came, after the request */
  take(piece: Uint8Array, ms: number): void;
  finish(ms: number): { readonly fields: TapedAnswerBody; readonly file?: NonNullable<TakenAnswer['file']> };
  drop(): void;
}

const EVENTS = /^text\/event-stream\b/i;
const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\b/i;
const TEXT = /^(?:text\/|application\/(?:x-ndjson|jsonl|x-subrip))/i;

function bodyTaker(headers: Headers, taker: AnswerTaker): BodyTaker {
  const type = headers.get('content-type') ?? '';
  if (EVENTS.test(type)) return new EventsTaker();
  if (JSON_TYPE.test(type)) return new TextTaker(jsonOrText, taker);
  return TEXT.test(type) ? new TextTaker((text) => ({ text }), taker) : new FileTaker(taker, type);
}

class EventsTaker implements BodyTaker {
  readonly #splitter = new EventSplitter();

  take(piece: Uint8Array, ms: number): void {
    this.#splitter.take(piece, ms);
  }

  finish(ms: number) {
    this.#splitter.end(ms);
    return { fields: { events: this.#splitter.events } };
  }

  drop(): void {}
}

/** A body that is a text, all together; what turns out to be no text is a file. */
class TextTaker implements BodyTaker {
  readonly #read: (text: string) => TapedAnswerBody;
  readonly #taker: AnswerTaker;
  readonly #pieces: Uint8Array[] = [];

  constructor(read: (text: string) => TapedAnswerBody, taker: AnswerTaker) {
    this.#read = read;
    this.#taker = taker;
  }

  take(piece: Uint8Array): void {
    this.#pieces.push(piece);
  }

  finish() {
    const bytes = Buffer.concat(this.#pieces);
    const text = bytes.toString();
    // Not every body is what its type says.
    if (Buffer.from(text).equals(bytes)) return { fields: bytes.length === 0 ? {} : this.#read(text) };
    const file = new FileTaker(this.#taker, '');
    file.take(bytes);
    return file.finish();
  }

  drop(): void {}
}

function jsonOrText(text: string): TapedAnswerBody {
  try {
    return { json: JSON.parse(text) };
  } catch {
    return { text };
  }
}

/** A body that is written down as it comes. */
class FileTaker implements BodyTaker {
  readonly #part: NewFile;
  readonly #extension: string;

  constructor(taker: AnswerTaker, type: string) {
    this.#part = taker.beginFile();
    this.#extension = extensionOf(type);
  }

  take(piece: Uint8Array): void {
    this.#part.write(piece);
  }

  finish() {
    return { fields: {}, file: { part: this.#part, extension: this.#extension } };
  }

  drop(): void {
    this.#part.drop();
  }
}

const EXTENSIONS: Readonly<Record<string, string>> = {
  'audio/aac': '.aac',
  'audio/flac': '.flac',
  'audio/mpeg': '.mp3',
  'audio/ogg': '.ogg',
  'audio/opus': '.opus',
  'audio/wav': '.wav',
  'image/gif': '.gif',
  'image/jpeg': '.jpg',
  'image/png': '.png',
  'image/webp': '.webp',
  'application/pdf': '.pdf',
};

/** What the name of a body's file may end with. */
export const BODY_EXTENSIONS: readonly string[] = [...Object.values(EXTENSIONS), '.bin'];

function extensionOf(type: string): string {
  return EXTENSIONS[type.split(';')[0]?.trim().toLowerCase() ?? ''] ?? '.bin';
}
