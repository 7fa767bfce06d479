import type { Context } from '../context.ts';
import { writeJson } from '../output/json.ts';
import { alignedTable } from '../output/table.ts';
import { inertText } from '../output/terminal.ts';
import type { JsonSchema } from '../schemas/json-schema.ts';
import { csvLines } from './csv.ts';
import { bareText, type PathStep, pick } from './pick.ts';
import { cellOf, columnNames, jsonLines, rowsOf } from './rows.ts';

export const structuredFormats = ['json', 'jsonl', 'csv', 'table'] as const;
export type StructuredFormat = (typeof structuredFormats)[number];

/** How a value is shown. */
export interface Showing {
  readonly format: StructuredFormat;
  /** The value is a list, each item of it a row. */
  readonly multi: boolean;
  /** Only what stands there. */
  readonly path: readonly PathStep[] | undefined;
  /** Of one row, for the order of columns. */
  readonly schema: JsonSchema;
}

/** Writes a value to stdout. @throws Failure (incomplete) where there is nothing at the path */
export async function show(
  value: unknown,
  { format, multi, path, schema }: Showing,
  { stdout }: Context,
): Promise<void> {
  const write = (text: string) => stdout.write(stdout.isTTY ? inertText(text) : text);
  if (path !== undefined) {
    await write(`${bareText(pick(value, path))}\n`);
    return;
  }
  if (format === 'json') {
    await writeJson(stdout, value);
    return;
  }
  const rows = rowsOf(value, multi);
  if (format === 'jsonl') {
    for (const line of jsonLines(multi && Array.isArray(value) ? value : [value])) await write(line);
    return;
  }
  const names = columnNames(rows, schema, schema);
  if (format === 'csv') for (const line of csvLines(rows, names)) await write(line);
  else
    await write(
      await alignedTable([names, ...rows.map((row) => names.map((name) => cellText(cellOf(row, name))))]),
    );
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return '-';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
