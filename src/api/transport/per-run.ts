import type { Context } from '../../context.ts';

/** Things of which each run has one of a name. */
export class PerRun<T> {
  readonly #runs = new WeakMap<Context, Map<string, T>>();

  /** The one of this run, made where there is none yet. */
  get(context: Context, name: string, make: () => T): T {
    const known = this.#runs.get(context) ?? new Map<string, T>();
    this.#runs.set(context, known);
    const there = known.get(name);
    if (there !== undefined) return there;
    const made = make();
    known.set(name, made);
    return made;
  }
}
