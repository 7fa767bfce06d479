import { createHash } from 'node:crypto';
import type { RealtimeSessionCreateResponse } from 'openai/resources/realtime/client-secrets';
import type { SandboxState } from './call.ts';
import { crash } from './crash.ts';
import { ApiError, type ErrorBody, invalidRequest } from './error-answer.ts';
import {
  type ClientEvent,
  checkEvent,
  parseMessage,
  type ResponseWish,
  type SessionUpdate,
  type UserItem,
  voiceName,
} from './realtime-request.ts';
import { PCM_FORMAT, type ResponsePlan, responseSteps, type ServerEvent } from './realtime-response.ts';
import { missing, unsupportedModel } from './request-check.ts';
import { countTokens } from './tokens.ts';

/** What carries the events of a session to its client. */
export interface RealtimeWire {
  /** Resolves when more can be sent, or nothing ever will. */
  send(text: string): Promise<void>;
  /** The connection ends as it should, with 1000. */
  close(): void;
  /** The connection breaks. */
  terminate(): void;
}

/** A session of the realtime API, whatever it is connected by. */
export interface RealtimeSession {
  /** The client has come, and is told so. */
  open(wire: RealtimeWire): void;
  /** The client says something: an event, or what should be one. */
  receive(text: string): void;
  /** The client has gone. */
  close(): void;
}

/** Such a text in the instructions has the user's text said as it is. */
const VERBATIM = /word for word/i;
const GARBLED = '{"type":"response.';
const INSTRUCTIONS = 'You are a helpful assistant.';

interface Settings {
  readonly instructions: string;
  readonly modality: 'audio' | 'text';
  readonly voice: string;
  readonly speed: number;
}

interface Said {
  readonly id: string;
  readonly role: 'user' | 'assistant';
  readonly text: string;
}

/** A response under way. */
interface Running {
  readonly controller: AbortController;
  readonly isInConversation: boolean;
}

/**
 * `GET /realtime`, as a WebSocket.
 * @param signal ends the session
 * @throws ApiError where the address has no model that can be asked
 */
export function realtimeSession(url: URL, state: SandboxState, signal: AbortSignal): RealtimeSession {
  const model = url.searchParams.get('model');
  if (model === null) throw missing('model');
  const { models } = state;
  if (models.kindOf(model) !== 'realtime') throw unsupportedModel(model, models.idsOf('realtime'));
  return new Session(model, state, signal);
}

class Session implements RealtimeSession {
  readonly #model: string;
  readonly #state: SandboxState;
  readonly #signal: AbortSignal;
  readonly #seed: string;
  readonly #running = new Map<string, Running>();
  readonly #conversation: Said[] = [];
  #wire: RealtimeWire | undefined;
  /** After a fault: nothing is said any more, and nothing heard. */
  #isSilent = false;
  #settings: Settings = { instructions: INSTRUCTIONS, modality: 'audio', voice: 'alloy', speed: 1 };
  #hasSpoken = false;
  #ids = 0;

  constructor(model: string, state: SandboxState, signal: AbortSignal) {
    this.#model = model;
    this.#state = state;
    this.#signal = signal;
    this.#seed = createHash('sha256').update(`realtime ${model}`).digest('hex').slice(0, 16);
  }

  open(wire: RealtimeWire): void {
    this.#wire = wire;
    this.#signal.addEventListener('abort', this.#break, { once: true });
    if (this.#signal.aborted) this.#break();
    void this.#send({ type: 'session.created', session: this.#session() });
  }

  receive(text: string): void {
    if (this.#isSilent) return;
    let id: string | undefined;
    try {
      const message = parseMessage(text);
      if (typeof message['event_id'] === 'string') id = message['event_id'];
      this.#obey(checkEvent(message));
    } catch (error) {
      this.#refuse(error, id);
    }
  }

  #obey(event: ClientEvent): void {
    if (event.type === 'session.update') this.#update(event.session);
    else if (event.type === 'conversation.item.create') this.#add(event.item);
    else if (event.type === 'response.create') this.#begin(event.response ?? {});
    else this.#cancel(event.response_id);
  }

  close(): void {
    this.#wire = undefined;
    this.#signal.removeEventListener('abort', this.#break);
    for (const { controller } of this.#running.values()) controller.abort();
  }

  readonly #break = (): void => {
    this.#wire?.terminate();
    this.close();
  };

  /** The same session gives the same ids on every day. */
  #id(kind: string): string {
    this.#ids += 1;
    return `${kind}_${this.#seed}${String(this.#ids).padStart(6, '0')}`;
  }

