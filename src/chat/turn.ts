import type { Api } from '../api/client.ts';
import type { ChatChunk } from '../api/completions.ts';
import type { AnswerStream } from '../api/stream.ts';
import type { Clock } from '../context.ts';
import { Failure } from '../errors.ts';
import type { AnswerSink } from '../output/answer-sink.ts';
import { Answer, type AnswerFacts, type Choice } from './answer.ts';
import type { ApiAnswer, WholeAnswer } from './route.ts';

/** What is known of an exchange beside what was said. Times in ms. */
export interface TurnFacts extends AnswerFacts {
  /** From the request to the first text; absent where there was none. */
  readonly firstTextAfter?: number;
  /** From the request to the end of the answer. */
  readonly duration: number;
  /** The cache gave it: its usage was paid for before. */
  readonly isFromCache?: boolean;
}

/** What one exchange gave, however it ended: what arrived is here even when `failure` is set. */
export interface Turn {
  readonly choices: readonly Choice[];
  readonly facts: TurnFacts;
  /** The API's own answer, where it was not streamed. */
  readonly answer?: ApiAnswer;
  readonly failure: Error | undefined;
}

/** Who takes a streamed answer. */
export interface TurnListener<Event = object> {
  readonly out: AnswerSink;
  /** Called before the first text is written. */
  onText(): void;
  /** Called with each piece as the API gives it, and waited for. */
  readonly onChunk?: ((chunk: Event) => Promise<void> | undefined) | undefined;
  /** Called before tools are run that the answer asks for, with what it says beside. */
  readonly onTools?: ((text: string) => Promise<void>) | undefined;
  /** Called once they have run, before the next request. */
  readonly onResults?: (() => void) | undefined;
  /** Called with each piece of the first choice's sound, and waited for. */
  readonly onSound?: ((piece: Uint8Array) => Promise<void> | undefined) | undefined;
  /** Called with pieces of the summary of what the model thinks. */
  readonly onThought?: ((piece: string) => void) | undefined;
  /** Called with what the API does just now: `searching the web`. */
  readonly onWork?: ((words: string) => void) | undefined;
}

/** How an exchange is timed. */
export interface TurnStart {
  readonly clock: Clock;
  /** When the request was made: ms since 1970. */
  readonly start: number;
}

/**
 * Takes one streamed answer, writing the text of its first choice as it arrives.
 * @param count how many choices were asked for; the turn is complete when each has a `finish_reason`
 */
export function streamTurn(
  stream: AnswerStream<ChatChunk>,
  listener: TurnListener,
  asked: TurnAsked,
): Promise<Turn> {
  return readTurn(stream, listener, asked, (chunk) => chunk);
}

/** A streamed answer that is awaited. */
export interface TurnAsked extends TurnStart {
  readonly api: Api;
  readonly count: number;
}

/**
 * The same for a stream of another kind.
 * @param read an event of it in the form of a chat's
 */
export async function readTurn<Event>(
  stream: AnswerStream<Event>,
  { out, onText, onChunk, onSound }: TurnListener<Event>,
  { api, count, clock, start }: TurnAsked,
  read: (event: Event) => ChatChunk | null,
): Promise<Turn> {
  const answer = new Answer(count);
  let firstTextAt: number | undefined;
  // Pieces of sound that were handed on.
  let heard = 0;
  const waitFor = async (slow: Promise<void>) => {
    stream.pause();
    const goOn = api.pause();
    await slow;
    goOn();
  };
  const turn = (failure: Error | undefined): Turn => ({
    choices: answer.choices,
    facts: {
      ...answer.facts,
      ...(firstTextAt !== undefined && { firstTextAfter: firstTextAt - start }),
      duration: clock.now() - start,
    },
    failure,
  });
  try {
    for (let chunk = await stream.next(); chunk !== undefined; chunk = await stream.next()) {
      const text = answer.add(read(chunk));
      if (answer.complete) stream.complete();
      const told = onChunk?.(chunk);
      if (told !== undefined) await waitFor(told);
      if (onSound !== undefined) {
        const pieces = answer.choices[0]?.sound?.pieces ?? [];
        for (const piece of pieces.slice(heard)) {
          const slow = onSound(piece);
          if (slow !== undefined) await waitFor(slow);
        }
        heard = pieces.length;
      }
      if (text === '') continue;
      firstTextAt ??= clock.now();
      if (!out.started) onText();
      const slow = out.write(text);
      if (slow !== undefined) await waitFor(slow);
    }
    return turn(answer.complete ? undefined : cut(out.started));
  } catch (error) {
    return turn(api.failure(error));
  }
}

/** A turn whose answer came whole. */
export function wholeTurn(whole: WholeAnswer, { clock, start }: TurnStart): Turn {
  return { ...whole, facts: { ...whole.facts, duration: clock.now() - start } };
}

/** What came of an answer that is taken in pieces. */
export type TakenTurn = Pick<Turn, 'choices' | 'failure'>;

/**
 * A streamed answer for one who takes the text himself: pieces of the first choice, as they arrive. The time until the
 * next is asked for is not the API's. To leave early, `return()` it: that closes the stream.
 * @returns the turn
 */
export async function* turnPieces(
  stream: AnswerStream<ChatChunk>,
  { count, api }: { count: number; api: Api },
): AsyncGenerator<string, TakenTurn> {
  const answer = new Answer(count);
  try {
    for (let chunk = await stream.next(); chunk !== undefined; chunk = await stream.next()) {
      const text = answer.add(chunk);
      if (answer.complete) stream.complete();
      if (text === '') continue;
      stream.pause();
      const goOn = api.pause();
      try {
        yield text;
      } finally {
        goOn();
      }
    }
    // Where it went is for its taker to say.
    return { choices: answer.choices, failure: answer.complete ? undefined : cut(false) };
  } catch (error) {
    return { choices: answer.choices, failure: api.failure(error) };
  } finally {
    stream.close();
  }
}

function cut(printed: boolean): Failure {
  return new Failure('network', 'the answer was cut: the stream ended before it was complete', {
    hint: printed ? 'what arrived is printed' : undefined,
  });
}
