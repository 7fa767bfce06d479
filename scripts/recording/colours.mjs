// The colours of the terminal in docs/recording.svg.

/** @typedef {import('@xterm/headless').IBufferCell} Cell */

export const BACKGROUND = '#0d1117';
export const FOREGROUND = '#d1d7e0';

/** Black to white, then bright ones: those of GitHub's dark theme (primer/primitives, `ansi`). */
const SIXTEEN = [
  ['#484f58', '#ff7b72', '#3fb950', '#d29922', '#58a6ff', '#bc8cff', '#39c5cf', '#b1bac4'],
  ['#6e7681', '#ffa198', '#56d364', '#e3b341', '#79c0ff', '#d2a8ff', '#56d4dd', '#ffffff'],
].flat();

/** The steps of the colour cube of xterm (256colres.pl). */
const STEPS = [0, 95, 135, 175, 215, 255];

/**
 * How a cell looks.
 * @param {Cell} cell
 * @returns {{ colour: string, ground: string | undefined }} no ground where it is the terminal's own
 */
export function coloursOf(cell) {
  const colour = cell.isFgDefault() ? undefined : hex(cell.isFgRGB(), cell.getFgColor());
  const ground = cell.isBgDefault() ? undefined : hex(cell.isBgRGB(), cell.getBgColor());
  return cell.isInverse() !== 0
    ? { colour: ground ?? BACKGROUND, ground: colour ?? FOREGROUND }
    : { colour: colour ?? FOREGROUND, ground };
}

/**
 * @param {boolean} isRgb
 * @param {number} value 0xRRGGBB, or a place in the palette of 256
 */
function hex(isRgb, value) {
  if (isRgb) return `#${value.toString(16).padStart(6, '0')}`;
  const named = SIXTEEN[value];
  if (named !== undefined) return named;
  if (value >= 232) return grey(8 + (value - 232) * 10);
  const place = value - 16;
  const parts = [Math.floor(place / 36), Math.floor(place / 6) % 6, place % 6].map((n) => STEPS[n] ?? 0);
  return `#${parts.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}

/** @param {number} level */
function grey(level) {
  return `#${level.toString(16).padStart(2, '0').repeat(3)}`;
}
