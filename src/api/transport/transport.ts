/** One concern between the SDK and the wire: takes the next `fetch` and gives one that stands before it. */
export type Wrap = (next: typeof fetch) => typeof fetch;

/** The `fetch` in which the first wrapper sees a request first and its answer last. */
export function compose(base: typeof fetch, wrappers: readonly Wrap[]): typeof fetch {
  return wrappers.reduceRight<typeof fetch>((next, wrap) => wrap(next), base);
}

/** The address of a request, whatever shape it was given in. */
export function urlOf(input: Parameters<typeof fetch>[0]): URL {
  return new URL(input instanceof Request ? input.url : input);
}
