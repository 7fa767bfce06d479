import { reasonOf } from '../errors.ts';
import { breakOf } from '../input/json-text.ts';
import { RecordSplitter } from '../input/rows/split-records.ts';
import { rowText } from '../input/rows/utf8.ts';
import { isObject, type JsonObject } from '../json.ts';
import { counterFor, encodingOf } from '../tokens/encodings.ts';
import { BatchRows } from './lint-batch.ts';
import { type FineTuneMethod, FineTuneRows } from './lint-fine-tune.ts';
import { tokensOf } from './row-tokens.ts';

/** What a file of JSON Lines is to be used for. */
export type LintPurpose = 'batch' | 'fine-tune';

/** What is wrong with a file. */
export interface LintProblem {
  /** From 1 on; null: it is about the whole file. */
  readonly line: number | null;
  /** From 1 on, in characters; where the line is no JSON. */
  readonly column?: number;
  /** What is wrong, without the place: `custom_id is missing`. */
  readonly reason: string;
}

/** What was found out about a file. */
export interface LintReport {
  readonly for: LintPurpose;
  /** No problem was found. */
  readonly ok: boolean;
  readonly bytes: number;
  /** Lines that are not blank. */
  readonly rows: number;
  /** As far as the text goes; null where nobody asked for them. */
  readonly tokens: number | null;
  /** Of a batch: the model of its first row that names one; null where there is none. */
  readonly model: string | null;
  /** Of a batch: the endpoint of its first row, as `/v1/chat/completions`. */
  readonly endpoint: string | null;
  /** Of rows for fine-tuning: what method they are for; null where that cannot be told. */
  readonly method: FineTuneMethod | null;
  /** Of all problems the first `MOST_PROBLEMS`. */
  readonly problems: readonly LintProblem[];
  /** All of them. */
  readonly problemCount: number;
  /** What is no mistake, and worth to know: too few rows for training. */
  readonly notes: readonly string[];
}

export interface LintOptions {
  readonly for: LintPurpose;
  /** Count the tokens, too: takes a second for a few megabytes. */
  readonly tokens?: boolean | undefined;
  /** Whose tokens are counted where the rows name no model. */
  readonly model?: string | undefined;
  /** What rows for fine-tuning must be; without it, what the first of them is. */
  readonly method?: FineTuneMethod | undefined;
  /** Told of each problem as it is found, of those that the report holds. */
  readonly onProblem?: ((problem: LintProblem) => void) | undefined;
}

/** What the rows of a purpose must be, one after the other. */
export interface RowRules {
  /** Looks at a row. @returns what is wrong with it */
  check(row: JsonObject, line: number): readonly string[];
  /** What is wrong with all of them together, and what is worth to know of them. */
  end(
    rows: number,
    bytes: number,
  ): { readonly problems: readonly string[]; readonly notes: readonly string[] };
  readonly model: string | null;
  readonly endpoint: string | null;
  readonly method: FineTuneMethod | null;
}

/** Problems that a report holds; more are counted. */
export const MOST_PROBLEMS = 1000;

/** Bytes of a line: more than ten images of 10 MB in base64, the most that a row may have, take apart. */
const MOST_LINE_BYTES = 160 * 1024 * 1024;

/** Characters of a line in which the place of a mistake is looked for: that takes a hundred times their memory. */
const MOST_SEARCHED = 1024 * 1024;

/** Deeper values are no request, and would use up the stack of whoever walks through them. */
const MOST_LEVELS = 500;

const NEWLINE = 0x0a;

/**
 * Looks at the lines of a file as the API will: all problems, each with its line and the reason. Takes the memory of one
 * piece and of one line, whatever the length of the file.
 * @param pieces the bytes of the file
 * @throws what the pieces throw
 */
