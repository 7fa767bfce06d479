import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Context } from '../context.ts';
import { reasonOf, usageError } from '../errors.ts';
import { trace } from '../output/messages.ts';
import { openIfFifo, readFifo } from './fifo.ts';
import { readStdin } from './stdin.ts';

/** Other names of stdin as a file. */
const STDIN_PATHS: readonly string[] = ['-', '/dev/stdin', '/dev/fd/0', '/proc/self/fd/0'];

/**
 * Bytes as text. A byte order mark at the start is left out.
 * @param name whose bytes they are, for the error
 * @throws Failure (usage) when they are not UTF-8
 */
export function decodeUtf8(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    const offset = firstInvalidByte(bytes);
    const value = (bytes[offset] ?? 0).toString(16).padStart(2, '0');
    const encoding = startsWithUtf16Mark(bytes) ? 'utf-16' : 'latin1';
    throw usageError(
      `${name} is not UTF-8 text: byte ${offset + 1} is 0x${value}`,
      `if it is text, convert it first: iconv -f ${encoding} -t utf-8`,
      error,
    );
  }
}

/** The offset of the first byte that no UTF-8 text has there. */
function firstInvalidByte(bytes: Uint8Array): number {
  // A lenient decoder puts U+FFFD (three bytes) where the text breaks: up to there both are the same.
  const mended = Buffer.from(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
  const offset = mended.findIndex((byte, index) => byte !== bytes[index]);
  return offset === -1 ? mended.length : offset;
}

function startsWithUtf16Mark(bytes: Uint8Array): boolean {
  return (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
}

/**
 * The value of a text flag: itself, or what `@path` holds (`@-` is stdin, `@@` a literal `@`).
 * The last line break of a file is not part of the text.
 * @throws Failure (usage) when the file cannot be read, is not UTF-8, or stdin is already taken
 */
export async function textValue(value: string, flag: string, context: Context): Promise<string> {
  if (value.startsWith('@@')) return value.slice(1);
  if (!value.startsWith('@')) return value;
  const path = value.slice(1);
  if (path === '') throw usageError(`${flag} @ names no file`, `a text that begins with @ is written @@`);
  if (STDIN_PATHS.includes(path))
    return withoutLastBreak(decodeUtf8(await readStdin(context, flag), 'stdin'));
  return withoutLastBreak(decodeUtf8(await fileBytes(path, flag, context), `${flag} @${path}`));
}

async function fileBytes(path: string, flag: string, context: Context): Promise<Uint8Array> {
  const absolute = resolve(context.cwd, path);
  try {
    const fifo = openIfFifo(absolute);
    if (fifo === undefined) return await readFile(absolute);
    trace(context, `reading ${flag} @${path}, a pipe`);
    return await readFifo(fifo, context);
  } catch (error) {
    if (context.signal.aborted) throw context.signal.reason;
    throw usageError(`cannot read ${flag} @${path}: ${reasonOf(error)}`, undefined, error);
  }
}

/** Text without its last line break, as `$(…)` gives it in a shell, but only one. */
export function withoutLastBreak(text: string): string {
  return text.replace(/\r?\n$/, '');
}
