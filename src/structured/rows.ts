import { isObject, type JsonObject } from '../json.ts';
import type { Columns } from '../output/table.ts';
import { type JsonSchema, resolved } from '../schemas/json-schema.ts';

/** The column of items that are no objects. */
const ONLY_COLUMN = 'value';

/**
 * The rows of an answer.
 * @param multi the answer is a list, each item of it a row; else it is one row
 * @returns objects; what is none stands in one as `value`
 */
export function rowsOf(value: unknown, multi: boolean): JsonObject[] {
  const rows = multi && Array.isArray(value) ? value : [value];
  return rows.map((row) => (isObject(row) ? row : { [ONLY_COLUMN]: row }));
}

/**
 * The names of columns, in the order of the schema: those of each case, where it is a union; then those that only the
 * rows have.
 * @param schema of one row; undefined where none is known
 * @param root what `$ref` points into
 */
export function columnNames(
  rows: readonly JsonObject[],
  schema?: JsonSchema,
  root: JsonSchema | undefined = schema,
): string[] {
  const names = schema === undefined || root === undefined ? [] : schemaNames(schema, root, new Set());
  return [...new Set([...names, ...rows.flatMap((row) => Object.keys(row))])];
}

function schemaNames(schema: unknown, root: JsonSchema, seen: Set<JsonSchema>): string[] {
  const target = resolved(root, schema);
  if (target === undefined || seen.has(target)) return [];
  seen.add(target);
  const own = isObject(target['properties']) ? Object.keys(target['properties']) : [];
  const branches = Array.isArray(target['anyOf']) ? target['anyOf'] : [];
  return [...own, ...branches.flatMap((branch) => schemaNames(branch, root, seen))];
}

/** The columns of a table on the terminal. (An object puts names that are whole numbers first.) */
export function tableColumns(names: readonly string[]): Columns<JsonObject> {
  return Object.fromEntries(names.map((name) => [name, (row: JsonObject) => cellOf(row, name)]));
}

/** What a row has under a name of its own; undefined where it has nothing. */
export function cellOf(row: JsonObject, name: string): unknown {
  return Object.hasOwn(row, name) ? row[name] : undefined;
}

/** Rows as JSON Lines, one by one, each with its line break. */
export function* jsonLines(rows: Iterable<unknown>): Generator<string> {
  for (const row of rows) yield `${JSON.stringify(row)}\n`;
}
