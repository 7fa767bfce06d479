// Runs a program on a terminal of 80 columns that interprets all that it draws, and hands the same on to stdout. A
// program is as fast as its terminal: both are measured. node on-terminal.mjs PROGRAM [WORD]…
import { spawn } from '@lydell/node-pty';
import xterm from '@xterm/headless';

const [program = '', ...words] = process.argv.slice(2);
const screen = new xterm.Terminal({ cols: 80, rows: 24, allowProposedApi: true });
const env = { ...process.env, TERM: 'xterm-256color' };
const pty = spawn(program, words, { cols: 80, rows: 24, env, name: 'xterm-256color' });
pty.onData((text) => {
  process.stdout.write(text);
  screen.write(text);
});
pty.onExit(({ exitCode }) => {
  screen.write('', () => {
    process.exitCode = exitCode;
    screen.dispose();
  });
});
