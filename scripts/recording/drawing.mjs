// The cells of a line as parts of an SVG: texts that are as wide as their cells whatever the font, and blocks.
import { BACKGROUND, coloursOf, FOREGROUND } from './colours.mjs';

/** @typedef {import('@xterm/headless').IBufferCell} Cell */

/** Of a cell, in pixels: a monospaced font of 14 pixels advances by 0.6 em. */
export const WIDTH = 8.4;
export const HEIGHT = 18;
/** From the top of a line to the base of its letters. */
const BASE = 13.5;

/**
 * Letters that look alike, side by side.
 * @typedef {object} Run
 * @property {number} x its first column
 * @property {number} columns
 * @property {string} text
 * @property {string} attributes
 */

/**
 * The words of a line, from left to right; spaces are none of them.
 * @param {readonly Cell[]} cells
 * @param {'words' | 'rows'} appears
 * @returns {Run[][]} runs that come up together
 */
export function runsOf(cells, appears) {
  /** @type {Run[][]} */
  const groups = [];
  let isApart = true;
  for (const [x, cell] of cells.entries()) {
    const text = cell.getChars();
    if (cell.getWidth() === 0 || isBlock(text)) continue;
    if (text === '' || text === ' ') {
      isApart = true;
      continue;
    }
    const attributes = attributesOf(cell);
    const group = groups.at(-1);
    const last = group?.at(-1);
    const isNext = last !== undefined && last.x + last.columns === x;
    // A wide character has its own place: fonts disagree on how wide it is.
    const joins =
      isNext && last.attributes === attributes && cell.getWidth() === 1 && last.columns === last.text.length;
    if (joins) {
      last.text += text;
      last.columns += 1;
    } else {
      const run = { x, columns: cell.getWidth(), text, attributes };
      if (group === undefined || (isApart && appears === 'words')) groups.push([run]);
      else group.push(run);
    }
    isApart = false;
  }
  return groups;
}

/** @param {Cell} cell */
function attributesOf(cell) {
  const { colour } = coloursOf(cell);
  return [
    colour === FOREGROUND ? '' : ` fill="${colour}"`,
    cell.isBold() !== 0 ? ' class="b"' : '',
    cell.isDim() !== 0 ? ' opacity=".6"' : '',
    cell.isItalic() !== 0 ? ' font-style="italic"' : '',
    cell.isUnderline() !== 0 ? ' text-decoration="underline"' : '',
  ].join('');
}

/**
 * @param {Run} run
 * @param {number} y its line, from 0
 */
export function drawRun({ x, columns, text, attributes }, y) {
  const length = columns > 1 ? ` textLength="${round(columns * WIDTH)}"` : '';
  return `<text x="${round(x * WIDTH)}" y="${y * HEIGHT + BASE}"${length}${attributes}>${escaped(text)}</text>`;
}

/** @param {string} text */
export function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** @param {number} value */
export function round(value) {
  return Math.round(value * 10) / 10;
}

/** @param {string} text */
function isBlock(text) {
  return text === '▄' || text === '▀' || text === '█';
}

/**
 * What a line has of coloured grounds and half blocks, as one path a colour.
 * @param {readonly Cell[]} cells
 * @param {number} y its line, from 0
 */
export function drawBlocks(cells, y) {
  const halves = [cells.map((cell) => halfOf(cell, '▀')), cells.map((cell) => halfOf(cell, '▄'))];
  /** @type {Map<string, string>} */
  const paths = new Map();
  for (const [half, colours] of halves.entries()) {
    let x = 0;
    while (x < colours.length) {
      const colour = colours[x];
      let end = x + 1;
      while (end < colours.length && colours[end] === colour) end += 1;
      if (colour !== undefined && colour !== BACKGROUND) {
        const path = `M${x} ${y * 2 + half}h${end - x}v1h${x - end}z`;
        paths.set(colour, `${paths.get(colour) ?? ''}${path}`);
      }
      x = end;
    }
  }
  return paths;
}

/**
 * The colour of the upper half (▀) or the lower one (▄).
 * @param {Cell} cell
 * @param {'▀' | '▄'} half
 */
function halfOf(cell, half) {
  const { colour, ground } = coloursOf(cell);
  const text = cell.getChars();
  return text === half || text === '█' ? colour : ground;
}
