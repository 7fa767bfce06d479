import { basename, extname } from 'node:path';
import type { Api } from '../api/client.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import type { SchemaWord } from '../flags/answers.ts';
import { fileBytes, isStdinPath, isUrl } from '../input/file.ts';
import { readStdin } from '../input/stdin.ts';
import { decodeUtf8 } from '../input/text.ts';
import { isObject } from '../json.ts';
import { sizeText } from '../output/size.ts';
import { readFields } from './fields.ts';
import type { JsonSchema } from './json-schema.ts';
import { schemaName } from './schema-name.ts';

/** A schema as the user gives it. */
export interface GivenSchema {
  readonly schema: JsonSchema;
  /** What errors call it: `--schema person.json`. */
  readonly from: string;
  /** For the API. */
  readonly name: string;
  readonly description: string | undefined;
}

const MOST_BYTES = 4 * 1024 * 1024;

/**
 * Reads `--schema FILE|URL|-` or `--fields`.
 * @throws Failure (usage) where there is neither, or both, or it cannot be read
 */
export async function readSchema(
  { schema, fields }: { readonly schema?: SchemaWord | undefined; readonly fields?: string | undefined },
  api: Api,
  context: Context,
): Promise<GivenSchema> {
  if (schema !== undefined && fields !== undefined)
    throw usageError('--schema and --fields both say what the answer is');
  if (fields !== undefined) {
    return { schema: readFields(fields), from: '--fields', name: 'answer', description: undefined };
  }
  if (schema === undefined) {
    throw usageError('no schema', "--fields 'name, age int', or --schema with a file of JSON Schema");
  }
  if (typeof schema === 'object') return { ...unpacked(schema.value, 'answer'), from: schema.from };
  const from = `--schema ${schema}`;
  const value = parsed(await textOf(schema, api, context), from);
  return { ...unpacked(value, schema), from };
}

async function textOf(word: string, api: Api, context: Context): Promise<string> {
  if (isStdinPath(word)) return decodeUtf8(await readStdin(context, '--schema'), 'stdin');
  if (!isUrl(word)) {
    const limit = {
      bytes: MOST_BYTES,
      tooLarge: () => usageError(`--schema ${word} is larger than ${sizeText(MOST_BYTES)}`),
    };
    return decodeUtf8(await fileBytes(word, `--schema ${word}`, context, limit), word);
  }
  const { download } = await import('../api/download.ts');
  const { bytes } = await download(word, api, context, { limit: MOST_BYTES, typed: true });
  return decodeUtf8(bytes, word);
}

function parsed(text: string, from: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw usageError(`${from} is no JSON: ${reason}`, undefined, error);
  }
}

/** A schema, or one in the wrapping in which the API takes it: `{"name","schema","strict"}`. */
function unpacked(value: unknown, word: string): Omit<GivenSchema, 'from'> {
  if (!isObject(value) && typeof value !== 'boolean') {
    throw usageError(
      `--schema ${word} is no JSON Schema: it is ${Array.isArray(value) ? 'a list' : JSON.stringify(value)}`,
    );
  }
  const file = isStdinPath(word) ? 'answer' : basename(word, extname(word)).replace(/\.schema$/, '');
  const wrapped = isObject(value) && isObject(value['json_schema']) ? value['json_schema'] : value;
  if (isObject(wrapped) && isObject(wrapped['schema']) && typeof wrapped['name'] === 'string') {
    const { name, description } = wrapped;
    const about = typeof description === 'string' ? description : undefined;
    return { schema: wrapped['schema'] as JsonSchema, name: schemaName(String(name)), description: about };
  }
  const title = isObject(value) && typeof value['title'] === 'string' ? value['title'] : file;
  return { schema: value as JsonSchema, name: schemaName(title), description: undefined };
}
