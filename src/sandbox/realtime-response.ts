import type {
  ConversationItem,
  RealtimeResponse,
  RealtimeResponseStatus,
  RealtimeServerEvent,
} from 'openai/resources/realtime/realtime';
import { sleep } from '../context.ts';
import type { SandboxState } from './call.ts';
import { SERVER_ERROR } from './error-answer.ts';
import type { StreamFault } from './faults.ts';
import { pitchOf } from './realtime-request.ts';
import { encodeSpeech } from './speech-codec.ts';
import { SPEECH_RATE, speechPcm } from './speech-sound.ts';
import { countTokens, deltasOf, tokensOf } from './tokens.ts';

type Unnamed<Event> = Event extends RealtimeServerEvent ? Omit<Event, 'event_id'> : never;

/** An event of the server, before it is given its `event_id`. */
export type ServerEvent = Unnamed<RealtimeServerEvent>;

/** A response that is to be given. */
export interface ResponsePlan {
  readonly id: string;
  readonly itemId: string;
  /** What is said. */
  readonly text: string;
  readonly modality: 'audio' | 'text';
  readonly voice: string;
  readonly speed: number;
  /** Undefined: the response is no part of a conversation. */
  readonly conversation: { readonly id: string; readonly lastItemId: string | null } | undefined;
  readonly metadata: RealtimeResponse['metadata'];
  readonly inputTokens: number;
}

/** What a response does next. After all faults but `garbled` it does nothing more. */
export type ResponseStep =
  | { readonly event: ServerEvent }
  | { readonly fault: Exclude<StreamFault['kind'], 'error'> };

/** The voices have one format. */
export const PCM_FORMAT = { type: 'audio/pcm', rate: SPEECH_RATE } as const;

/** A minute of sound has 1,200 tokens (OpenAI's pricing). */
const TOKENS_A_SECOND = 20;

type Delta = { readonly kind: 'text' | 'transcript'; readonly text: string } | AudioDelta;

interface AudioDelta {
  readonly kind: 'audio';
  readonly pcm: Uint8Array;
}

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
  yield { event: { type: 'response.created', response: responseOf(plan, 'in_progress') } };
  if (say === 'refusal') {
    const status = { type: 'incomplete', reason: 'content_filter' } as const;
    yield { event: { type: 'response.done', response: ended(plan, status, [], sent) } };
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
    if (delta.kind === 'audio') sent.bytes += delta.pcm.length;
    else sent.text += delta.text;
    yield { event: deltaEvent(plan, delta) };
  }
  if (cancelled.aborted) {
    status = { type: 'cancelled', reason: 'client_cancelled' };
  } else if (due?.kind === 'error') {
    yield { event: { type: 'error', error: SERVER_ERROR } };
    status = { type: 'failed', error: { type: SERVER_ERROR.type, code: SERVER_ERROR.type } };
  } else if (due !== undefined) {
    yield { fault: due.kind };
    if (due.kind !== 'garbled') return;
  }
  yield* events(ending(plan, status, sent));
}

/** What of a response has been sent. */
interface Sent {
  text: string;
  /** Of sound. */
  bytes: number;
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

/** Where in a response its one part is. */
function place({ id, itemId }: ResponsePlan) {
  return { response_id: id, item_id: itemId, output_index: 0, content_index: 0 };
}

function deltaEvent(plan: ResponsePlan, delta: Delta): ServerEvent {
  if (delta.kind === 'audio') {
    const base64 = Buffer.from(delta.pcm).toString('base64');
    return { type: 'response.output_audio.delta', ...place(plan), delta: base64 };
  }
  const type =
    delta.kind === 'text' ? 'response.output_text.delta' : 'response.output_audio_transcript.delta';
  return { type, ...place(plan), delta: delta.text };
}

function itemOf(
  { itemId, modality }: ResponsePlan,
  status: 'in_progress' | 'completed' | 'incomplete',
  text?: string,
): ConversationItem {
  const part =
    modality === 'audio'
      ? ({ type: 'output_audio', transcript: text ?? '' } as const)
      : ({ type: 'output_text', text: text ?? '' } as const);
  const content = text === undefined ? [] : [part];
  return { id: itemId, object: 'realtime.item', type: 'message', status, role: 'assistant', content };
}

function partOf({ modality }: ResponsePlan, text: string) {
  return modality === 'audio'
    ? ({ type: 'audio', transcript: text } as const)
    : ({ type: 'text', text } as const);
}

function* beginning(plan: ResponsePlan): Generator<ServerEvent> {
  const { id, conversation } = plan;
  const item = itemOf(plan, 'in_progress');
  yield { type: 'response.output_item.added', response_id: id, output_index: 0, item };
  if (conversation !== undefined) {
    yield { type: 'conversation.item.added', previous_item_id: conversation.lastItemId, item };
  }
  yield { type: 'response.content_part.added', ...place(plan), part: partOf(plan, '') };
}

function* ending(plan: ResponsePlan, status: RealtimeResponseStatus, sent: Sent): Generator<ServerEvent> {
  const { id, conversation, modality } = plan;
  const { text } = sent;
  if (modality === 'audio') {
    yield { type: 'response.output_audio.done', ...place(plan) };
    yield { type: 'response.output_audio_transcript.done', ...place(plan), transcript: text };
  } else {
    yield { type: 'response.output_text.done', ...place(plan), text };
  }
  yield { type: 'response.content_part.done', ...place(plan), part: partOf(plan, text) };
  const item = itemOf(plan, status.type === 'completed' ? 'completed' : 'incomplete', text);
  if (conversation !== undefined) {
    yield { type: 'conversation.item.done', previous_item_id: conversation.lastItemId, item };
  }
  yield { type: 'response.output_item.done', response_id: id, output_index: 0, item };
  yield { type: 'response.done', response: ended(plan, status, [item], sent) };
}

function responseOf(plan: ResponsePlan, status: NonNullable<RealtimeResponse['status']>): RealtimeResponse {
  const { id, conversation, modality, voice, metadata } = plan;
  return {
    object: 'realtime.response',
    id,
    status,
    output: [],
    ...(conversation !== undefined && { conversation_id: conversation.id }),
    output_modalities: [modality],
    max_output_tokens: 'inf',
    audio: { output: { format: PCM_FORMAT, voice } },
    metadata: metadata ?? null,
  };
}

function ended(
  plan: ResponsePlan,
  status: RealtimeResponseStatus,
  output: ConversationItem[],
  { text, bytes }: Sent,
): RealtimeResponse {
  const text_tokens = countTokens(text);
  const audio_tokens = Math.ceil((bytes / 2 / SPEECH_RATE) * TOKENS_A_SECOND);
  const { inputTokens: input_tokens } = plan;
  return {
    ...responseOf(plan, status.type ?? 'completed'),
    status_details: status,
    output,
    usage: {
      total_tokens: input_tokens + text_tokens + audio_tokens,
      input_tokens,
      output_tokens: text_tokens + audio_tokens,
      input_token_details: {
        text_tokens: input_tokens,
        audio_tokens: 0,
        image_tokens: 0,
        cached_tokens: 0,
        cached_tokens_details: { text_tokens: 0, audio_tokens: 0, image_tokens: 0 },
      },
      output_token_details: { text_tokens, audio_tokens },
    },
  };
}
