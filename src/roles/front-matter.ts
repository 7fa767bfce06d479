import { isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import { usageError } from '../errors.ts';

/** One setting of a front matter, as YAML gives it. */
export interface Entry {
  readonly key: string;
  /** What YAML makes of it: text, number, true or false, null, a list, or a plain object. */
  readonly value: unknown;
  /** In the whole file, from 1. */
  readonly line: number;
}

export interface FrontMatter {
  readonly entries: readonly Entry[];
  /** What follows it, without the empty lines around. */
  readonly body: string;
}

const OPENING = /^---[ \t]*\r?\n/;
const CLOSING = /^(?:---|\.\.\.)[ \t]*(?:\r?\n|$)/m;

/** Aliases of YAML (`*name`) that one value may be made of: a few are a convenience, many are a bomb. */
const MOST_ALIASES = 20;

/**
 * Takes a Markdown file apart: settings in YAML between two lines of `---` at its start, and the rest. Without such a
 * start all of it is the rest.
 * @param name what the file is called in errors
 * @throws Failure (usage) that names the line
 */
export function frontMatter(text: string, name: string): FrontMatter {
  const opening = OPENING.exec(text)?.[0];
  if (opening === undefined) return { entries: [], body: text.trim() };
  const rest = text.slice(opening.length);
  const closing = CLOSING.exec(rest);
  if (closing === null) {
    throw usageError(`${name} line 1: the settings that begin with --- have no --- at their end`);
  }
  const entries = entriesOf(rest.slice(0, closing.index), name);
  return { entries, body: rest.slice(closing.index + closing[0].length).trim() };
}

function entriesOf(yaml: string, name: string): Entry[] {
  const lines = new LineCounter();
  const document = parseDocument(yaml, { lineCounter: lines, prettyErrors: false, logLevel: 'silent' });
  // Above them stands the line that opens them.
  const lineAt = (offset: number | undefined) => lines.linePos(offset ?? 0).line + 1;
  const [error] = document.errors;
  if (error !== undefined)
    throw usageError(`${name} line ${lineAt(error.pos[0])}: ${oneLine(error.message)}`);
  const { contents } = document;
  if (contents === null || (isScalar(contents) && contents.value === null)) return [];
  if (!isMap(contents)) throw usageError(`${name} line 2: the settings are no list of names and values`);
  return contents.items.map(({ key, value }) => {
    const line = lineAt(isScalar(key) ? key.range?.[0] : undefined);
    if (!isScalar(key) || typeof key.value !== 'string') {
      throw usageError(`${name} line ${line}: the name of a setting is a word`);
    }
    return { key: key.value, value: plain(value, () => `${name} line ${line}: ${key.value}`), line };
  });

  function plain(node: unknown, where: () => string): unknown {
    if (typeof node !== 'object' || node === null || !('toJS' in node)) return node;
    try {
      return (node as NonNullable<typeof contents>).toJS(document, { maxAliasCount: MOST_ALIASES });
    } catch (error) {
      throw usageError(`${where()}: ${oneLine(error instanceof Error ? error.message : String(error))}`);
    }
  }
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}
