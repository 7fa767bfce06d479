import type { SandboxState } from './call.ts';
import { invalidRequest } from './error-answer.ts';
import { callMessage, type RealtimeConversation, replyTo, type Said } from './realtime-conversation.ts';
import type { ResponseWish } from './realtime-request.ts';
import { type ResponseStep, responseSteps } from './realtime-response.ts';
import type { ResponsePlan } from './realtime-response-events.ts';
import { type Settings, voiceName } from './realtime-settings.ts';
import { countTokens } from './tokens.ts';

/** A response under way. */
interface Running {
  readonly controller: AbortController;
  readonly isInConversation: boolean;
}

/** What the responses of a session are given in. */
export interface ResponseSurroundings {
  readonly model: string;
  readonly conversation: RealtimeConversation;
  readonly state: SandboxState;
  /** The name of something new: `resp_…`. */
  id(kind: string): string;
  /** Says it to the client, or does what a fault does. */
  tell(step: ResponseStep): Promise<void>;
  refuse(error: unknown): void;
}

/** The responses of a session: one at a time in its conversation, and any number beside it. */
export class RealtimeResponses {
  readonly #around: ResponseSurroundings;
  readonly #running = new Map<string, Running>();
  #hasSpoken = false;

  constructor(around: ResponseSurroundings) {
    this.#around = around;
  }

  /** The voice of the conversation has been heard. */
  get hasSpoken(): boolean {
    return this.#hasSpoken;
  }

  /** @throws ApiError 400 where another is under way */
  begin(wish: ResponseWish, settings: Settings, messages: RealtimeConversation['messages']): void {
    const isInConversation = wish.conversation !== 'none';
    const [other] = [...this.#running].find(([, running]) => running.isInConversation) ?? [];
    if (isInConversation && other !== undefined) {
      throw invalidRequest(
        `Conversation already has an active response in progress: ${other}. Wait until the response is finished before creating a new one.`,
        null,
        'conversation_already_has_active_response',
      );
    }
    const id = this.#around.id('resp');
    const controller = new AbortController();
    this.#running.set(id, { controller, isInConversation });
    void this.#run(id, wish, settings, messages, controller.signal);
  }

  /** Somebody speaks: what is said meanwhile is broken off. */
  interrupt(): void {
    for (const [id, { controller, isInConversation }] of [...this.#running]) {
      if (!isInConversation) continue;
      controller.abort('turn');
      // The next turn may be answered before the last word on this one is out.
      this.#running.delete(id);
    }
  }

  /** @throws ApiError 400 where there is none */
  cancel(id: string | undefined): void {
    const running = [...this.#running].find(([name, response]) =>
      id === undefined ? response.isInConversation : name === id,
    );
    if (running === undefined) {
      throw invalidRequest(
        'Cancellation failed: no active response found',
        null,
        'response_cancel_not_active',
      );
    }
    running[1].controller.abort();
  }

  /** Nobody listens any more. */
  stop(): void {
    for (const { controller } of this.#running.values()) controller.abort();
  }

  async #run(
    id: string,
    wish: ResponseWish,
    settings: Settings,
    messages: RealtimeConversation['messages'],
    cancelled: AbortSignal,
  ): Promise<void> {
    const { state, tell, refuse } = this.#around;
    try {
      const plan = await this.#plan(id, wish, settings, messages);
      for await (const step of responseSteps(plan, state, cancelled)) {
        // Whoever is told of the end may ask for the next response.
        if ('event' in step && step.event.type === 'response.done') this.#running.delete(id);
        await tell(step);
      }
    } catch (error) {
      this.#running.delete(id);
      refuse(error);
    }
  }

  async #plan(
    id: string,
    { audio, ...wish }: ResponseWish,
    now: Settings,
    messages: RealtimeConversation['messages'],
  ): Promise<ResponsePlan> {
    const { conversation, model, state } = this.#around;
    const name = (kind: string) => this.#around.id(kind);
    const settings: Settings = {
      ...now,
      instructions: wish.instructions ?? now.instructions,
      modality: wish.output_modalities?.[0] ?? now.modality,
      maxTokens: wish.max_output_tokens ?? now.maxTokens,
      tools: wish.tools ?? now.tools,
      toolChoice: wish.tool_choice ?? now.toolChoice,
      voice: audio?.output?.voice === undefined ? now.voice : voiceName(audio.output.voice),
    };
    const { text, calls } = await replyTo(messages, settings, model);
    const read = [settings.instructions, ...messages.map(({ content }) => String(content ?? ''))];
    const plan: ResponsePlan = {
      id,
      itemId: name('item'),
      text: state.faults.misread ? misread(text) : text,
      calls: calls.map((call) => ({ ...call, itemId: name('item'), callId: name('call') })),
      maxTokens: settings.maxTokens,
      modality: settings.modality,
      voice: settings.voice,
      speed: settings.speed,
      conversation:
        wish.conversation === 'none' ? undefined : { id: `conv_${model}`, lastItemId: conversation.lastId },
      metadata: wish.metadata,
      inputTokens: read.reduce((sum, part) => sum + countTokens(part), 0),
    };
    if (plan.conversation !== undefined) this.#keep(plan);
    return plan;
  }

  /** From now on it was said. */
  #keep({ itemId, text, calls, modality }: ResponsePlan): void {
    const { conversation } = this.#around;
    for (const { itemId: id, callId, name, input } of calls) {
      const item = { id, type: 'function_call', name, arguments: input, call_id: callId };
      conversation.add({ id, item: item as Said['item'], message: callMessage(callId, name, input) });
    }
    if (calls.length > 0) return;
    if (modality === 'audio') this.#hasSpoken = true;
    const content = [{ type: 'output_text', text }];
    const item = { id: itemId, type: 'message', role: 'assistant', content } as unknown as Said['item'];
    conversation.add({ id: itemId, item, message: { role: 'assistant', content: text } });
  }
}

/** The text with the word in its middle changed. */
function misread(text: string): string {
  const words = [...new Intl.Segmenter('en', { granularity: 'word' }).segment(text)].filter(
    ({ isWordLike }) => isWordLike === true,
  );
  const word = words[Math.floor(words.length / 2)];
  if (word === undefined) return text;
  const { index, segment } = word;
  const wrong = segment === 'otherwise' ? 'likewise' : 'otherwise';
  return `${text.slice(0, index)}${wrong}${text.slice(index + segment.length)}`;
}
