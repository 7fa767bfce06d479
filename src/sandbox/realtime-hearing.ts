import type { SandboxState } from './call.ts';
import { RealtimeInput } from './realtime-input.ts';
import type { ResponseStep } from './realtime-response.ts';
import type { ServerEvent } from './realtime-response-events.ts';
import type { Settings } from './realtime-settings.ts';
import { transcriptionSteps } from './realtime-transcription.ts';

/** What a session is listened in. */
export interface HearingSurroundings {
  readonly state: SandboxState;
  /** The session as it is now. */
  settings(): Settings;
  /** The name of something new: `item_…`. */
  id(kind: string): string;
  send(event: ServerEvent): void;
  /** Says it to the client, or does what a fault does. */
  tell(step: ResponseStep): Promise<void>;
  refuse(error: unknown): void;
  /** The item that the next one comes after. */
  lastItem(): string | null;
  /** Somebody has said something, in an item of that name. */
  said(id: string, text: string): void;
  /** Somebody begins to speak. */
  interrupt(): void;
  /** A turn that silence has ended is to be answered. */
  answer(): void;
}

/** What a session hears: turns, and their words as they are written down. */
export class RealtimeHearing {
  readonly #around: HearingSurroundings;
  readonly #input = new RealtimeInput();
  /** The item that the sound in the buffer will be. */
  #nextItem: string | undefined;
  /** Pieces of transcripts that were sent. */
  #transcribed = 0;
  /** Nobody listens any more. */
  readonly #ending = new AbortController();

  constructor(around: HearingSurroundings) {
    this.#around = around;
  }

  /**
   * Sound comes: turns begin and end in it where they are told by silence.
   * @param audio PCM of 16 bits in base64
   * @throws ApiError 400
   */
  hear(audio: string): void {
    const { settings, id, send, interrupt, answer } = this.#around;
    const { turnDetection: detection, transcription, kind } = settings();
    for (const heard of this.#input.append(audio, detection)) {
      this.#nextItem ??= id('item');
      const item_id = this.#nextItem;
      if (heard.kind === 'words') {
        if (detection === null && transcription !== undefined) this.#tellWords(item_id, heard.text);
      } else if (heard.kind === 'started') {
        send({ type: 'input_audio_buffer.speech_started', audio_start_ms: heard.at, item_id });
        if (detection?.interrupt_response !== false) interrupt();
      } else {
        send({ type: 'input_audio_buffer.speech_stopped', audio_end_ms: heard.at, item_id });
        this.commit();
        if (kind === 'realtime' && detection?.create_response !== false) answer();
      }
    }
  }

  /** What is in the buffer is a turn. @throws ApiError 400 where that is too little */
  commit(): void {
    const { settings, id: named, send, lastItem, said } = this.#around;
    const { told } = this.#input;
    const { text, seconds } = this.#input.commit();
    const id = this.#nextItem ?? named('item');
    this.#nextItem = undefined;
    send({ type: 'input_audio_buffer.committed', previous_item_id: lastItem(), item_id: id });
    said(id, text);
    if (settings().transcription !== undefined) void this.#transcribe(id, text, told, seconds);
  }

  clear(): void {
    this.#input.clear();
    this.#around.send({ type: 'input_audio_buffer.cleared' });
  }

  /** The client has gone: nothing more is written down. */
  stop(): void {
    this.#ending.abort();
  }

  /** The model recognises words while they are said. */
  get #isLive(): boolean {
    return this.#around.settings().transcription?.model?.startsWith('gpt-live-') === true;
  }

  #tellWords(item_id: string, delta: string): void {
    if (!this.#isLive) return;
    const { state, send, tell } = this.#around;
    const due = state.faults.stream;
    if (due !== undefined && this.#transcribed >= due.after && due.kind !== 'error') {
      void tell({ fault: due.kind });
    }
    this.#transcribed += 1;
    const type = 'conversation.item.input_audio_transcription.delta';
    send({ type, item_id, content_index: 0, delta });
  }

  async #transcribe(id: string, text: string, told: string, seconds: number): Promise<void> {
    const { state, tell, refuse } = this.#around;
    const plan = { itemId: id, text, told: this.#isLive ? told : '', seconds, sent: this.#transcribed };
    try {
      for await (const step of transcriptionSteps(plan, state, this.#ending.signal)) await tell(step);
    } catch (error) {
      refuse(error);
    }
  }
}
