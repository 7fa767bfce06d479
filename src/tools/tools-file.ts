import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { fileBytes, isStdinPath } from '../input/file.ts';
import { readJson } from '../input/json-text.ts';
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
  const list = await readJsonFile(path, from, context);
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
export async function readJsonFile(path: string, from: string, context: Context): Promise<unknown> {
  const limit = {
    bytes: MOST_BYTES,
    tooLarge: () => usageError(`${from} is larger than ${sizeText(MOST_BYTES)}`),
  };
  const bytes = isStdinPath(path)
    ? await readStdin(context, from)
    : await fileBytes(path, from, context, limit);
  return readJson(decodeUtf8(bytes, from), from);
}
