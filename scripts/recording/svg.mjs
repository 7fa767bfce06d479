// Scenes that were played, as an SVG that plays by CSS alone: GitHub shows no scripts.
import { BACKGROUND, FOREGROUND } from './colours.mjs';
import { drawBlocks, drawRun, escaped, HEIGHT, round, runsOf, WIDTH } from './drawing.mjs';
import { COLUMNS, ROWS } from './stage.mjs';

/** @typedef {import('./stage.mjs').Played} Played */

/** How long things take, in seconds. */
const TYPING = 0.025;
const THINKING = 0.25;
const WORD = 0.06;
const ROW = 0.05;
const BREAK = 0.15;

/** Pixels round the screen. */
const MARGIN = 12;

/** The `$ ` before what is typed. */
const PROMPT_COLUMNS = 2;

/**
 * @param {readonly Played[]} played
 * @param {string} description what a person hears who does not see it
 */
export function svgOf(played, description) {
  const { now: total } = drawn(played, 0).timeline;
  const { timeline, scenes } = drawn(played, total);
  const width = round(COLUMNS * WIDTH + 2 * MARGIN);
  const height = ROWS * HEIGHT + 2 * MARGIN;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="d">
<title id="d">${escaped(description)}</title>
<style>
text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace;white-space:pre}
.b{font-weight:700}
.s{opacity:0;animation:${hundredths(total)}s step-end infinite}
.k{opacity:1}
.a{animation:a ${hundredths(total)}s step-end infinite}
.c{opacity:0;animation:${hundredths(total)}s infinite}
@keyframes a{0%{visibility:visible}60%,to{visibility:hidden}}
${timeline.keyframes.join('\n')}
@media(prefers-reduced-motion:reduce){.a,.s,.c{animation:none}}
</style>
<rect width="${width}" height="${height}" rx="8" fill="${BACKGROUND}"/>
<g fill="${FOREGROUND}" transform="translate(${MARGIN} ${MARGIN})">
${scenes.join('\n')}
</g>
</svg>
`;
}

/**
 * @param {readonly Played[]} played
 * @param {number} total seconds
 */
function drawn(played, total) {
  const timeline = new Timeline(total);
  return { timeline, scenes: played.map((scene) => timeline.scene(scene)) };
}

/**
 * When each part comes up. All of it is there where nothing moves, and the first scene is shown: what hides a part is an
 * animation that has always been running.
 */
class Timeline {
  /** Seconds from the begin. */
  now = 0;
  /** @type {string[]} */
  keyframes = [];
  #total;

  /** @param {number} total how long all of it takes, in seconds */
  constructor(total) {
    this.#total = total;
  }

  /** @param {Played} played */
  scene({ scene, cells, prompts }) {
    const begin = this.now;
    const name = `s${this.keyframes.length}`;
    /** @type {string[]} */
    const parts = [];
    for (const [n, line] of scene.lines.entries()) {
      const [row = 0, next = 0] = prompts.slice(n);
      parts.push(this.#command(line, row, cells[row] ?? []));
      const [typed, ...printed] = Array.from({ length: next - row }, (_, y) => row + y);
      if (typed === undefined) throw new Error(`${line} was typed on no line`);
      parts.push(this.#printed(printed, cells, scene.appears));
      this.now += BREAK;
    }
    this.now += scene.rest;
    const [from, to] = [begin, this.now];
    this.keyframes.push(
      `@keyframes ${name}{0%{opacity:0}${this.#at(from)}{opacity:1}${this.#at(to)},to{opacity:0}}`,
    );
    const isKept = begin === 0 ? ' k' : '';
    return `<g class="s${isKept}" style="animation-name:${name}">${parts.join('\n')}</g>`;
  }

  /**
   * A prompt, and a cover with a cursor that moves away from what is typed behind it.
   * @param {string} line
   * @param {number} row
   * @param {import('./drawing.mjs').Cell[]} cells
   */
  #command(line, row, cells) {
    const text = runsOf(cells, 'rows')
      .flat()
      .map((run) => drawRun(run, row))
      .join('');
    const [from, to] = [this.now + BREAK, this.now + BREAK + line.length * TYPING];
    const name = `t${this.keyframes.length}`;
    const way = round(line.length * WIDTH);
    const moved = `transform:translateX(${way}px)`;
    this.keyframes.push(
      `@keyframes ${name}{0%,${this.#at(from)}{transform:none;opacity:1;animation-timing-function:steps(${line.length})}` +
        `${this.#at(to)}{${moved};opacity:1;animation-timing-function:step-end}` +
        `${this.#at(to + THINKING)},to{${moved};opacity:0}}`,
    );
    const [x, y] = [round(PROMPT_COLUMNS * WIDTH), row * HEIGHT];
    const cover = `<g class="c" style="animation-name:${name}"><path fill="${BACKGROUND}" d="M${x} ${y}h${way + WIDTH}v${HEIGHT}h-${way + WIDTH}z"/><path d="M${x} ${y + 1}h${WIDTH}v${HEIGHT - 2}h-${WIDTH}z"/></g>`;
    const begin = this.now;
    this.now = to + THINKING;
    return this.#since(begin, `${text}${cover}`);
  }

  /**
   * What a command printed.
   * @param {readonly number[]} rows
   * @param {Played['cells']} cells
   * @param {'words' | 'rows'} appears
   */
  #printed(rows, cells, appears) {
    /** @type {string[]} */
    const parts = [];
    for (const y of rows) {
      const line = cells[y] ?? [];
      const blocks = [...drawBlocks(line, y)].map(([colour, path]) => `<path fill="${colour}" d="${path}"/>`);
      if (blocks.length > 0)
        parts.push(
          this.#since(
            this.now,
            `<g transform="scale(${WIDTH} ${HEIGHT / 2})" shape-rendering="crispEdges">${blocks.join('')}</g>`,
          ),
        );
      for (const group of runsOf(line, appears)) {
        parts.push(this.#since(this.now, group.map((run) => drawRun(run, y)).join('')));
        this.now += appears === 'words' ? WORD : 0;
      }
      this.now += ROW;
    }
    return parts.join('\n');
  }

  /**
   * A part that comes up at a time, and goes with its scene.
   * @param {number} time
   * @param {string} content
   */
  #since(time, content) {
    return `<g class="a" style="animation-delay:${hundredths(time - this.#total)}s">${content}</g>`;
  }

  /**
   * A time as its share of the whole.
   * @param {number} time
   */
  #at(time) {
    return `${hundredths((time / this.#total) * 100)}%`;
  }
}

/** @param {number} value */
function hundredths(value) {
  return Math.round(value * 100) / 100;
}
