import type { Api } from '../api/client.ts';
import { type ResponseAnswer, retrieveResponse } from '../api/responses.ts';
import { messageOf } from '../chat/conversation.ts';
import type { Context } from '../context.ts';
import { Failure } from '../errors.ts';
import { choiceOf, responseFacts, responseFailure } from './answer.ts';
import { isPending, waitForResponse } from './wait.ts';

/**
 * A response as it is now. The exchange that is kept of its question is completed where it is done.
 * @throws Failure or Stopped
 */
export function lookAt(id: string, api: Api, context: Context): Promise<ResponseAnswer> {
  return completing(id, retrieveResponse(api, id), context);
}

/** The same when it is done. @throws Failure or Stopped */
export function pickUp(id: string, api: Api, context: Context): Promise<ResponseAnswer> {
  return completing(id, waitForResponse(id, api, context), context);
}

async function completing(
  id: string,
  coming: Promise<ResponseAnswer>,
  context: Context,
): Promise<ResponseAnswer> {
  try {
    const response = await coming;
    if (!isPending(response)) await complete(response, context);
    return response;
  } catch (error) {
    // The API keeps responses for some weeks.
    if (error instanceof Failure && error.status === 404) await giveUp(id, error, context);
    throw error;
  }
}

/** Completes the exchange that is kept of a response, where one waits for it. */
export async function complete(response: ResponseAnswer, context: Context): Promise<void> {
  await settle(response.id, context, async (keeper, duration) => {
    const { id, ...told } = responseFacts(response);
    const facts = { ...told, ...(id !== undefined && { id }), duration };
    const failure = responseFailure(response);
    const choice = choiceOf(response);
    if (failure === undefined) await keeper.answered([messageOf(choice)], facts);
    else await keeper.failed(choice.text === '' ? undefined : messageOf(choice), facts, failure);
  });
}

/** Notes that no answer comes any more. @param reason why */
export async function giveUp(id: string, reason: Error, context: Context): Promise<void> {
  await settle(id, context, (keeper, duration) => keeper.failed(undefined, { duration }, reason));
}

type Settle = (
  keeper: NonNullable<Awaited<ReturnType<typeof waiting>>>['keeper'],
  /** Ms. */
  duration: number,
) => Promise<void>;

async function settle(id: string, context: Context, work: Settle): Promise<void> {
  const found = await waiting(id, context);
  if (found === undefined) return;
  try {
    await work(found.keeper, context.clock.now() - found.asked);
  } finally {
    found.keeper.close();
  }
}

async function waiting(id: string, context: Context) {
  const { waitingExchange } = await import('../history/running.ts');
  return waitingExchange(id, context);
}
