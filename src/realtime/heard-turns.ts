import type { Api } from '../api/client.ts';
import type { RealtimeServerEvent, RealtimeSession } from '../api/realtime.ts';
import { errorInEvent } from '../api/realtime-events.ts';
import { Failure } from '../errors.ts';
import type { AnswerSink } from '../output/answer-sink.ts';
import type { Outcome } from './conversation.ts';
import { printEvent, type Showing } from './desk.ts';
import { userItem } from './items.ts';
import { PIECE_BYTES } from './pcm-pieces.ts';
import { sendSound, whileSending } from './sending.ts';
import type { TurnDetection } from './session-fields.ts';
import type { Prepared } from './setup.ts';
import type { SoundSource } from './sound-input.ts';
import { GrowingTurn, turnProblem } from './turn.ts';

/** Sound in which the server finds the turns. */
export interface HeardSound {
  readonly source: SoundSource;
  /** What goes before it. */
  readonly text: string;
  readonly made: Prepared;
  readonly turnDetection: TurnDetection;
}

/**
 * Silence after the last word, by which the server finds the end of a turn, in tenths of a second: semantic detection
 * waits up to 8 s (OpenAPI, `eagerness`).
 */
const LAST_PIECES: Readonly<Record<TurnDetection, number>> = { server_vad: 12, semantic_vad: 85, none: 0 };

/**
 * Has a model listen, which answers each turn when it is over.
 * @returns what came of the last turn
 */
export async function hearTurns(
  heard: HeardSound,
  api: Api,
  showing: Showing,
  onSound?: (pcm: Uint8Array) => Promise<void> | undefined,
): Promise<Outcome> {
  const { source, text, made, turnDetection } = heard;
  const listening = new Listening(showing, onSound);
  try {
    const session = await api.call(async (_, { signal }) => {
      const opened = await made.link.open(api, signal);
      if (text !== '') await opened.send({ type: 'conversation.item.create', item: userItem(text) });
      return opened;
    });
    const goOn = source.isLive ? api.pause() : () => {};
    await whileSending(
      api.signal,
      (signal) => sendAll(source, LAST_PIECES[turnDetection], session, listening, signal),
      (signal) => listening.run(session, signal),
    ).finally(goOn);
    const problem = listening.problem ?? nothingHeard(listening, source);
    return { text: listening.text, calls: [], failure: problem && api.failure(problem) };
  } catch (error) {
    return { text: listening.text, calls: [], failure: api.failure(error) };
  } finally {
    await listening.end();
  }
}

function nothingHeard({ turns }: Listening, { name }: SoundSource): Failure | undefined {
  return turns > 0 ? undefined : new Failure('incomplete', `no speech was heard in ${name}`);
}

async function sendAll(
  source: SoundSource,
  lastPieces: number,
  session: RealtimeSession,
  listening: Listening,
  signal: AbortSignal,
): Promise<void> {
  for await (const piece of source.open()) {
    signal.throwIfAborted();
    await sendSound(session, piece);
  }
  const silence = Buffer.alloc(PIECE_BYTES);
  for (let piece = 0; piece < lastPieces; piece += 1) await sendSound(session, silence);
  listening.isAllSent = true;
  // Its answer comes when all of the sound has been heard.
  await session.send({ type: 'session.update', session: { type: 'realtime' } });
}

/** A turn that was heard, and what was answered. */
interface HeardTurn {
  /** Of the item that it is. */
  readonly id: string;
  /** Of the items of its answer. */
  readonly answers: string[];
}

/** The turns of a session in which the server finds them: each is answered when the one before it is. */
class Listening {
  isAllSent = false;
  problem: Error | undefined;
  text = '';
  readonly #showing: Showing;
  readonly #onSound: ((pcm: Uint8Array) => Promise<void> | undefined) | undefined;
  #turn: GrowingTurn | undefined;
  #out: AnswerSink | undefined;
  /** Items of before. */
  readonly #before: string[] = [];
  readonly #heard: HeardTurn[] = [];
  #answered = 0;
  /** Turns that were begun, and not committed. */
  #open = 0;
  #updates = 0;

  constructor(showing: Showing, onSound: ((pcm: Uint8Array) => Promise<void> | undefined) | undefined) {
    this.#showing = showing;
    this.#onSound = onSound;
  }

  /** Turns that were answered. */
  get turns(): number {
    return this.#answered;
  }

  async run(session: RealtimeSession, signal: AbortSignal): Promise<void> {
    const mayBeSilent = () => !this.isAllSent && this.#turn === undefined;
    while (!this.#isOver) {
      await this.#take(await session.next({ signal, mayBeSilent }));
      if (this.#turn === undefined && this.#answered < this.#heard.length) await this.#ask(session);
    }
  }

  /** The line of what is said ends. */
  async end(): Promise<void> {
    const out = this.#out;
    this.#out = undefined;
    await out?.end();
  }

  /** All was heard, that which is behind the sound as well, and answered. */
  get #isOver(): boolean {
    return (
      this.#updates > 1 &&
      this.#open === 0 &&
      this.#turn === undefined &&
      this.#answered === this.#heard.length
    );
  }

  async #take(event: RealtimeServerEvent): Promise<void> {
    const { isJson, hidesSound, context } = this.#showing;
    if (isJson) await printEvent(event, hidesSound, context);
    if (event.type === 'session.updated') this.#updates += 1;
    else if (event.type === 'input_audio_buffer.speech_started') this.#open += 1;
    else if (event.type === 'input_audio_buffer.committed') {
      this.#open = Math.max(0, this.#open - 1);
      this.#heard.push({ id: event.item_id, answers: [] });
    } else if (event.type === 'conversation.item.added') this.#place(event.item.id ?? '');
    else if (event.type === 'error' && this.#turn === undefined) throw errorInEvent(event.error);
    await this.#turn?.take(event);
    if (this.#turn?.isOver === true) await this.#finish(this.#turn);
  }

  /** Finds out what an item belongs to. */
  #place(id: string): void {
    if (this.#heard.some((turn) => turn.id === id)) return;
    if (this.#turn !== undefined) this.#heard[this.#answered]?.answers.push(id);
    else if (this.#heard.length === 0) this.#before.push(id);
  }

  async #ask(session: RealtimeSession): Promise<void> {
    const { isJson, sink } = this.#showing;
    this.#out = isJson ? undefined : sink();
    this.#turn = new GrowingTurn({
      onText: (piece) => this.#out?.write(piece),
      onSound: (pcm) => this.#onSound?.(pcm),
    });
    // The server may have heard more by now, which is no part of what is answered.
    const input = [...this.#before, ...this.#upTo(this.#answered)];
    const response = { input: input.map((id) => ({ type: 'item_reference', id }) as never) };
    await session.send({ type: 'response.create', response });
  }

  /** The items up to a turn, with the answers to those before it. */
  #upTo(index: number): string[] {
    const turns = this.#heard.slice(0, index + 1);
    return turns.flatMap(({ id, answers }, at) => (at === index ? [id] : [id, ...answers]));
  }

  async #finish(turn: GrowingTurn): Promise<void> {
    this.#turn = undefined;
    this.#answered += 1;
    this.text += turn.text;
    this.problem ??= turnProblem(turn, false);
    await this.end();
  }
}
