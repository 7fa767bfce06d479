import type { ChatMessage } from '../api/completions.ts';
import type { Context } from '../context.ts';
import type { AudioFormat } from '../flags/speaking.ts';
import type { AnswerSink } from '../output/answer-sink.ts';
import type { AnswerSinks } from './answer-sinks.ts';
import type { LineSource } from './lines.ts';
import type { Session } from './session.ts';
import type { Shelf } from './shelf.ts';
import type { Tray } from './tray.ts';
import type { TurnEnd } from './turn-end.ts';

/** What the commands of a session work with. */
export interface Desk {
  readonly context: Context;
  readonly session: Session;
  readonly shelf: Shelf;
  readonly tray: Tray;
  readonly lines: LineSource;
  readonly ending: TurnEnd;
  readonly sinks: AnswerSinks;
  /** Where the next answer goes. */
  sink(): AnswerSink;
  /** What each answer took is said after it. */
  readonly tellsUsage: boolean;
  /** Every answer is printed as JSON. */
  isJson: boolean;
  /** The last answer that was said. */
  lastSound: { readonly path: string; readonly format: AudioFormat } | undefined;
  /** The last question as it was typed, before a role put it in its place. */
  typed: { readonly text: string; readonly question: readonly ChatMessage[] } | undefined;
  /** What stands in the next line already. */
  draft: string | undefined;
  /** Asks, shows what comes, and keeps it. @param replaces it takes the place of the last exchange, once it has an answer */
  ask(question: readonly ChatMessage[], replaces?: boolean): Promise<void>;
  /** The same for a text as a person types it: with what is attached, and in its place in a role. */
  askTyped(text: string, replaces?: boolean): Promise<void>;
  /** Shows lines that a command was asked for. */
  show(text: string): Promise<void>;
}

/** Does what a command says. @throws Failure */
export type Action = (argument: string, desk: Desk) => Promise<void>;
