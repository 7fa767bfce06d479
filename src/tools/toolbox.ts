import { setMaxListeners } from 'node:events';
import type { ChatMessage, ChatTool } from '../api/completions.ts';
import { inParallel } from '../bulk/parallel.ts';
import type { Context } from '../context.ts';
import { trace, warn, withoutSecrets } from '../output/messages.ts';
import { startWaiting } from '../output/progress.ts';
import { type GivenArguments, readArguments, readEdited, type WrongArguments } from './arguments.ts';
import type { Consent } from './consent.ts';
import { declined, notRun, type Outcome, outcomeOf } from './outcome.ts';
import { commandLine, type Program } from './program.ts';
import { runProgram } from './run-program.ts';
import { calledName, type Tool, type ToolCall } from './tool.ts';

/** The most programs that run at the same time. */
const AT_ONCE = 16;
/** As much of the arguments as a line about a call shows, in characters. */
const SHOWN = 60;

/** How tools are run. */
export interface RunOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** For each call, in ms. */
  readonly timeout: number;
  /** Bytes of a program's output that the model gets. */
  readonly outputLimit: number;
  readonly maxTurns: number;
  /** Nothing else is drawn on stderr while tools run. */
  readonly isWatched: boolean;
}

/** A call that a program can do. */
interface Runnable {
  readonly name: string;
  readonly tool: Tool;
  readonly program: Program;
  readonly given: GivenArguments;
}

/** What is to be done about a call: it can be run, its outcome is known, or it is for whoever started this program. */
type Plan = Runnable | Outcome | 'theirs';

/** A call that is to be run. */
interface Allowed extends Runnable {
  /** The arguments, where a person has changed them. */
  readonly edited: string | undefined;
}

/** A call whose turn it is: to be run, or with its outcome. */
type Ready = Allowed | Outcome;

/** The tools of a run: declared to the model, and run for it with the user's consent. */
export class ProgramToolbox {
  readonly definitions: readonly ChatTool[];
  readonly maxTurns: number;
  readonly #tools: ReadonlyMap<string, Tool>;
  readonly #consent: Consent;
  readonly #options: RunOptions;
  readonly #context: Context;

  constructor(tools: readonly Tool[], consent: Consent, options: RunOptions, context: Context) {
    this.definitions = tools.map(({ definition }) => definition);
    this.maxTurns = options.maxTurns;
    this.#tools = new Map(tools.map((tool) => [tool.name, tool]));
    this.#consent = consent;
    this.#options = options;
    this.#context = context;
  }

