import type { OutputStream } from '../context.ts';
import { replaceUnsafe } from './terminal.ts';

/** Writes one JSON document and a line break: on one line for a pipe, indented and inert for a terminal. */
export function writeJson(out: OutputStream, document: unknown): Promise<void> | undefined {
  const text = out.isTTY ? inertJson(JSON.stringify(document, null, 2)) : JSON.stringify(document);
  return out.write(`${text}\n`);
}

/** The same for one of several: on one line, on a terminal as well. */
export function writeJsonLine(out: OutputStream, document: unknown): Promise<void> | undefined {
  const text = JSON.stringify(document);
  return out.write(`${out.isTTY ? inertJson(text) : text}\n`);
}

/** The same JSON without a character that a terminal obeys: JSON has an escape for each. */
export function inertJson(json: string): string {
  return replaceUnsafe(json, (character) =>
    character
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}
