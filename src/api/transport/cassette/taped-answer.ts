import type { Context } from '../../../context.ts';
import { Stopped } from '../../../errors.ts';
import { type BodyFile, type BodyTaker, bodyTaker } from './answer-body.ts';
import { keptHeaders, type TapedAnswer } from './exchange.ts';
import type { NewFile } from './folder.ts';
import { isWholeStream } from './taped-events.ts';

/** An answer that has come to its end. */
export interface TakenAnswer {
  readonly answer: TapedAnswer;
  readonly file?: BodyFile;
}

/** Who takes answers down. */
export interface AnswerTaker {
  /** A file for a body. @throws a system error */
  beginFile(): NewFile;
  /** An answer has come. @throws a system error: `failed` is told */
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
  const taking = new Taking(head, response.headers, taker, since);
  // Of a redirect nobody reads more.
  if (response.body === null || (head.status >= 300 && head.status < 400)) {
    taking.end('whole');
    return response;
  }
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
      this.#body = bodyTaker(headers, () => taker.beginFile());
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
