/** How many places one sentence names. */
const NAMED_PLACES = 3;

/** A place in a schema as people are told of it. */
export function placeWords(at: string): string {
  return at === '' ? 'the schema' : at;
}

/** Collects what is changed in a schema and what cannot be, to be told in few sentences. */
export class StrictReport {
  readonly #changes = new Map<string, Set<string>>();
  /** Places and what is wrong there. */
  readonly #problems = new Map<string, Set<string>>();

  /** @param what a sentence's begin, to which the places are added: `null stands for what is missing` */
  change(what: string, at: string): void {
    const places = this.#changes.get(what) ?? new Set();
    this.#changes.set(what, places.add(placeWords(at)));
  }

  /** @param text what is wrong there and what to do about it */
  problem(at: string, text: string): void {
    const texts = this.#problems.get(at) ?? new Set();
    this.#problems.set(at, texts.add(text));
  }

  hasProblem(at: string): boolean {
    return this.#problems.has(at);
  }

  /** One sentence for each kind of change, with the first places: `… (/properties/a, /properties/b and 4 more)`. */
  get changes(): string[] {
    return [...this.#changes].map(([what, places]) => {
      const named = [...places].slice(0, NAMED_PLACES).join(', ');
      const more = places.size > NAMED_PLACES ? ` and ${places.size - NAMED_PLACES} more` : '';
      return `${what} (${named}${more})`;
    });
  }

  get problems(): string[] {
    return [...this.#problems].flatMap(([at, texts]) =>
      [...texts].map((text) => `${placeWords(at)} ${text}`),
    );
  }
}
