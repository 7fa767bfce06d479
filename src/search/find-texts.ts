import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import type { Context } from '../context.ts';
import { reasonOf, usageError } from '../errors.ts';
import { fileBytes } from '../input/file.ts';
import { filesBelow, isFolder } from '../input/files-below.ts';
import { findInputs } from '../input/find-files.ts';
import { readStdin } from '../input/stdin.ts';
import { decodeUtf8 } from '../input/text.ts';
import { warn } from '../output/messages.ts';
import { sizeText } from '../output/size.ts';

/** A text to be indexed, before it is read. */
export type FoundText =
  | { readonly kind: 'stdin' }
  | {
      readonly kind: 'file';
      readonly path: string;
      /** It was typed as it is, and not found in a folder or by a pattern: that it is no text is an error. */
      readonly isNamed: boolean;
    };

/** A text, read. */
export interface ReadText {
  readonly text: string;
  /** Bytes. */
  readonly size: number;
  /** Ms since 1970; null for stdin. */
  readonly mtime: number | null;
  readonly sha256: Uint8Array;
}

const MB = 1024 ** 2;
/** A text that is larger is no text that somebody reads, but data. */
const MOST_BYTES = 64 * MB;

/**
 * Finds what the words name: files, `-`, patterns, and folders with all that is below them. What is hidden, and what
 * is installed by npm, is not looked for.
 * @throws Failure (usage) for an empty word, a URL, and a pattern that matches nothing
 */
export async function findTexts(words: readonly string[], context: Context): Promise<FoundText[]> {
  const found = new Map<string, FoundText>();
  for (const word of words) {
    if (await isFolder(word, context)) {
      for await (const path of filesBelow(word, context)) {
        found.set(resolve(context.cwd, path), { kind: 'file', path, isNamed: false });
      }
      continue;
    }
    const { inputs, areSeveral } = await findInputs([word], 'text', () => true, context);
    for (const input of inputs) {
      if (input.kind === 'url') {
        // What is in a URL may be secret.
        throw usageError('a URL is not fetched here', 'curl -sS URL | oai index add - --name NAME');
      }
      if (input.kind === 'stdin') found.set('-', input);
      else if (!areSeveral || !input.path.split(sep).includes('node_modules')) {
        found.set(resolve(context.cwd, input.path), { ...input, isNamed: !areSeveral });
      }
    }
  }
  return [...found.values()];
}

/**
 * Reads a text.
 * @returns undefined for what was only found, and is no text
 * @throws Failure (usage) that names it, where it cannot be read, or was named and is no text; Stopped
 */
export async function readText(found: FoundText, context: Context): Promise<ReadText | undefined> {
  if (found.kind === 'stdin') return asText(await readStdin(context, 'the text'), 'stdin', null);
  const { path, isNamed } = found;
  const { mtimeMs, size } = await stat(resolve(context.cwd, path)).catch((error: unknown) => {
    throw usageError(`cannot read ${path}: ${reasonOf(error)}`, undefined, error);
  });
  if (!isNamed && size > MOST_BYTES) {
    warn(context, `${path} is left out: it has ${sizeText(size)}`);
    return undefined;
  }
  const tooLarge = () => usageError(`${path} has more than ${sizeText(MOST_BYTES)}`, 'cut it: split -C 10m');
  const bytes = await fileBytes(path, path, context, { bytes: MOST_BYTES, tooLarge });
  if (!isNamed && (bytes.includes(0) || !isUtf8(bytes))) return undefined;
  return asText(bytes, path, Math.round(mtimeMs));
}

function asText(bytes: Uint8Array, name: string, mtime: number | null): ReadText {
  if (bytes.includes(0)) throw usageError(`${name} is not text: it has bytes that are zero`);
  const sha256 = createHash('sha256').update(bytes).digest();
  return { text: decodeUtf8(bytes, name), size: bytes.length, mtime, sha256 };
}
