import type { Clock } from '../../context.ts';
import type { Wrap } from './transport.ts';

/** Learns how a server bears what is sent to it. */
export interface Watcher {
  /** A request is sent. @returns its number */
  began(): number;
  /** @param ms from the request to the head of its answer */
  answered(
    answer: { readonly status: number; readonly headers: Headers; readonly ms: number },
    number: number,
  ): void;
}

/** Tells a watcher of each request and of its answer. */
export function watch(watcher: Watcher, clock: Clock): Wrap {
  return (next) => async (input, init) => {
    const number = watcher.began();
    const started = clock.now();
    const answer = await next(input, init);
    const { status, headers } = answer;
    watcher.answered({ status, headers, ms: clock.now() - started }, number);
    return answer;
  };
}
