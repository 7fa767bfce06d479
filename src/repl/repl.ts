import type { Api } from '../api/client.ts';
import type { ChatMessage } from '../api/completions.ts';
import type { ChatTools } from '../chat/chat-tools.ts';
import { question } from '../chat/request.ts';
import type { Context } from '../context.ts';
import { Failure, Stopped } from '../errors.ts';
import type { MemoryFlags } from '../flags/memory.ts';
import type { AnswerSink } from '../output/answer-sink.ts';
import { sayFailure } from '../output/failure-line.ts';
import { warn } from '../output/messages.ts';
import { inertText } from '../output/terminal.ts';
import { actions } from './actions.ts';
import type { AnswerSinks } from './answer-sinks.ts';
import type { Desk } from './desk.ts';
import { readLine } from './line.ts';
import type { LineSource } from './lines.ts';
import { Session } from './session.ts';
import type { SessionFlags } from './settings.ts';
import type { Shelf } from './shelf.ts';
import { showTurn } from './show-turn.ts';
import type { Tray } from './tray.ts';
import type { TurnEnd } from './turn-end.ts';

/** What a session begins with. */
export interface ReplSetup {
  readonly api: Api;
  readonly context: Context;
  readonly flags: SessionFlags & Pick<MemoryFlags, 'usage'>;
  readonly shelf: Shelf;
  readonly tray: Tray;
  readonly lines: LineSource;
  readonly ending: TurnEnd;
  readonly sinks: AnswerSinks;
  readonly tools: ChatTools | undefined;
  /** What a text is asked as: a role may have a place for it. */
  fill(text: string): string;
  /** What is said before the first question. */
  readonly before: readonly ChatMessage[];
  /** What is asked first, before anybody types. */
  readonly first: readonly ChatMessage[];
}

/**
 * Talks with a model until there is nothing more to be said. What fails is said, and the session goes on.
 * @throws Failure at the end of a script of which a line failed; the reason of the run's end
 */
export async function runRepl(setup: ReplSetup): Promise<void> {
  const repl = new Repl(setup);
  try {
    await repl.run();
  } finally {
    setup.lines.close();
    setup.shelf.close();
  }
}

class Repl implements Desk {
  readonly context: Context;
  readonly session: Session;
  readonly shelf: Shelf;
  readonly tray: Tray;
  readonly lines: LineSource;
  readonly ending: TurnEnd;
  readonly #fill: (text: string) => string;
  readonly sinks: AnswerSinks;
  readonly tellsUsage: boolean;
  isJson: boolean;
  lastSound: Desk['lastSound'];
  typed: Desk['typed'];
  draft: string | undefined;
  readonly #first: readonly ChatMessage[];
  readonly #failures: Failure[] = [];

  constructor(setup: ReplSetup) {
    const { context, flags, shelf, tray, lines, ending, before, first, fill, sinks } = setup;
    this.context = context;
    this.shelf = shelf;
    this.tray = tray;
    this.lines = lines;
    this.ending = ending;
    this.#fill = fill;
    this.sinks = sinks;
    this.isJson = flags.json === true;
    this.tellsUsage = flags.usage === true;
    this.session = new Session({ ...setup, asking: ending.within(context) }, flags, before);
    this.#first = first;
  }

  async run(): Promise<void> {
    this.#announce();
    if (this.#first.length > 0) await this.#attempt(() => this.ask(this.#first));
    // A setting that contradicts another is no way to begin.
    else await this.session.model();
    for (;;) {
      const written = await this.lines.next(await this.#prompt(), this.#takeDraft());
      this.context.signal.throwIfAborted();
      if (written === undefined) break;
      const line = readLine(written);
      if (line.kind === 'command' && line.name === 'exit') break;
      await this.#attempt(() => this.#do(line, written.isDraft === true));
    }
    this.#judge();
  }

  sink(): AnswerSink {
    const { jsonObject, schema } = this.session.flags;
    return this.sinks.next(jsonObject === true || schema !== undefined);
  }

  async ask(question: readonly ChatMessage[], replaces = false): Promise<void> {
    const failure = await showTurn(question, replaces, this);
    if (failure !== undefined) this.#failures.push(failure);
  }

  async show(text: string): Promise<void> {
    const { stdout } = this.context;
    await stdout.write(stdout.isTTY ? inertText(text) : text);
  }

  /** @param isDraft a question that was there before: it takes the place of what came of it */
  async #do(line: ReturnType<typeof readLine>, isDraft: boolean): Promise<void> {
    if (line.kind === 'question') await this.askTyped(line.text, isDraft);
    else if (line.kind === 'unknown') throw line.failure;
    else if (line.kind === 'command' && line.name !== 'exit') await actions[line.name](line.argument, this);
  }

  askTyped(text: string, replaces = false): Promise<void> {
    const asked = [question(this.tray.take(this.#fill(text)))];
    this.typed = { text, question: asked };
    return this.ask(asked, replaces);
  }

  /** What fails is said on a line, and the next one is read. */
  async #attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.context.signal.throwIfAborted();
      // Ctrl-C ends what is done just now.
      if (error instanceof Stopped && error.by === 'SIGINT') return;
      if (!(error instanceof Failure) || error.kind === 'bug') throw error;
      sayFailure(error, this.context);
      this.#failures.push(error);
    }
  }

  async #prompt(): Promise<string> {
    const { name, title } = this.shelf.conversation ?? {};
    const conversation = name ?? (title === undefined ? '' : shortened(title));
    const { length } = this.tray.names;
    const attached = length === 0 ? '' : `+${length}`;
    const parts = [await this.#model(), conversation, attached];
    return `${parts.filter((part) => part !== '').join(' · ')}> `;
  }

  /** What contradicts the settings, such as a conversation that was loaded, is said of the next question. */
  async #model(): Promise<string> {
    try {
      return await this.session.model();
    } catch (error) {
      if (!(error instanceof Failure) || error.kind === 'bug') throw error;
      return this.session.flags.model ?? '?';
    }
  }

  /** What was found: the conversation that goes on, and the question that waits in it. */
  #announce(): void {
    if (!this.lines.isPerson) return;
    const { memory } = this.shelf;
    memory.announce();
    if (memory.running !== undefined) {
      warn(
        this.context,
        `the last question is being answered in the background: oai response wait ${memory.running}`,
      );
    }
    if (this.session.exchanges.at(-1)?.state === 'failed') {
      warn(this.context, 'the last question got no answer: /retry asks it again');
    }
  }

  #takeDraft(): string | undefined {
    const { draft } = this;
    this.draft = undefined;
    return draft;
  }

  /** A person has seen what failed; of a script the exit code tells. */
  #judge(): void {
    const [first] = this.#failures;
    if (this.lines.isPerson || first === undefined) return;
    const { length } = this.#failures;
    throw new Failure(first.kind, `${length} ${length === 1 ? 'line' : 'lines'} of the script failed`);
  }
}

/** As much of a title as a prompt has room for, in characters. */
const LONGEST_TITLE = 20;

function shortened(title: string): string {
  const line = title.replace(/\s+/g, ' ');
  return line.length > LONGEST_TITLE ? `${line.slice(0, LONGEST_TITLE - 1).trimEnd()}…` : line;
}
