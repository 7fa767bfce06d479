import type { Clock } from '../../context.ts';
import type { Wrap } from './transport.ts';

/** Decides how many requests are under way, and learns how the server bears them. */
export interface Watcher {
  /** Waits until a request may be sent. @returns its number */
  began(): Promise<number>;
  /** @param ms from the request to the head of its answer */
  answered(
    answer: { readonly status: number; readonly headers: Headers; readonly ms: number },
    number: number,
  ): void;
  /** It has an answer, or none will come. */
  ended(): void;
  /** Ms after which one that was refused as one too many may be sent again; undefined: nothing is known of that yet. */
  readonly turn: number | undefined;
}

/** Has a watcher let each request pass, and tells it of the answer. */
export function watch(watcher: Watcher, clock: Clock): Wrap {
  return (next) => async (input, init) => {
    const number = await watcher.began();
    const started = clock.now();
    try {
      const answer = await next(input, init);
      const { status, headers } = answer;
      watcher.answered({ status, headers, ms: clock.now() - started }, number);
      return answer;
    } finally {
      watcher.ended();
    }
  };
}