export async function lintJsonl(
  pieces: AsyncIterable<Uint8Array>,
  options: LintOptions,
): Promise<LintReport> {
  const lint = new Lint(options);
  const lines = new RecordSplitter(NEWLINE, MOST_LINE_BYTES);
  let bytes = 0;
  for await (const piece of pieces) {
    bytes += piece.length;
    for (const line of lines.push(piece)) await lint.line(line.bytes, line.number);
  }
  for (const line of lines.end()) await lint.line(line.bytes, line.number);
  return lint.report(bytes);
}

class Lint {
  readonly #options: LintOptions;
  readonly #rules: RowRules;
  readonly #problems: LintProblem[] = [];
  #problemCount = 0;
  #rows = 0;
  #tokens = 0;
  #count: ((text: string) => number) | undefined;

  constructor(options: LintOptions) {
    this.#options = options;
    this.#rules = options.for === 'batch' ? new BatchRows() : new FineTuneRows(options.method);
  }

  /** @param bytes undefined: more than a line may have */
  async line(bytes: Uint8Array | undefined, line: number): Promise<void> {
    if (bytes === undefined) {
      this.#rows += 1;
      return this.#add({ line, reason: `the line has more than ${MOST_LINE_BYTES / 1024 ** 2} MB` });
    }
    const text = rowText(bytes);
    if (typeof text === 'string' && !/[^ \t\r]/.test(text)) return;
    this.#rows += 1;
    if (typeof text !== 'string') return this.#add({ line, reason: text.problem });
    const row = await this.#read(text, line);
    if (row === undefined) return;
    for (const reason of this.#rules.check(row, line)) this.#add({ line, reason });
    if (this.#options.tokens === true) this.#tokens += tokensOf(row, await this.#counter());
  }

  report(bytes: number): LintReport {
    const { problems, notes } = this.#rules.end(this.#rows, bytes);
    for (const reason of this.#rows === 0 ? ['the file has no rows'] : problems) {
      this.#add({ line: null, reason });
    }
    const { model, endpoint, method } = this.#rules;
    return {
      for: this.#options.for,
      ok: this.#problemCount === 0,
      bytes,
      rows: this.#rows,
      tokens: this.#options.tokens === true ? this.#tokens : null,
      model,
      endpoint,
      method,
      problems: this.#problems,
      problemCount: this.#problemCount,
      notes,
    };
  }

  #add(problem: LintProblem): void {
    this.#problemCount += 1;
    if (this.#problems.length === MOST_PROBLEMS) return;
    this.#problems.push(problem);
    this.#options.onProblem?.(problem);
  }

  async #read(text: string, line: number): Promise<JsonObject | undefined> {
    if (text.startsWith('\ufeff')) {
      return void this.#add({ line, column: 1, reason: 'a byte order mark stands before the JSON' });
    }
    let row: unknown;
    try {
      row = JSON.parse(text);
    } catch (error) {
      return void this.#add(await this.#broken(text, line, error));
    }
    if (!isObject(row)) return void this.#add({ line, column: 1, reason: 'the line is no JSON object' });
    if (text.length > 2 * MOST_LEVELS && isDeeper(row, MOST_LEVELS)) {
      return void this.#add({ line, reason: `it is nested more than ${MOST_LEVELS} levels deep` });
    }
    return row;
  }

  async #broken(text: string, line: number, error: unknown): Promise<LintProblem> {
    const isOneOfMany = this.#problems.length === MOST_PROBLEMS;
    if (isOneOfMany || text.length > MOST_SEARCHED) {
      return { line, reason: `the line is no JSON: ${reasonOf(error).replace(/, (?:\.{3})?".*$/s, '')}` };
    }
    const { column, reason } = await breakOf(text);
    return { line, column, reason: `the line is no JSON: ${reason}` };
  }

  /** That of the first model that is named; all rows of a batch have the same. */
  async #counter(): Promise<(text: string) => number> {
    const model = this.#rules.model ?? this.#options.model ?? '';
    this.#count ??= await counterFor(encodingOf(model) ?? 'o200k_base');
    return this.#count;
  }
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}
