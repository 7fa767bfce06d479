import { languageName, languagesOf } from './language.ts';
import type { SpokenWord } from './transcript.ts';

/** A letter that is not of the Latin script. */
const FOREIGN = /(?=\p{L})\P{Script=Latin}/u;
/** The marks after a word. */
const MARKS = /\p{P}*$/u;

/**
 * English in place of what is not: words in Latin letters stay, and each run of others becomes one that tells how many
 * they were, `[3 words of Korean]`, with the marks that were after them. It takes as long as they did.
 */
export function inEnglish(words: readonly SpokenWord[]): SpokenWord[] {
  const english: SpokenWord[] = [];
  let run: SpokenWord[] = [];
  const say = (word: SpokenWord) => english.push(english.length === 0 ? word : spaced(word));
  for (const word of words) {
    const isForeign = FOREIGN.test(word.text);
    if (isForeign) run.push(word);
    // A run ends with the words, and where they have marks.
    if (run.length > 0 && (!isForeign || marksOf(word) !== '')) {
      say(gloss(run));
      run = [];
    }
    if (!isForeign) say(word);
  }
  if (run.length > 0) say(gloss(run));
  return english;
}

/** With a space before it, which not every script has. */
function spaced(word: SpokenWord): SpokenWord {
  return /^\s/.test(word.text) ? word : { ...word, text: ` ${word.text}` };
}

function gloss(run: readonly SpokenWord[]): SpokenWord {
  const [first, last] = [run[0], run.at(-1)];
  const text = run.map((word) => word.text).join('');
  const [space = ''] = /^\s*/.exec(text) ?? [];
  const names = languagesOf(text)
    .filter((code) => code !== 'en')
    .map((code) => languageName(code));
  const language = names.length === 0 ? 'another language' : names.join(' and ');
  const count = `${run.length} ${run.length === 1 ? 'word' : 'words'}`;
  const marks = last === undefined ? '' : plain(marksOf(last));
  return {
    text: `${space}[${count} of ${language}]${marks}`,
    start: first?.start ?? 0,
    end: last?.end ?? 0,
  };
}

function marksOf({ text }: SpokenWord): string {
  return MARKS.exec(text)?.[0] ?? '';
}

/** The marks of Chinese and Japanese as English has them. */
function plain(marks: string): string {
  return marks.replaceAll('。', '.').replaceAll('、', ',').normalize('NFKC');
}
