import type { TranscriptionAnswer } from '../api/transcriptions.ts';

/** What becomes of one input: a text that comes in pieces, or a JSON document. */
export type Result =
  | { readonly kind: 'text'; readonly pieces: AsyncIterable<string> }
  | {
      readonly kind: 'json';
      /** @throws Partial where a part of it failed */
      document(): Promise<object>;
    }
  /** JSON Lines, as they come. */
  | { readonly kind: 'lines'; readonly lines: AsyncIterable<object> };

/** A document of which the rest failed. */
export class Partial extends Error {
  override readonly name = 'Partial';
  /** What came before. */
  readonly document: object;

  constructor(document: object, cause: unknown) {
    super('partial', { cause });
    this.document = document;
  }
}

/** A result as the text of a file. @throws what ends it early, after what came before */
export async function* fileText(result: Result): AsyncGenerator<string> {
  if (result.kind === 'text') yield* result.pieces;
  else if (result.kind === 'lines') for await (const line of result.lines) yield `${JSON.stringify(line)}\n`;
  else {
    try {
      yield `${JSON.stringify(await result.document())}\n`;
    } catch (error) {
      if (!(error instanceof Partial)) throw error;
      yield `${JSON.stringify(error.document)}\n`;
      throw error.cause;
    }
  }
}

/** Whether nothing is said in any of the answers. */
export function isSilent(answers: readonly TranscriptionAnswer[]): boolean {
  return answers.every(({ text }) => text.trim() === '');
}

/** A document that is whole, or none. @throws what ends it early */
export function wholeDocument(result: Extract<Result, { kind: 'json' }>): Promise<object> {
  return result.document().catch((error: unknown) => {
    throw error instanceof Partial ? error.cause : error;
  });
}
