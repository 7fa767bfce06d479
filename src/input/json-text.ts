import { usageError } from '../errors.ts';

/**
 * Reads a text as JSON.
 * @param name what errors call it
 * @throws Failure (usage) with the line and the column at which it breaks
 */
export async function readJson(text: string, name: string, hint?: string): Promise<unknown> {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw usageError(`${name} is no JSON: ${await findBreak(text)}`, hint, error);
  }
}

/**
 * The same for one line of many, which the name tells already.
 * @throws Failure (usage) with the column at which it breaks
 */
export async function readJsonLine(text: string, name: string, hint?: string): Promise<unknown> {
  try {
    return JSON.parse(text);
  } catch (error) {
    const place = (await findBreak(text)).replace('line 1, ', '');
    throw usageError(`${name} is no JSON: ${place}`, hint, error);
  }
}

/** Where a text is no JSON, and why. */
export interface JsonBreak {
  /** From 1 on. */
  readonly line: number;
  /** From 1 on, in characters. */
  readonly column: number;
  readonly reason: string;
}

/** Where and why a text is no JSON, in words. */
export async function findBreak(text: string): Promise<string> {
  const { line, column, reason } = await breakOf(text);
  return `line ${line}, column ${column}: ${reason}`;
}

/** Where and why a text is no JSON. (What V8 says of that differs from version to version.) */
export async function breakOf(text: string): Promise<JsonBreak> {
  const { parse } = await import('@humanwhocodes/momoa');
  try {
    parse(text, { mode: 'json' });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { line, column } = error as Error & { readonly line?: number; readonly column?: number };
    // `Unexpected token RBrace found. (1:8)`
    const reason = error.message
      .replace(/\s*\(\d+:\d+\)$/, '')
      .replace(/ found\.$/, '')
      .replace(/token (\w+)$/, (_, token: string) => TOKENS[token] ?? token.toLowerCase());
    return { line: line ?? 1, column: column ?? 1, reason: reason.charAt(0).toLowerCase() + reason.slice(1) };
  }
  // It lets control characters in texts pass, which JSON does not.
  const at = controlInText(text);
  const before = text.slice(0, at);
  return {
    line: before.split('\n').length,
    column: at - before.lastIndexOf('\n'),
    reason: 'a control character or a line break in a text',
  };
}

/** What the library calls the signs of JSON. */
const TOKENS: Readonly<Record<string, string>> = {
  LBrace: '{',
  RBrace: '}',
  LBracket: '[',
  RBracket: ']',
  Comma: 'comma',
  Colon: 'colon',
  String: 'text',
};

/** The offset of the first control character between two quotes. */
function controlInText(text: string): number {
  // In pieces: a pattern that takes a long text at once overflows its stack.
  let isText = false;
  for (const { 0: piece, index } of text.matchAll(/"|\\[^\u0000-\u001f]|[\u0000-\u001f]/g)) {
    if (piece === '"') isText = !isText;
    else if (isText && piece < ' ') return index;
  }
  return 0;
}
