import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { fileBytes, isStdinPath } from '../input/file.ts';
import { readStdin } from '../input/stdin.ts';
import { decodeUtf8 } from '../input/text.ts';
import { sizeText } from '../output/size.ts';
import { type Definition, readDefinition } from './definition.ts';

/** The largest file of definitions. */
const MOST_BYTES = 4 * 1024 * 1024;

/**
 * Reads `--tools FILE`: a JSON list of definitions in the API's form.
 * @throws Failure (usage) that names the file and the entry
 */
export async function readToolsFile(path: string, context: Context): Promise<readonly Definition[]> {
  const from = `--tools ${path}`;
  const list = await readJson(path, from, context);
  if (!Array.isArray(list)) {
    throw usageError(`${from} is no list of tools`, '[{"type":"function","function":{"name":…}}, …]');
  }
  if (list.length === 0) throw usageError(`${from} has no tools in it`);
  return list.map((entry, index) => readDefinition(entry, `${from}, entry ${index + 1},`));
}

/**
 * A small file of JSON, or stdin.
 * @param from what errors call it
 * @throws Failure (usage)
 */
export async function readJson(path: string, from: string, context: Context): Promise<unknown> {
  const limit = {
    bytes: MOST_BYTES,
    tooLarge: () => usageError(`${from} is larger than ${sizeText(MOST_BYTES)}`),
  };
  const bytes = isStdinPath(path)
    ? await readStdin(context, from)
    : await fileBytes(path, from, context, limit);
  return parsedJson(decodeUtf8(bytes, from), from);
}

/** @throws Failure (usage) */
export function parsedJson(text: string, from: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw usageError(`${from} is no JSON: ${reason}`, undefined, error);
  }
}
