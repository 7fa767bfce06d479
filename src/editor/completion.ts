/** A word that could stand here. */
export interface Suggestion {
  readonly text: string;
  /** What it is, in a few words. */
  readonly note?: string | undefined;
}

/** What could stand in place of a part of the text. */
export interface Completion {
  readonly start: number;
  readonly end: number;
  readonly suggestions: readonly Suggestion[];
}

/** Finds what could be meant by what stands before the cursor. */
export type Complete = (text: string, cursor: number) => Promise<Completion | undefined>;

/** What all of the suggestions begin with. */
export function commonStart(suggestions: readonly Suggestion[]): string {
  const [first = '', ...others] = suggestions.map(({ text }) => text);
  let length = first.length;
  for (const other of others) {
    while (!other.startsWith(first.slice(0, length))) length--;
  }
  return first.slice(0, length);
}
