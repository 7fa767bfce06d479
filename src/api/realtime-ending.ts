import { Failure } from '../errors.ts';
import { errorInEvent } from './realtime-events.ts';

/** What `response.done` says of how a response ended. Nothing of it is sure to be there. */
export interface Ending {
  readonly status?: string;
  readonly status_details?: {
    readonly reason?: string;
    readonly error?: { readonly code?: string; readonly type?: string };
  } | null;
}

/**
 * What is wrong with a response that has ended: `Api.failure` has the words for it.
 * @param what it was to be: `the speech`
 */
export function problemIn({ status, status_details: details }: Ending, what: string): Error | undefined {
  if (status === 'completed') return undefined;
  const reason = details?.reason ?? status;
  if (reason === 'content_filter') {
    return new Failure('verdict', `${what} was cut off by the content filter`, { code: reason });
  }
  if (status === 'incomplete' || status === 'cancelled') {
    return new Failure('incomplete', `${what} broke off: ${reason}`, { code: reason });
  }
  const error = details?.error;
  return errorInEvent({
    message: `${what} failed: ${error?.code ?? error?.type ?? 'no reason given'}`,
    ...error,
  });
}
