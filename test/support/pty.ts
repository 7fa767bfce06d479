import { spawn } from '@lydell/node-pty';
import xterm from '@xterm/headless';
import { onTestFinished } from 'vitest';
import { bin, freshEnvironment, node } from './bin.ts';
import { temporaryFolder } from './folder.ts';

const KEYS = { 'Ctrl-C': '\u0003', 'Ctrl-D': '\u0004', Enter: '\r', Down: '\u001b[B' } as const;

export interface Screen {
  /** The lines that a person sees, without the empty ones at the bottom. */
  lines(): string[];
  /** Every byte that was written, as text. */
  readonly raw: () => string;
  type(text: string): void;
  press(key: keyof typeof KEYS): void;
  /** Resolves when a line shows this. */
  shows(text: string): Promise<void>;
  /** Gives the terminal another size, as dragging the edge of its window does. */
  resize(columns: number, rows: number): void;
  /** The terminal is closed, as by closing its window. */
  hangUp(): void;
  readonly pid: number;
  /** The exit code. */
  readonly done: Promise<number>;
}

export interface TerminalOptions {
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  /** Whether the terminal answers what it is asked by control sequences; it does unless told not to. */
  readonly answers?: boolean;
}

/** Runs the built program on a terminal of 80 columns and 24 lines, and interprets what it draws. */
export async function onTerminal(argv: readonly string[], options: TerminalOptions = {}): Promise<Screen> {
  return commandOnTerminal(node, [bin, ...argv], options);
}

/** The same for any program. */
export async function commandOnTerminal(
  command: string,
  argv: readonly string[],
  options: TerminalOptions = {},
): Promise<Screen> {
  const env = { ...(await freshEnvironment()), TERM: 'xterm-256color', ...options.env };
  const cwd = options.cwd ?? (await temporaryFolder());
  const terminal = new xterm.Terminal({ cols: 80, rows: 24, allowProposedApi: true, scrollback: 1000 });
  const pty = spawn(command, [...argv], { cols: 80, rows: 24, env, cwd, name: 'xterm-256color' });
  onTestFinished(() => pty.kill('SIGKILL'));
  if (options.answers ?? true) terminal.onData((answer) => pty.write(answer));

  let raw = '';
  let ended = false;
  const looks = new Set<() => void>();
  const look = () => {
    for (const check of looks) check();
  };
  pty.onData((text) => {
    raw += text;
    terminal.write(text, look);
  });
  const done = new Promise<number>((resolve) => {
    // The last of the output is drawn before anybody hears of the end.
    pty.onExit(({ exitCode }) =>
      terminal.write('', () => {
        ended = true;
        look();
        resolve(exitCode);
      }),
    );
  });
  const lines = () => {
    const { active } = terminal.buffer;
    const all = Array.from(
      { length: active.length },
      (_, y) => active.getLine(y)?.translateToString(true) ?? '',
    );
    return all.slice(0, all.findLastIndex((line) => line !== '') + 1);
  };
  return {
    lines,
    raw: () => raw,
    type: (text) => pty.write(text),
    press: (key) => pty.write(KEYS[key]),
    shows: (text) =>
      new Promise((resolve, reject) => {
        const check = () => {
          if (lines().some((line) => line.includes(text))) {
            looks.delete(check);
            resolve();
          } else if (ended) {
            reject(new Error(`ended without showing ${JSON.stringify(text)}:\n${lines().join('\n')}`));
          }
        };
        looks.add(check);
        check();
      }),
    resize: (columns, rows) => {
      terminal.resize(columns, rows);
      pty.resize(columns, rows);
    },
    hangUp: () => pty.kill('SIGHUP'),
    pid: pty.pid,
    done,
  };
}