  async #send(event: ServerEvent): Promise<void> {
    await this.#sendText(JSON.stringify({ ...event, event_id: this.#id('event') }));
  }

  async #sendText(text: string): Promise<void> {
    if (!this.#isSilent) await this.#wire?.send(text);
  }

  #refuse(error: unknown, event_id: string | undefined): void {
    const { message, type, code, param } = errorBody(error);
    void this.#send({ type: 'error', error: { type, code, message, param, event_id: event_id ?? null } });
  }

  #session(): RealtimeSessionCreateResponse {
    const { instructions, modality, voice, speed } = this.#settings;
    return {
      type: 'realtime',
      object: 'realtime.session',
      id: `sess_${this.#seed}`,
      model: this.#model,
      output_modalities: [modality],
      instructions,
      tools: [],
      tool_choice: 'auto',
      max_output_tokens: 'inf',
      truncation: 'auto',
      tracing: null,
      prompt: null,
      // The sandbox hears nothing here.
      audio: {
        input: { format: PCM_FORMAT, turn_detection: null },
        output: { format: PCM_FORMAT, voice, speed },
      },
    };
  }

  #update({ instructions, output_modalities, audio: { output = {} } = {} }: SessionUpdate): void {
    const now = this.#settings;
    const voice = output.voice === undefined ? now.voice : voiceName(output.voice);
    if (voice !== now.voice && this.#hasSpoken) {
      throw invalidRequest(
        "Cannot update a conversation's voice if assistant audio is present.",
        'session.audio.output.voice',
        'cannot_update_voice',
      );
    }
    this.#settings = {
      instructions: instructions ?? now.instructions,
      modality: output_modalities?.[0] ?? now.modality,
      voice,
      speed: output.speed ?? now.speed,
    };
    void this.#send({ type: 'session.updated', session: this.#session() });
  }

  #add(item: UserItem): void {
    const id = item.id ?? this.#id('item');
    if (this.#conversation.some((said) => said.id === id)) {
      throw invalidRequest(`Item with item_id already exists: ${id}`, 'item.id', 'invalid_value');
    }
    const previous_item_id = this.#conversation.at(-1)?.id ?? null;
    const whole = { ...item, id, object: 'realtime.item', status: 'completed' } as const;
    this.#conversation.push({ id, role: 'user', text: textOf(item) });
    void this.#send({ type: 'conversation.item.added', previous_item_id, item: whole });
    void this.#send({ type: 'conversation.item.done', previous_item_id, item: whole });
  }

  #begin(wish: ResponseWish): void {
    const isInConversation = wish.conversation !== 'none';
    const [other] = [...this.#running].find(([, running]) => running.isInConversation) ?? [];
    if (isInConversation && other !== undefined) {
      throw invalidRequest(
        `Conversation already has an active response in progress: ${other}. Wait until the response is finished before creating a new one.`,
        null,
        'conversation_already_has_active_response',
      );
    }
    const plan = this.#plan(wish, isInConversation);
    const { itemId: id, text, modality } = plan;
    if (isInConversation) this.#conversation.push({ id, role: 'assistant', text });
    if (isInConversation && modality === 'audio') this.#hasSpoken = true;
    const controller = new AbortController();
    this.#running.set(plan.id, { controller, isInConversation });
    void this.#run(plan, controller.signal);
  }

  #plan({ input, audio, ...wish }: ResponseWish, isInConversation: boolean): ResponsePlan {
    const settings = this.#settings;
    const instructions = wish.instructions ?? settings.instructions;
    const texts = input?.map(textOf);
    const context = texts ?? this.#conversation.map(({ text }) => text);
    const asked = texts?.at(-1) ?? this.#conversation.findLast(({ role }) => role === 'user')?.text ?? '';
    const text = VERBATIM.test(instructions) ? asked : reply(asked);
    const { voice } = audio?.output ?? {};
    const lastItemId = this.#conversation.at(-1)?.id ?? null;
    return {
      id: this.#id('resp'),
      itemId: this.#id('item'),
      text: this.#state.faults.misread ? misread(text) : text,
      modality: wish.output_modalities?.[0] ?? settings.modality,
      voice: voice === undefined ? settings.voice : voiceName(voice),
      speed: settings.speed,
      conversation: isInConversation ? { id: `conv_${this.#seed}`, lastItemId } : undefined,
      metadata: wish.metadata,
      inputTokens: [instructions, ...context].reduce((sum, part) => sum + countTokens(part), 0),
    };
  }

  async #run(plan: ResponsePlan, cancelled: AbortSignal): Promise<void> {
    try {
      for await (const step of responseSteps(plan, this.#state, cancelled)) {
        if ('event' in step) {
          // Whoever is told of the end may ask for the next response.
          if (step.event.type === 'response.done') this.#running.delete(plan.id);
          await this.#send(step.event);
        } else if (step.fault === 'garbled') {
          await this.#sendText(GARBLED);
        } else {
          this.#isSilent = true;
          if (step.fault === 'cut') this.#wire?.close();
          if (step.fault === 'reset') this.#wire?.terminate();
        }
      }
    } catch (error) {
      this.#running.delete(plan.id);
      this.#refuse(error, undefined);
    }
  }

  #cancel(id: string | undefined): void {
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
}

/** What a failure is told as; one of the sandbox itself is no word of the API. */
function errorBody(error: unknown): ErrorBody {
  if (error instanceof ApiError) return error.body;
  return { message: crash(error).message, type: 'sandbox_error', param: null, code: null };
}

function textOf({ content }: UserItem): string {
  return content.map(({ text }) => text ?? '').join('\n');
}

function reply(asked: string): string {
  return asked === '' ? 'You said nothing.' : `You said: ${asked}`;
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
