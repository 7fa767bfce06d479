/** What becomes of one input: a text that comes in pieces, or a JSON document. */
export type Result =
  | { readonly kind: 'text'; readonly pieces: AsyncIterable<string> }
  /** @throws what left nothing of it */
  | { readonly kind: 'json'; document(): Promise<Documented> }
  /** JSON Lines, as they come. */
  | { readonly kind: 'lines'; readonly lines: AsyncIterable<object> };

/** A JSON document, as far as it was made. */
export interface Documented {
  readonly document: object;
  /** What ended it early: it is to be shown, and this to be thrown. */
  readonly failure?: unknown;
}

/** A result as text: JSON on a line of its own. @throws what ends it early, after what came before */
export async function* fileText(result: Result): AsyncGenerator<string> {
  if (result.kind === 'text') yield* result.pieces;
  else if (result.kind === 'lines') for await (const line of result.lines) yield `${JSON.stringify(line)}\n`;
  else {
    const { document, failure } = await result.document();
    yield `${JSON.stringify(document)}\n`;
    if (failure !== undefined) throw failure;
  }
}
