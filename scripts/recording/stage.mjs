// Plays scenes in a real shell on a terminal of 80 columns and 24 lines, with the built program and its sandbox, and
// keeps what is on the screen in the end. What a scene shows does not depend on how fast this machine is.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { spawn } from '@lydell/node-pty';
import xterm from '@xterm/headless';
import { FILES, SCENES } from './scenes.mjs';

/** @typedef {import('./scenes.mjs').Scene} Scene */
/** @typedef {import('@xterm/headless').IBufferCell} Cell */

export const COLUMNS = 80;
export const ROWS = 24;

/** Drawn before each prompt; a terminal shows nothing of it (FinalTerm's mark for the begin of a prompt). */
const PROMPT_MARK = 133;

/** How long one line may take on a busy machine. */
const PATIENCE_MS = 60_000;

/**
 * A scene that was played.
 * @typedef {object} Played
 * @property {Scene} scene
 * @property {Cell[][]} cells by line and column; of a wide character the second one is empty
 * @property {number[]} prompts the lines on which each command was typed; then the one of the last prompt
 */

/**
 * All scenes, played one after the other on one desk.
 * @param {string} bin the path of the program
 * @returns {Promise<Played[]>}
 * @throws where one is longer than the screen
 */
export async function play(bin) {
  const home = mkdtempSync(join(tmpdir(), 'oai-recording-'));
  const [desk, programs] = [join(home, 'desk'), join(home, 'bin')];
  for (const folder of [desk, programs]) mkdirSync(folder);
  symlinkSync(bin, join(programs, 'oai'));
  symlinkSync(process.execPath, join(programs, 'node'));
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(desk, name), text);
  const PATH = [programs, dirname(process.execPath), process.env['PATH']].join(':');
  const env = {
    PATH,
    HOME: home,
    LANG: 'C.UTF-8',
    TERM: 'xterm-256color',
    COLORTERM: 'truecolor',
    HISTFILE: '',
  };
  try {
    const played = [];
    for (const scene of SCENES) played.push(await playScene(scene, { ...env, OAI_PROFILE: 'sandbox' }, desk));
    return played;
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/**
 * @param {Scene} scene
 * @param {Record<string, string>} env
 * @param {string} cwd
 * @returns {Promise<Played>}
 */
async function playScene(scene, env, cwd) {
  const terminal = new xterm.Terminal({ cols: COLUMNS, rows: ROWS, allowProposedApi: true });
  const PS1 = `\\[\\e]${PROMPT_MARK};A\\a\\]$ `;
  const shell = spawn('bash', ['--norc', '--noprofile'], {
    cols: COLUMNS,
    rows: ROWS,
    cwd,
    env: { ...env, PS1 },
  });
  /** @type {number[]} */
  const prompts = [];
  /** @type {() => void} */
  let prompted = () => {};
  terminal.parser.registerOscHandler(PROMPT_MARK, () => {
    prompts.push(terminal.buffer.active.baseY + terminal.buffer.active.cursorY);
    prompted();
    return true;
  });
  terminal.onData((answer) => shell.write(answer));
  shell.onData((text) => terminal.write(text));
  const prompt = (/** @type {number} */ count) =>
    new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`no prompt after:\n${textOf(terminal)}`)), PATIENCE_MS);
      prompted = () => {
        if (prompts.length < count) return;
        clearTimeout(late);
        resolve(undefined);
      };
      prompted();
    });
  await prompt(1);
  for (const [n, line] of scene.lines.entries()) {
    shell.write(`${line}\r`);
    await prompt(n + 2);
  }
  const { active } = terminal.buffer;
  if (active.baseY > 0) throw new Error(`a scene is longer than the screen: ${scene.lines.join('; ')}`);
  const cells = Array.from({ length: ROWS }, (_, y) => cellsOf(active.getLine(y)));
  // At once: bash may miss a polite signal while it draws its prompt.
  const ended = new Promise((resolve) => shell.onExit(resolve));
  shell.kill('SIGKILL');
  await ended;
  return { scene, cells, prompts };
}

/** @param {import('@xterm/headless').IBufferLine | undefined} line */
function cellsOf(line) {
  return Array.from({ length: COLUMNS }, (_, x) => line?.getCell(x)).filter((cell) => cell !== undefined);
}

/** @param {xterm.Terminal} terminal */
function textOf({ buffer: { active } }) {
  const lines = Array.from({ length: ROWS }, (_, y) => active.getLine(y)?.translateToString(true) ?? '');
  return lines.join('\n').trimEnd();
}
