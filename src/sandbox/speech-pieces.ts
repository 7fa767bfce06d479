import { MAX_TEXT_BYTES, type SpokenPiece } from './speech-burst.ts';

/** The longest piece, in characters: longer words are said in several. */
const MAX_CHARACTERS = 16;

/** Scripts that put no space between words. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/** A word with the space that follows on it; the first one with the space before it, too. */
const WORDS = /^\s*\S+\s*|\S+\s*/gu;

/** The pieces that a text is said in, whole when put together again. A text of spaces alone has none. */
export function piecesOf(text: string): SpokenPiece[] {
  const pieces = [...(text.match(WORDS) ?? [])].flatMap((word) =>
    parts(word).flatMap((part) => cut(part).map((piece, index) => ({ text: piece, continues: index > 0 }))),
  );
  return pieces.map((piece, index) => ({ ...piece, last: index === pieces.length - 1 }));
}

/** The words of a text that has no space between them; marks go with the word before, or else with the first. */
function parts(word: string): string[] {
  if (!UNSPACED.test(word)) return [word];
  const found: string[] = [];
  let isFirst = true;
  for (const { segment, isWordLike } of new Intl.Segmenter('ja', { granularity: 'word' }).segment(word)) {
    const isNew = isWordLike === true && !isFirst;
    found.push(isNew ? segment : `${found.pop() ?? ''}${segment}`);
    if (isWordLike === true) isFirst = false;
  }
  return found;
}

/** A word in pieces that a burst has room for. */
function cut(word: string): string[] {
  const pieces: string[] = [];
  let piece = '';
  let [characters, bytes] = [0, 0];
  for (const character of word) {
    const size = Buffer.byteLength(character);
    if (characters === MAX_CHARACTERS || bytes + size > MAX_TEXT_BYTES) {
      pieces.push(piece);
      piece = '';
      [characters, bytes] = [0, 0];
    }
    piece += character;
    characters += 1;
    bytes += size;
  }
  return [...pieces, piece];
}
