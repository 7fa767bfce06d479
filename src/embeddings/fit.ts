import type * as Cl100k from '../tokens/cl100k.ts';

/** Limits of the API (its reference, `input` of `/embeddings`): of a request, and of a text in it, in tokens. */
export const LIMITS = { texts: 2048, tokens: 300_000, textTokens: 8192 };

/** What becomes of a text that is too long. */
export type TooLong = 'error' | 'truncate' | 'chunk';

/** A text as it is sent: whole, or in chunks. */
export interface FittedText {
  readonly chunks: readonly string[];
  /** Of each chunk. */
  readonly tokens: readonly number[];
}

/** A text of so many bytes needs no counting: a token is a byte or more, and a full request of such has room for all. */
const SURELY_SHORT = Math.floor(LIMITS.tokens / LIMITS.texts);

/**
 * Makes a text fit the limits of a model of OpenAI.
 * @returns a problem, as what `line 7` does, where it is too long and nothing is to be done about it
 */
export function fitText(
  text: string,
  tooLong: TooLong,
): FittedText | Promise<FittedText | { readonly problem: string }> {
  const bytes = Buffer.byteLength(text);
  return bytes <= SURELY_SHORT ? { chunks: [text], tokens: [bytes] } : counted(text, tooLong);
}

async function counted(text: string, tooLong: TooLong): Promise<FittedText | { readonly problem: string }> {
  // Its tables take 40 MB.
  const cl100k = await import('../tokens/cl100k.ts');
  const { countCl100k } = cl100k;
  const count = countCl100k(text);
  if (count <= LIMITS.textTokens) return { chunks: [text], tokens: [count] };
  if (tooLong === 'error') {
    const problem = `has ${count} tokens; the API takes ${LIMITS.textTokens} of a text: --truncate or --chunk`;
    return { problem };
  }
  const chunks = chunked(text, tooLong === 'truncate' ? 1 : Number.POSITIVE_INFINITY, cl100k);
  return { chunks, tokens: chunks.map((chunk) => countCl100k(chunk)) };
}

/** Parts of no more tokens than a text may have. A character that is cut belongs to the part before. */
function chunked(text: string, most: number, { encodeCl100k, decodeCl100k }: typeof Cl100k): string[] {
  const ids = encodeCl100k(text);
  const chunks: string[] = [];
  for (let at = 0; at < ids.length && chunks.length < most; ) {
    let end = Math.min(ids.length, at + LIMITS.textTokens);
    let chunk = decodeCl100k(ids.slice(at, end)) ?? '';
    while (end < ids.length && chunk.endsWith('\ufffd') && end - at > 1) {
      end -= 1;
      chunk = decodeCl100k(ids.slice(at, end)) ?? '';
    }
    chunks.push(chunk);
    at = end;
  }
  return chunks;
}

export function tokensOf({ tokens }: FittedText): number {
  return tokens.reduce((sum, count) => sum + count, 0);
}
