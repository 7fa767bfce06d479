/**
 * A place in a text, `{{name}}`; `{{{{` is a literal `{{`. A name has no braces and no line break in it, so that other
 * braces (JSON, code) are text.
 */
export const PLACES = /\{\{\{\{|\{\{([^{}\r\n]+)\}\}/g;

/** The names for which a text has places, each once, in their order. */
export function placesIn(text: string): string[] {
  const names = [...text.matchAll(PLACES)].map(([, inner]) => inner?.trim() ?? '');
  return [...new Set(names.filter((name) => name !== ''))];
}

/**
 * The text with values in its places. What a value holds is not searched for places; a name without a value keeps its
 * braces.
 */
export function filled(text: string, values: ReadonlyMap<string, string>): string {
  return text.replace(PLACES, (whole, inner: string | undefined) =>
    inner === undefined ? '{{' : (values.get(inner.trim()) ?? whole),
  );
}
