import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { fileBytes, isStdinPath } from './file.ts';
import { readStdin } from './stdin.ts';

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
  if (isStdinPath(path)) return withoutLastBreak(decodeUtf8(await readStdin(context, flag), 'stdin'));
  return withoutLastBreak(decodeUtf8(await fileBytes(path, `${flag} @${path}`, context), `${flag} @${path}`));
}

/** Text without its last line break, as `$(…)` gives it in a shell, but only one. */
export function withoutLastBreak(text: string): string {
  return text.replace(/\r?\n$/, '');
}
