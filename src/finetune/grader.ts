import type { Context } from '../context.ts';
import { fileBytes } from '../input/file.ts';
import { readJson } from '../input/json-text.ts';
import { decodeUtf8 } from '../input/text.ts';
import type { JsonObject } from '../json.ts';
import { checkedGrader } from './request.ts';

/** Reads what judges answers. @param path as it was typed @throws Failure (usage) where it is no grader */
export async function readGrader(path: string, context: Context): Promise<JsonObject> {
  const text = decodeUtf8(await fileBytes(path, path, context), path);
  return checkedGrader(await readJson(text, path), path);
}
