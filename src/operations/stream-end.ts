import { Failure } from '../errors.ts';
import { isObject } from '../json.ts';

/** Types of the last event of the API's streams, and of events that say that something failed. */
const LAST =
  /^(?:response\.(?:completed|incomplete|failed)|transcript\.text\.done|speech\.audio\.done|image_(?:generation|edit)\.completed)$/;

/** Watches a stream for its end: whether it came, and how. */
export class StreamEnd {
  #isComplete = false;
  #failure: Failure | undefined;

  /** @param event what follows `data:`, read where it is JSON */
  see(event: unknown): void {
    if (event === '[DONE]') this.#isComplete = true;
    if (!isObject(event)) return;
    const { type, error, choices, message } = event;
    if (typeof type === 'string' && LAST.test(type)) this.#isComplete = true;
    if (
      Array.isArray(choices) &&
      choices.some((choice) => isObject(choice) && typeof choice['finish_reason'] === 'string')
    )
      this.#isComplete = true;
    const said = isObject(error) ? error['message'] : type === 'error' ? message : undefined;
    // A response that is told of has an `error` of its own, which is null or part of the answer.
    const isError = type === 'error' || (isObject(error) && !('object' in event));
    if (isError)
      this.#failure = new Failure(
        'network',
        typeof said === 'string' ? said : 'the stream ended with an error',
      );
  }

  /** An event said that something failed. */
  get isBroken(): boolean {
    return this.#failure !== undefined;
  }

  /** @returns what is wrong with the stream, at its end */
  get failure(): Failure | undefined {
    if (this.#failure !== undefined || this.#isComplete) return this.#failure;
    return new Failure('network', 'the stream was cut: it ended before it was complete', {
      hint: 'what arrived is printed',
    });
  }
}
