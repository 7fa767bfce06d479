import type {
  ConversationItem,
  RateLimitsUpdatedEvent,
  RealtimeResponse,
  RealtimeResponseStatus,
  RealtimeServerEvent,
} from 'openai/resources/realtime/realtime';
import type { ToolCall } from './chat-tools.ts';
import { SPEECH_RATE } from './speech-sound.ts';
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
  /** What is asked of the client's tools, in place of a text. */
  readonly calls: readonly PlannedCall[];
  readonly maxTokens: number | 'inf';
  readonly modality: 'audio' | 'text';
  readonly voice: string;
  readonly speed: number;
  /** Undefined: the response is no part of a conversation. */
  readonly conversation: { readonly id: string; readonly lastItemId: string | null } | undefined;
  readonly metadata: RealtimeResponse['metadata'];
  readonly inputTokens: number;
}

/** A call of a tool, with the ids of its item and of the call. */
export interface PlannedCall extends ToolCall {
  readonly itemId: string;
  readonly callId: string;
}

/** The voices have one format. */
export const PCM_FORMAT = { type: 'audio/pcm', rate: SPEECH_RATE } as const;

/** The same at all times, as on the headers of answers. */
const RATE_LIMITS: RateLimitsUpdatedEvent.RateLimit[] = [
  { name: 'requests', limit: 10_000, remaining: 9999, reset_seconds: 0.006 },
  { name: 'tokens', limit: 2_000_000, remaining: 1_999_990, reset_seconds: 0 },
];

/** A minute of sound has 1,200 tokens (OpenAI's pricing). */
const TOKENS_A_SECOND = 20;

/** A piece of what is said. */
export type Delta = { readonly kind: 'text' | 'transcript'; readonly text: string } | AudioDelta;

interface AudioDelta {
  readonly kind: 'audio';
  readonly pcm: Uint8Array;
}

/** What of a response has been sent. */
export interface Sent {
  text: string;
  /** Of sound. */
  bytes: number;
}

/** The first events of a response. */
export function* opening(plan: ResponsePlan): Generator<ServerEvent> {
  yield { type: 'response.created', response: responseOf(plan, 'in_progress') };
  yield { type: 'rate_limits.updated', rate_limits: RATE_LIMITS };
}

/** @param bytes of PCM of 16 bits */
export function audioTokens(bytes: number): number {
  return Math.ceil((bytes / 2 / SPEECH_RATE) * TOKENS_A_SECOND);
}

/** The calls of tools, each an item of its own. */
export function* callEvents(plan: ResponsePlan): Generator<ServerEvent> {
  const { id: response_id, conversation } = plan;
  const output: ConversationItem[] = [];
  let previous_item_id = conversation?.lastItemId ?? null;
  for (const [output_index, call] of plan.calls.entries()) {
    const { itemId: item_id, callId: call_id, name, input } = call;
    const place = { response_id, item_id, output_index, call_id };
    const begun = callItem(call, 'in_progress', '');
    const item = callItem(call, 'completed', input);
    yield { type: 'response.output_item.added', response_id, output_index, item: begun };
    if (conversation !== undefined) yield { type: 'conversation.item.added', previous_item_id, item: begun };
    for (const tokens of deltasOf(tokensOf(input))) {
      yield { type: 'response.function_call_arguments.delta', ...place, delta: tokens.join('') };
    }
    yield { type: 'response.function_call_arguments.done', ...place, name, arguments: input };
    if (conversation !== undefined) yield { type: 'conversation.item.done', previous_item_id, item };
    yield { type: 'response.output_item.done', response_id, output_index, item };
    output.push(item);
    previous_item_id = item_id;
  }
  const text = plan.calls.map(({ input }) => input).join('');
  yield { type: 'response.done', response: ended(plan, { type: 'completed' }, output, { text, bytes: 0 }) };
}

function callItem(
  { itemId: id, callId: call_id, name }: PlannedCall,
  status: 'in_progress' | 'completed',
  args: string,
): ConversationItem {
  return { id, object: 'realtime.item', type: 'function_call', status, name, call_id, arguments: args };
}

/** Where in a response its one part is. */
function place({ id, itemId }: ResponsePlan) {
  return { response_id: id, item_id: itemId, output_index: 0, content_index: 0 };
}

/** A piece as it is told. */
export function deltaEvent(plan: ResponsePlan, delta: Delta): ServerEvent {
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

/** With these the one part of an answer begins. */
export function* beginning(plan: ResponsePlan): Generator<ServerEvent> {
  const { id, conversation } = plan;
  const item = itemOf(plan, 'in_progress');
  yield { type: 'response.output_item.added', response_id: id, output_index: 0, item };
  if (conversation !== undefined) {
    yield { type: 'conversation.item.added', previous_item_id: conversation.lastItemId, item };
  }
  yield { type: 'response.content_part.added', ...place(plan), part: partOf(plan, '') };
}

/** With these an answer ends, whole or not. */
export function* ending(
  plan: ResponsePlan,
  status: RealtimeResponseStatus,
  sent: Sent,
): Generator<ServerEvent> {
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
    max_output_tokens: plan.maxTokens,
    audio: { output: { format: PCM_FORMAT, voice } },
    metadata: metadata ?? null,
  };
}

/** A response that has come to its end. */
export function ended(
  plan: ResponsePlan,
  status: RealtimeResponseStatus,
  output: ConversationItem[],
  { text, bytes }: Sent,
): RealtimeResponse {
  const text_tokens = countTokens(text);
  const audio_tokens = audioTokens(bytes);
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
