import type { Context } from '../../context.ts';
import { trace } from '../../output/messages.ts';
import { urlOf, type Wrap } from './transport.ts';

/** One line on stderr for each request and each answer; for `--verbose`. No header, no body: keys stay out. */
export function log(context: Context): Wrap {
  return (next) => async (input, init) => {
    const url = urlOf(input);
    const start = context.clock.now();
    trace(context, `> ${init?.method ?? 'GET'} ${url.origin}${url.pathname}`);
    try {
      const response = await next(input, init);
      const id = response.headers.get('x-request-id');
      trace(
        context,
        `< ${response.status} after ${context.clock.now() - start} ms${id === null ? '' : `, request ${id}`}`,
      );
      return response;
    } catch (error) {
      trace(context, `< no answer after ${context.clock.now() - start} ms`);
      throw error;
    }
  };
}
