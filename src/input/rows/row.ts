/** What JSON can say. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

/** How rows are written: one text a line, JSON Lines, CSV with a header, or texts that each end in a NUL byte. */
export type RowFormat = 'lines' | 'jsonl' | 'csv' | 'nul';

/** Where a row stands in the input. */
export interface RowPlace {
  /**
   * From 1 on. Of lines, jsonl and nul the number of the line or record in the input, blank ones counted; of csv that
   * of the record, neither the header nor blank lines counted.
   */
  readonly row: number;
  /** The line on which it begins, from 1 on, for errors; of nul the same as `row`. */
  readonly line: number;
}

export interface Row extends RowPlace {
  /** The field of `--id`, else `row`. */
  readonly id: string | number;
  /** A text of lines and nul, any JSON value of jsonl, an object of texts of csv. */
  readonly value: JsonValue;
}

/** A row that cannot be read; those after it can. */
export interface BadRow extends RowPlace, RowProblem {
  /** The same as `row`; null where a field was to name it, and could not be read. */
  readonly id: number | null;
}

/** What is wrong with a row. */
export interface RowProblem {
  /** Reads on after `line 7 `. */
  readonly problem: string;
}

/** What is known at the end of the input. */
export interface RowsEnd {
  /** How many blank lines or records were left out; of csv also the records that have nothing in any field. */
  readonly blank: number;
}
