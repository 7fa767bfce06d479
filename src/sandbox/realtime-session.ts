import { createHash } from 'node:crypto';
import type { SandboxState } from './call.ts';
import { crash } from './crash.ts';
import { ApiError, type ErrorBody, invalidRequest } from './error-answer.ts';
import type { StreamFault } from './faults.ts';
import { givenItem, RealtimeConversation, type Said } from './realtime-conversation.ts';
import { RealtimeHearing } from './realtime-hearing.ts';
import { heardIn } from './realtime-input.ts';
import {
  type ClientEvent,
  checkEvent,
  type GivenItem,
  type ItemEvent,
  parseMessage,
  type ResponseWish,
} from './realtime-request.ts';
import type { ResponseStep } from './realtime-response.ts';
import type { ServerEvent } from './realtime-response-events.ts';
import { RealtimeResponses } from './realtime-responses.ts';
import {
  defaultSettings,
  type SessionKind,
  type SessionUpdate,
  type Settings,
  updated,
} from './realtime-settings.ts';
import { sessionTold } from './realtime-told.ts';
import { missing, unsupportedModel } from './request-check.ts';

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

const GARBLED = '{"type":"response.';

/**
 * `GET /realtime`, as a WebSocket.
 * @param update what a client secret says of the session
 * @param signal ends the session
 * @throws ApiError where the address has no model that can be asked, or too much
 */
export function realtimeSession(
  url: URL,
  update: SessionUpdate | undefined,
  state: SandboxState,
  signal: AbortSignal,
): RealtimeSession {
  const model = url.searchParams.get('model');
  const intent = url.searchParams.get('intent');
  if (intent !== null && intent !== 'transcription') {
    throw invalidRequest(`Invalid value: '${intent}'. Supported values are: 'transcription'.`, 'intent');
  }
  const kind = intent ?? update?.type ?? 'realtime';
  if (kind === 'transcription' && model !== null) {
    const message = 'You must not provide a model parameter for transcription sessions.';
    throw invalidRequest(message, 'model', 'invalid_parameter');
  }
  if (kind === 'realtime') {
    if (model === null) throw missing('model');
    const { models } = state;
    if (models.kindOf(model) !== 'realtime') throw unsupportedModel(model, models.idsOf('realtime'));
  }
  return new Session(kind, model ?? '', update, state, signal);
}

class Session implements RealtimeSession {
  readonly #model: string;
  readonly #state: SandboxState;
  readonly #signal: AbortSignal;
  readonly #seed: string;
  readonly #conversation = new RealtimeConversation();
  readonly #hearing: RealtimeHearing;
  readonly #responses: RealtimeResponses;
  #settings: Settings;
  #wire: RealtimeWire | undefined;
  /** After a fault: nothing is said any more, and nothing heard. */
  #isSilent = false;
  #ids = 0;

