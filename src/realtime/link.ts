import type { Api } from '../api/client.ts';
import { openRealtime, type RealtimeSession } from '../api/realtime.ts';
import type { Context } from '../context.ts';
import { Failure } from '../errors.ts';
import { warn } from '../output/messages.ts';
import type { RealtimeItem } from './items.ts';
import type { SessionFields } from './session-fields.ts';

/**
 * The connection of a conversation. A session cannot be resumed: where one is lost, the next one is told what was said.
 */
export class RealtimeLink {
  readonly #model: string;
  readonly #fields: SessionFields;
  readonly #context: Context;
  /** What was said, as far as it is over. */
  readonly #said: RealtimeItem[];
  #session: RealtimeSession | undefined;
  #wasLost = false;

  /** @param said what was said in another session */
  constructor(model: string, fields: SessionFields, said: readonly RealtimeItem[], context: Context) {
    this.#model = model;
    this.#fields = fields;
    this.#context = context;
    this.#said = [...said];
  }

  /**
   * A session that knows what was said: the one that is open, or a new one. This is one try, to be made within `Api.call`.
   * @throws what `openRealtime` throws
   */
  async open(api: Api, signal: AbortSignal): Promise<RealtimeSession> {
    if (this.#session?.isOpen === true) return this.#session;
    if (this.#session !== undefined) this.drop(true);
    const session = await openRealtime(api, { model: this.#model }, this.#context, signal);
    this.#session = session;
    await session.send({ type: 'session.update', session: this.#fields });
    for (const item of this.#said) await session.send({ type: 'conversation.item.create', item });
    if (this.#wasLost && this.#said.length > 0) {
      warn(this.#context, 'the connection was lost: a new session goes on with what was said');
    }
    this.#wasLost = false;
    return session;
  }

  /** Part of the conversation from now on: the session knows it, and the next one will be told. */
  keep(...items: readonly RealtimeItem[]): void {
    this.#said.push(...items);
  }

  /** The session is of no more use. @param isLost nobody here ended it */
  drop(isLost: boolean): void {
    this.#session?.close();
    this.#session = undefined;
    this.#wasLost ||= isLost;
  }
}

/** Whether an error means that the connection is gone. */
export function isLoss(error: unknown): boolean {
  return error instanceof Failure && error.kind === 'network';
}
