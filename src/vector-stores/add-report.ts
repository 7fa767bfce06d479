import type { Context } from '../context.ts';
import { Failure } from '../errors.ts';
import { writeJsonLine } from '../output/json.ts';
import { joined, say, warn } from '../output/messages.ts';
import { inertText } from '../output/terminal.ts';
import type { AddPlan } from './add-plan.ts';
import type { FoundTexts } from './local-texts.ts';

/** What became of a file. */
export type AddState = 'added' | 'replaced' | 'changed' | 'unchanged' | 'failed';

/** What stdout gets of each file. */
export type Told = 'paths' | 'json' | 'nothing';

/** A file that cannot be had is named on stderr; of many, the first. */
const NAMED = 10;

/** Tells on stdout what was done: the paths of files that a store has got, or all of them as JSON Lines. */
export class AddReport {
  readonly #told: Told;
  readonly #store: string;
  /** How many files there are. */
  readonly #all: number;
  /** Whether the command that was typed goes on where it was stopped. */
  readonly #isRepeatable: boolean;
  readonly #context: Context;
  readonly #counts: Record<AddState, number> = { added: 0, replaced: 0, changed: 0, unchanged: 0, failed: 0 };
  #first: Failure | undefined;

  /** @param store what it is called */
  constructor(store: string, { found, told, goesOn }: AddPlan, context: Context) {
    this.#store = store;
    this.#all = found.texts.length;
    this.#told = told;
    this.#isRepeatable = goesOn === undefined;
    this.#context = context;
  }

  /** Says what of folders and patterns is not added. */
  leftOut(files: FoundTexts['leftOut']): void {
    if (files.length > 0) warn(this.#context, leftOutText(files));
  }

  async tell(path: string, state: Exclude<AddState, 'failed'>, fileId: string): Promise<void> {
    this.#counts[state] += 1;
    await this.#line({ path, status: state, file_id: fileId });
    if (this.#told === 'paths' && state !== 'unchanged') {
      const { stdout } = this.#context;
      await stdout.write(`${stdout.isTTY ? inertText(path) : path}\n`);
    }
  }

  /** @param fileId where the API has it */
  async fail(path: string, failure: Failure, fileId?: string): Promise<void> {
    this.#counts.failed += 1;
    this.#first ??= failure;
    await this.#line({ path, status: 'failed', file_id: fileId ?? null, error: failure.message });
    // The one that there is ends the run, with all that is to be said of it.
    if (this.#all === 1) return;
    if (this.#counts.failed <= NAMED) say(this.#context, failure.message);
    else if (this.#counts.failed === NAMED + 1) say(this.#context, 'more failed, which are not named here');
  }

  /**
   * Says in a line what was done in all.
   * @param namesakes files of whose path the store has other content, from another folder
   * @throws Failure where files failed
   */
  end(namesakes: readonly string[]): void {
    this.#tellNamesakes(namesakes);
    const { failed, ...counts } = this.#counts;
    const parts = Object.entries(counts).flatMap(([state, count]) =>
      count > 0 ? [`${count} ${state}`] : [],
    );
    if (parts.length > 0) warn(this.#context, `${this.#store}: ${parts.join(', ')}`);
    if (this.#first === undefined) return;
    if (this.#all === 1) throw this.#first;
    const all = this.#all;
    const { hint, code, status, requestId } = this.#first;
    const kind = failed < all ? 'partial' : this.#first.kind;
    throw new Failure(kind, `${failed} of ${all} files failed`, {
      hint:
        hint ??
        (this.#isRepeatable ? `the same command tries ${failed === 1 ? 'it' : 'them'} again` : undefined),
      code,
      status,
      requestId,
      cause: this.#first,
    });
  }

  /** Says how to come back to a run that is stopped. @param taken files that were gone through */
  stopped(taken: number): void {
    say(this.#context, this.#back(taken));
  }

  /** What ended the run early, with how to come back; of a stop that is said already. */
  cut(error: unknown, taken: number): unknown {
    if (!(error instanceof Failure) || this.#context.signal.aborted) return error;
    const { kind, message, hint, code, status, requestId, cause } = error;
    const more = this.#isRepeatable && hint !== undefined ? joined(hint, 'the same command goes on') : hint;
    return new Failure(kind, message, { hint: more ?? this.#back(taken), code, status, requestId, cause });
  }

  #back(taken: number): string {
    const gone = `${taken} of ${this.#all} files are gone through`;
    return this.#isRepeatable ? `${gone}; the same command goes on` : gone;
  }

  #tellNamesakes([first, ...others]: readonly string[]): void {
    if (first === undefined) return;
    const rest = others.length === 0 ? '' : `, and of ${others.length} more`;
    const what = `${this.#store} also has other content of ${first}${rest}, added from another folder`;
    warn(this.#context, `${what}: it is kept, and \`oai vector-store remove\` takes it out`);
  }

  async #line(fields: object): Promise<void> {
    if (this.#told === 'json') await writeJsonLine(this.#context.stdout, fields);
  }
}

/** `left out: 3 .png, 1 empty file` */
function leftOutText(leftOut: FoundTexts['leftOut']): string {
  const counts = new Map<string, number>();
  for (const { why } of leftOut) counts.set(why, (counts.get(why) ?? 0) + 1);
  const parts = [...counts].map(([why, count]) => `${count} ${why}`);
  return `left out, as the API searches no such files: ${parts.join(', ')}`;
}
