import { PassThrough } from 'node:stream';
import type { Context } from '../context.ts';
import { inertText } from './terminal.ts';
import { secondsText } from './time.ts';

/** A quick answer needs no spinner: it is drawn after this many ms. */
const DELAY_MS = 300;
/** Nor does anybody count the seconds of a short wait: they are shown after this many ms. */
const ELAPSED_FROM_MS = 2000;
const SECOND_MS = 1000;

export interface WaitingOptions {
  /** Show how long it takes. */
  readonly elapsed?: boolean | undefined;
  /** How long it may take, in ms: shown beside the time that has passed. */
  readonly estimate?: number | undefined;
}

export interface Waiting {
  /** Changes the text; one that is made is made only when it is drawn. */
  update(text: string | (() => string)): void;
  /** Removes the spinner. Call it before anything is written to stdout; calling it again does nothing. */
  stop(): void;
}

/** A spinner on stderr while something is awaited: on a terminal only, not with `--quiet` or `--verbose`. */
export function startWaiting(context: Context, text: string, options: WaitingOptions = {}): Waiting {
  if (!context.stderr.isTTY || context.verbosity !== 'normal') return { update() {}, stop() {} };
  return new Spinning(context, text, options);
}

/** The same for several waits of one kind, with something else between them. */
export interface Waits extends Waiting {
  /** Waits once more. */
  again(): void;
}

/** Spinners, one after the other. */
export function startWaits(context: Context, text: string, options: WaitingOptions = {}): Waits {
  let waiting = startWaiting(context, text, options);
  return {
    update: (newText) => waiting.update(newText),
    stop: () => waiting.stop(),
    again() {
      waiting.stop();
      waiting = startWaiting(context, text, options);
    },
  };
}

/** As much of ora's spinner as is used here. */
interface Spinner {
  text: string;
  start(): unknown;
  stop(): unknown;
  clear(): unknown;
}

class Spinning implements Waiting {
  readonly #context: Context;
  readonly #options: WaitingOptions;
  /** Ms since 1970. */
  readonly #start: number;
  readonly #timers = new Set<{ cancel(): void }>();
  #text: string | (() => string);
  #spinner: Spinner | undefined;
  #stopped = false;

  constructor(context: Context, text: string, options: WaitingOptions) {
    this.#context = context;
    this.#text = text;
    this.#options = options;
    this.#start = context.clock.now();
    this.#after(DELAY_MS, () => void this.#draw());
    if (options.elapsed === true || options.estimate !== undefined) this.#tick();
  }

  update(text: string | (() => string)): void {
    this.#text = text;
    if (typeof text === 'string') this.#show();
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    for (const timer of this.#timers) timer.cancel();
    this.#spinner?.stop();
    this.#context.statusLine = undefined;
  }

  async #draw(): Promise<void> {
    const { default: ora } = await import('ora');
    if (this.#stopped) return;
    const spinner = ora({
      text: this.#line(),
      stream: terminalStream(this.#context),
      discardStdin: false,
      hideCursor: false,
      isEnabled: true,
    });
    this.#spinner = spinner;
    spinner.start();
    this.#context.statusLine = { clear: () => spinner.clear() };
  }

  #tick(): void {
    this.#after(SECOND_MS, () => {
      this.#show();
      this.#tick();
    });
  }

  #after(delay: number, ring: () => void): void {
    const timer = this.#context.clock.timer(delay, () => {
      this.#timers.delete(timer);
      ring();
    });
    this.#timers.add(timer);
  }

  #show(): void {
    if (this.#spinner !== undefined && !this.#stopped) this.#spinner.text = this.#line();
  }

  #line(): string {
    const elapsed = this.#context.clock.now() - this.#start;
    const time = elapsedText(elapsed, this.#options);
    const text = typeof this.#text === 'string' ? this.#text : this.#text();
    return inertText(time === '' ? text : `${text} · ${time}`);
  }
}

function elapsedText(elapsed: number, options: WaitingOptions): string {
  const { estimate } = options;
  if ((options.elapsed !== true && estimate === undefined) || elapsed < ELAPSED_FROM_MS) return '';
  const inTime = estimate !== undefined && elapsed < estimate;
  return inTime ? `${secondsText(elapsed)} of about ${secondsText(estimate)}` : secondsText(elapsed);
}

/** The context's stderr in the shape that ora draws on. */
function terminalStream(context: Context): NodeJS.WriteStream {
  const { stderr } = context;
  const write = (text: string | Uint8Array) => {
    stderr.write(text);
    return true;
  };
  return Object.assign(new PassThrough(), {
    isTTY: true,
    columns: stderr.columns,
    write,
    cursorTo: (x: number) => write(`\u001b[${x + 1}G`),
    clearLine: () => write('\u001b[2K'),
    moveCursor: (_: number, y: number) => write(y < 0 ? `\u001b[${-y}A` : ''),
  }) as unknown as NodeJS.WriteStream;
}

/** Characters of a bar. */
const CELLS = 12;

/** A bar that is filled by as much as is done. @param share from 0 to 1 */
export function bar(share: number): string {
  const filled = Math.round(CELLS * Math.min(1, share));
  return '█'.repeat(filled) + '░'.repeat(CELLS - filled);
}