  /** The names of those that are not run without a question: where nobody can be asked, they are for others to run. */
  get forOthers(): readonly string[] {
    const tools = [...this.#tools.values()];
    return tools
      .filter(({ name, program }) => program === undefined || !this.#consent.isGiven(name))
      .map(({ name }) => name);
  }

  /**
   * Runs the calls of an answer, at the same time. What cannot be run (a tool that is not there, arguments that are
   * wrong, a call that the user declines) and what goes wrong is told to the model: that is no failure of the run.
   * @returns the message of a tool for each call, in their order; undefined where one of them is for whoever started
   *   this program: then none is run
   * @throws the signal's reason, once all programs are dead; Stopped where the user stops at a question
   */
  async run(calls: readonly ToolCall[], signal: AbortSignal): Promise<readonly ChatMessage[] | undefined> {
    const plans = calls.map((call) => this.#plan(call));
    if (plans.includes('theirs')) return undefined;
    const ready: Ready[] = [];
    for (const plan of plans) if (plan !== 'theirs') ready.push(await this.#allowed(plan));
    const outcomes = await this.#outcomes(ready, calls, signal);
    return calls.map(({ id }, index) => ({
      role: 'tool',
      tool_call_id: id,
      content: outcomes[index]?.content ?? '',
    }));
  }

  #plan(call: ToolCall): Plan {
    const name = calledName(call);
    const tool = this.#tools.get(name);
    if (tool === undefined) {
      return notRun(
        `there is no tool ${JSON.stringify(name)}; there are ${[...this.#tools.keys()].join(', ')}`,
      );
    }
    const given = readArguments(call, tool);
    if ('problem' in given) return notRun(given.problem);
    const { program } = tool;
    if (program === undefined) return 'theirs';
    if (!this.#consent.isGiven(name) && !this.#consent.canAsk) return 'theirs';
    return { name, tool, program, given };
  }

  async #allowed(plan: Runnable | Outcome): Promise<Ready> {
    if (!('tool' in plan)) return plan;
    const { name, tool, program, given } = plan;
    const problem = (text: string) => problemOf(readEdited(text, tool));
    const decision = await this.#consent.forCall({ name, line: commandLine(program.words), given, problem });
    if (decision === undefined) return declined();
    const changed = decision.edited === undefined ? given : readEdited(decision.edited, tool);
    if ('problem' in changed) return notRun(changed.problem);
    return { ...plan, given: changed, edited: changed.text === given.text ? undefined : changed.text };
  }

  async #outcomes(
    ready: readonly Ready[],
    calls: readonly ToolCall[],
    signal: AbortSignal,
  ): Promise<readonly Outcome[]> {
    const outcomes: Outcome[] = [];
    const names = new Set(ready.flatMap((one) => ('tool' in one ? [one.name] : [])));
    // As many as there are programs at once are no leak.
    setMaxListeners(0, signal);
    const text = `running ${[...names].join(', ')}`;
    const waiting =
      names.size > 0 && this.#options.isWatched
        ? startWaiting(this.#context, text, { elapsed: true })
        : undefined;
    try {
      await inParallel(
        [...ready.entries()],
        AT_ONCE,
        async ([index, one]) => {
          const outcome = 'tool' in one ? await this.#untilStopped(one, signal) : one;
          if (outcome === undefined) return;
          outcomes[index] = outcome;
          this.#tell(calls[index], outcome, 'tool' in one ? one.given.shown : undefined);
        },
        () => !signal.aborted,
      );
    } finally {
      waiting?.stop();
    }
    signal.throwIfAborted();
    return outcomes;
  }

  /** @returns undefined where the run is stopped: each of the others is to be dead, too, before that is told */
  async #untilStopped(one: Allowed, signal: AbortSignal): Promise<Outcome | undefined> {
    try {
      return await this.#run(one, signal);
    } catch (error) {
      if (signal.aborted) return undefined;
      throw error;
    }
  }

  async #run({ program, given, edited }: Allowed, signal: AbortSignal): Promise<Outcome> {
    const { env, timeout, outputLimit } = this.#options;
    trace(this.#context, `running ${commandLine(program.words)} with ${given.shown}`);
    const input = given.isJson ? `${given.text}\n` : given.text;
    const { words } = program;
    const ran = await runProgram(
      { words, cwd: this.#context.cwd, env, input, timeout, outputLimit },
      signal,
      this.#context,
    );
    const outcome = outcomeOf(ran, edited, timeout);
    // A program may have read a key from a file; a server is no place for it, nor is a history.
    return { ...outcome, content: withoutSecrets(outcome.content, this.#context.secrets) };
  }

  /** @param ran what it was run with, where it was run */
  #tell(
    call: ToolCall | undefined,
    { told, isFailure, duration, complaints = '' }: Outcome,
    ran: string | undefined,
  ): void {
    if (call === undefined) return;
    const { stderr, verbosity } = this.#context;
    const input = ran ?? call.function?.arguments ?? call.custom?.input ?? '';
    const time = duration === undefined ? '' : ` in ${timeText(duration)}`;
    const line = `${calledName(call)} ${shortened(input)}: ${told}${time}`;
    // Where nobody looks on, what went as it should is no news.
    if (isFailure || stderr.isTTY) warn(this.#context, line);
    else trace(this.#context, line);
    if (verbosity !== 'verbose') return;
    for (const said of complaints.trim().split('\n')) {
      if (said !== '') trace(this.#context, `${calledName(call)} says: ${said}`);
    }
  }
}

function problemOf(read: GivenArguments | WrongArguments): string | undefined {
  return 'problem' in read ? read.problem : undefined;
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > SHOWN ? `${line.slice(0, SHOWN - 1).replace(/[\ud800-\udbff]$/, '')}…` : line;
}

/** A time with as many digits as people read. */
function timeText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return `${ms < 10_000 ? Math.round(ms / 100) / 10 : Math.round(ms / 1000)} s`;
}
