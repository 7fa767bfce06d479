import xterm from '@xterm/headless';
import type { Context, Terminal, TerminalListener } from '../../src/context.ts';
import { CapturedOutput } from './context.ts';

/** stdout or stderr, where both are the terminal. */
export class TerminalOutput extends CapturedOutput {
  readonly #terminal: FakeTerminal;

  constructor(terminal: FakeTerminal) {
    super({ isTTY: true });
    this.#terminal = terminal;
  }

  override write(data: string | Uint8Array): undefined {
    super.write(data);
    this.#terminal.write(Buffer.from(data).toString());
  }
}

/** A terminal in this process: a test types on it and sees what a person would see. */
export class FakeTerminal implements Terminal {
  readonly #screen: xterm.Terminal;
  #listener: TerminalListener | undefined;
  /** What happened to it beside writing, in order. */
  readonly events: string[] = [];
  /** Everything written, as it came. */
  readonly writes: string[] = [];
  /** Whether it answers what it is asked. */
  answers = true;
  isOpen = false;

  constructor({ columns = 40, rows = 10 }: { columns?: number; rows?: number } = {}) {
    this.#screen = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 5000 });
    this.#screen.onData((answer) => {
      if (this.answers) this.#listener?.input(answer);
    });
  }

  readonly open: Context['openTerminal'] = (listener) => {
    this.#listener = listener;
    this.isOpen = true;
    return Promise.resolve(this);
  };

  get columns(): number {
    return this.#screen.cols;
  }

  get rows(): number {
    return this.#screen.rows;
  }

  write(text: string): void {
    this.writes.push(text);
    // Node's terminals make a line break of a line feed.
    this.#screen.write(text.replace(/(?<!\r)\n/g, '\r\n'));
  }

  pause(): void {
    this.events.push('pause');
  }

  resume(): void {
    this.events.push('resume');
  }

  suspend(): void {
    this.events.push('suspend');
  }

  close(): void {
    this.isOpen = false;
    this.events.push('close');
  }

  /** Keys, as a terminal sends them; drawn, and answered, when this resolves. */
  async type(text: string): Promise<void> {
    this.#listener?.input(text);
    await this.settled();
  }

  async paste(text: string): Promise<void> {
    await this.type(`\u001b[200~${text.replaceAll('\n', '\r')}\u001b[201~`);
  }

  async resize(columns: number, rows = this.rows): Promise<void> {
    this.#screen.resize(columns, rows);
    this.#listener?.resized();
    await this.settled();
  }

  async continue(): Promise<void> {
    this.#listener?.continued();
    await this.settled();
  }

  hangUp(): void {
    this.#listener?.ended();
  }

  /** Resolves when everything written has been drawn, and what that set off has happened. */
  async settled(): Promise<void> {
    for (let turn = 0; turn < 3; turn++) {
      await new Promise<void>((resolve) => this.#screen.write('', resolve));
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** The lines that were ever on the screen, without the empty ones at the bottom. */
  get lines(): string[] {
    const { active } = this.#screen.buffer;
    const all = Array.from(
      { length: active.length },
      (_, y) => active.getLine(y)?.translateToString(true).trimEnd() ?? '',
    );
    return all.slice(0, all.findLastIndex((line) => line !== '') + 1);
  }

  /** Row and column of the cursor, from 0; the row is that of `lines`. */
  get cursor(): [row: number, column: number] {
    const { active } = this.#screen.buffer;
    return [active.baseY + active.cursorY, active.cursorX];
  }
}
