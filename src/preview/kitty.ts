// Kitty's graphics protocol: https://sw.kovidgoyal.net/kitty/graphics-protocol/
import { constants, deflateSync } from 'node:zlib';
import type { Cells } from './cells.ts';
import type { Pixels } from './pixels.ts';

/** The most base64 characters in one piece ("Remote client"); a multiple of 4, as all pieces but the last must be. */
const PIECE = 4096;

/** A PNG file as it is. */
export function kittyPng(file: Uint8Array, cells: Cells): string {
  return transmission(`f=100,${place(cells)}`, file);
}

/** Decoded pixels, packed (RFC 1950). */
export function kittyPixels(pixels: Pixels, cells: Cells): string {
  const packed = deflateSync(pixels.data, { level: constants.Z_BEST_SPEED });
  return transmission(`f=32,s=${pixels.width},v=${pixels.height},o=z,${place(cells)}`, packed);
}

/** One side in cells: from it the terminal finds the other, and knows the shape of its cells, as we do not. */
function place({ columns, rows, bound }: Cells): string {
  return bound === 'columns' ? `c=${columns}` : `r=${rows}`;
}

/** Transmits and shows (`a=T`), and asks for no answer, not even of an error (`q=2`): nobody would read it. */
function transmission(control: string, payload: Uint8Array): string {
  const text = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('base64');
  let sequences = '';
  for (let at = 0; at < text.length; at += PIECE) {
    const more = at + PIECE < text.length ? 1 : 0;
    const keys = at === 0 ? `a=T,q=2,${control},m=${more}` : `q=2,m=${more}`;
    sequences += `\u001b_G${keys};${text.slice(at, at + PIECE)}\u001b\\`;
  }
  return sequences;
}
