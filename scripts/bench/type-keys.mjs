// Types keys on a terminal, each when the one before it is shown. Writes a byte when the prompt is there, and ends with
// the last key. node type-keys.mjs KEYS PROGRAM [WORD]…
import { spawn } from '@lydell/node-pty';

const [keys = '0', program = '', ...words] = process.argv.slice(2);
const env = { ...process.env, TERM: 'xterm-256color', PS1: '> ' };
const pty = spawn(program, words, { cols: 80, rows: 24, env, name: 'xterm-256color' });

let shown = '';
let look = () => {};
pty.onData((text) => {
  shown += text;
  look();
});

/** @param {string} text */
function shows(text) {
  return new Promise((resolve) => {
    look = () => shown.includes(text) && resolve(undefined);
    look();
  });
}

await shows('> ');
process.stdout.write('.');
for (let count = 0; count < Number(keys); count += 1) {
  const key = String.fromCharCode(0x61 + (count % 26));
  shown = '';
  pty.write(key);
  await shows(key);
}
pty.kill('SIGKILL');
