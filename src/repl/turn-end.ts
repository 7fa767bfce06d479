import { type Context, contextWith } from '../context.ts';

/** Ends the turn that goes on, and not the session. */
export class TurnEnd {
  #controller: AbortController | undefined;

  /** A turn begins. @returns aborted when it is to end */
  begin(): AbortSignal {
    this.#controller = new AbortController();
    return this.#controller.signal;
  }

  end(reason: Error): void {
    this.#controller?.abort(reason);
  }

  done(): void {
    this.#controller = undefined;
  }

  /**
   * The same context for what asks questions within a turn: to stop there stops the turn.
   * @param signal ends what is done there; the run's own where it is not given
   */
  within(context: Context, signal: AbortSignal = context.signal): Context {
    const stop: Context['stop'] = (reason) =>
      this.#controller === undefined ? context.stop(reason) : this.#controller.abort(reason);
    return contextWith(context, { stop, signal });
  }
}