  constructor(
    kind: SessionKind,
    model: string,
    update: SessionUpdate | undefined,
    state: SandboxState,
    signal: AbortSignal,
  ) {
    this.#model = model;
    this.#state = state;
    this.#signal = signal;
    this.#seed = createHash('sha256').update(`${kind} ${model}`).digest('hex').slice(0, 16);
    const around = {
      state,
      id: (name: string) => this.#id(name),
      tell: (step: ResponseStep) => this.#tell(step),
      refuse: (error: unknown) => this.#refuse(error, undefined),
    };
    this.#responses = new RealtimeResponses({
      ...around,
      model,
      conversation: this.#conversation,
    });
    this.#hearing = new RealtimeHearing({
      ...around,
      settings: () => this.#settings,
      send: (event) => void this.#send(event),
      lastItem: () => this.#conversation.lastId,
      said: (id, text) => this.#said(id, text),
      interrupt: () => this.#responses.interrupt(),
      answer: () => this.#begin({}),
    });
    const settings = defaultSettings(kind);
    this.#settings = update?.type === kind ? updated(settings, update, state.models) : settings;
  }

  open(wire: RealtimeWire): void {
    this.#wire = wire;
    this.#signal.addEventListener('abort', this.#break, { once: true });
    if (this.#signal.aborted) this.#break();
    void this.#send({ type: 'session.created', session: this.#told() });
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
    else if (event.type === 'conversation.item.create') this.#add(this.#given(event.item));
    else if (event.type === 'input_audio_buffer.append') this.#hearing.hear(event.audio);
    else if (event.type === 'input_audio_buffer.commit') this.#hearing.commit();
    else if (event.type === 'input_audio_buffer.clear') this.#hearing.clear();
    else if (event.type === 'response.create') this.#begin(event.response ?? {});
    else if (event.type === 'response.cancel') this.#responses.cancel(event.response_id);
    else this.#change(event);
  }

  /** Something is done to an item that is there. */
  #change({ type, item_id, content_index = 0, audio_end_ms = 0 }: ItemEvent): void {
    const { item } = this.#conversation.find(item_id);
    if (type === 'conversation.item.retrieve') {
      void this.#send({ type: 'conversation.item.retrieved', item });
    } else if (type === 'conversation.item.truncate') {
      void this.#send({ type: 'conversation.item.truncated', item_id, content_index, audio_end_ms });
    } else {
      this.#conversation.delete(item_id);
      void this.#send({ type: 'conversation.item.deleted', item_id });
    }
  }

  close(): void {
    this.#wire = undefined;
    this.#signal.removeEventListener('abort', this.#break);
    this.#responses.stop();
    this.#hearing.stop();
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

  #told() {
    return sessionTold(`sess_${this.#seed}`, this.#model, this.#settings);
  }

  #update(update: SessionUpdate): void {
    const next = updated(this.#settings, update, this.#state.models);
    if (next.voice !== this.#settings.voice && this.#responses.hasSpoken) {
      throw invalidRequest(
        "Cannot update a conversation's voice if assistant audio is present.",
        'session.audio.output.voice',
        'cannot_update_voice',
      );
    }
    this.#settings = next;
    void this.#send({ type: 'session.updated', session: this.#told() });
  }

  #given(item: GivenItem): Said {
    this.#refuseInTranscription('Items', 'item');
    const sounds =
      item.type === 'message' && item.role === 'user' ? item.content.flatMap(({ audio = [] }) => audio) : [];
    return givenItem(item, item.id ?? this.#id('item'), sounds.map(heardIn).join('\n'));
  }

  #add(said: Said): void {
    const previous_item_id = this.#conversation.lastId;
    this.#conversation.add(said);
    void this.#send({ type: 'conversation.item.added', previous_item_id, item: said.item });
    void this.#send({ type: 'conversation.item.done', previous_item_id, item: said.item });
  }

  /** Somebody has said something. */
  #said(id: string, text: string): void {
    const content = [{ type: 'input_audio' as const }];
    const item = { id, object: 'realtime.item', type: 'message', role: 'user', status: 'completed', content };
    this.#add({ id, item: item as Said['item'], message: { role: 'user', content: text } });
  }

  async #tell(step: ResponseStep): Promise<void> {
    if ('event' in step) await this.#send(step.event);
    else this.#fault(step.fault);
  }

  #fault(kind: Exclude<StreamFault['kind'], 'error'>): void {
    if (kind === 'garbled') {
      void this.#sendText(GARBLED);
      return;
    }
    this.#isSilent = true;
    if (kind === 'cut') this.#wire?.close();
    if (kind === 'reset') this.#wire?.terminate();
  }

  #begin(wish: ResponseWish): void {
    this.#refuseInTranscription('Responses', null);
    const given = wish.input?.map((item) => {
      const said = item.type === 'item_reference' ? this.#conversation.find(item.id) : this.#given(item);
      return said.message;
    });
    this.#responses.begin(wish, this.#settings, given ?? this.#conversation.messages);
  }

  #refuseInTranscription(what: string, param: string | null): void {
    if (this.#settings.kind !== 'transcription') return;
    throw invalidRequest(`${what} cannot be created in a transcription session.`, param, 'invalid_value');
  }
}

/** What a failure is told as; one of the sandbox itself is no word of the API. */
function errorBody(error: unknown): ErrorBody {
  if (error instanceof ApiError) return error.body;
  return { message: crash(error).message, type: 'sandbox_error', param: null, code: null };
}
