import type { RealtimeResponseStatus } from 'openai/resources/realtime/realtime';
import { sleep } from '../context.ts';
import type { SandboxState } from './call.ts';
import { SERVER_ERROR } from './error-answer.ts';
import type { StreamFault } from './faults.ts';
import {
  audioTokens,
  beginning,
  callEvents,
  type Delta,
  deltaEvent,
  ended,
  ending,
  opening,
  type ResponsePlan,
  type Sent,
  type ServerEvent,
} from './realtime-response-events.ts';
import { pitchOf } from './realtime-settings.ts';
import { encodeSpeech } from './speech-codec.ts';
import { speechPcm } from './speech-sound.ts';
import { countTokens, deltasOf, tokensOf } from './tokens.ts';

/** What a response does next. After all faults but `garbled` it does nothing more. */
export type ResponseStep =
  | { readonly event: ServerEvent }
  | { readonly fault: Exclude<StreamFault['kind'], 'error'> };

/**
 * The events of a response. A delta comes in a turn of the event loop of its own, so that the client can be heard.
 * @param cancelled ends it in the middle, as cancelled by the client
 */
export async function* responseSteps(
  plan: ResponsePlan,
  { faults, clock }: Pick<SandboxState, 'faults' | 'clock'>,
  cancelled: AbortSignal,
): AsyncGenerator<ResponseStep> {
  const { say } = faults;
  const sent: Sent = { text: '', bytes: 0 };
  yield* events(opening(plan));
  if (say === 'refusal') {
    const status = { type: 'incomplete', reason: 'content_filter' } as const;
    yield { event: { type: 'response.done', response: ended(plan, status, [], sent) } };
    return;
  }
  if (plan.calls.length > 0) {
    yield* events(callEvents(plan));
    return;
  }
  yield* events(beginning(plan));
  let status: RealtimeResponseStatus = { type: 'completed' };
  if (faults.finish !== undefined) {
    const reason = faults.finish === 'length' ? 'max_output_tokens' : 'content_filter';
    status = { type: 'incomplete', reason };
  }
  // Deltas of the sound are counted, or else those of the text.
  let counted = 0;
  let due = faults.stream;
  for await (const delta of say === 'empty' ? [] : deltas(plan)) {
    await turnOfTheLoop();
    if (faults.delay !== undefined) await sleep(clock, faults.delay, cancelled).catch(() => {});
    if (cancelled.aborted) break;
    const isCounted = delta.kind !== 'transcript';
    if (isCounted && counted === due?.after) {
      if (due.kind === 'error') break;
      yield { fault: due.kind };
      if (due.kind !== 'garbled') return;
      due = undefined;
    }
    if (isCounted) counted += 1;
    if (tokensIn(sent) >= limitOf(plan)) {
      status = { type: 'incomplete', reason: 'max_output_tokens' };
      break;
    }
    if (delta.kind === 'audio') sent.bytes += delta.pcm.length;
    else sent.text += delta.text;
    yield { event: deltaEvent(plan, delta) };
  }
  if (cancelled.aborted) {
    status = {
      type: 'cancelled',
      reason: cancelled.reason === 'turn' ? 'turn_detected' : 'client_cancelled',
    };
  } else if (due?.kind === 'error') {
    yield { event: { type: 'error', error: SERVER_ERROR } };
    status = { type: 'failed', error: { type: SERVER_ERROR.type, code: SERVER_ERROR.type } };
  } else if (due !== undefined) {
    yield { fault: due.kind };
    if (due.kind !== 'garbled') return;
  }
  yield* events(ending(plan, status, sent));
}

function* events(all: Iterable<ServerEvent>): Generator<ResponseStep> {
  for (const event of all) yield { event };
}

function turnOfTheLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The transcript runs ahead of the sound, as it does at the API. */
async function* deltas({ text, modality, voice, speed }: ResponsePlan): AsyncGenerator<Delta> {
  const words = deltasOf(tokensOf(text)).map((tokens) => tokens.join(''));
  if (modality === 'text') {
    for (const word of words) yield { kind: 'text', text: word };
    return;
  }
  let said = 0;
  for await (const pcm of encodeSpeech(speechPcm(text, { pitch: pitchOf(voice), speed }), 'pcm')) {
    const word = words[said];
    said += 1;
    if (word !== undefined) yield { kind: 'transcript', text: word };
    yield { kind: 'audio', pcm };
  }
  for (const word of words.slice(said)) yield { kind: 'transcript', text: word };
}

/** How many tokens a response may have. */
function limitOf({ maxTokens }: ResponsePlan): number {
  return maxTokens === 'inf' ? Number.POSITIVE_INFINITY : maxTokens;
}

/** Of the sound where there is one: its words are told for nothing. */
function tokensIn({ text, bytes }: Sent): number {
  return bytes > 0 ? audioTokens(bytes) : countTokens(text);
}
