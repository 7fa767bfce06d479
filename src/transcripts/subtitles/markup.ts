import type { Cue } from './cue.ts';
import type { SubtitleFormat } from './cue-text.ts';

/**
 * The tags that SubRip and WebVTT have in common, each as a character that nobody sees: it is as wide as nothing when
 * lines are laid out, and no text is taken for it (deprecated format characters, Unicode 16, chapter 23.3).
 */
const MARKS = [
  ['<i>', '\u206a'],
  ['</i>', '\u206b'],
  ['<b>', '\u206c'],
  ['</b>', '\u206d'],
  ['<u>', '\u206e'],
  ['</u>', '\u206f'],
] as const;

const ANY_MARK = /[\u206a-\u206f]/g;
const NOTHING_MARKED = /\u206a\u206b|\u206c\u206d|\u206e\u206f/g;

const markOf = new Map<string, string>(MARKS);
const tagOf = new Map<string, string>(MARKS.map(([tag, mark]) => [mark, tag]));

/** A tag of WebVTT with what it is and says, or a reference (W3C, WebVTT, 4.2.2). */
const VTT =
  /<(\/?)(c|i|b|u|v|ruby|rt|lang|font)(?:\.[^\s<>]*)?(?:\s+([^<>]*))?>|<[\d:.]+>|&(#\d+|#x[\da-f]+|\w+);/gi;

/** The tags that players of SubRip know, and what those of SubStation Alpha say of the place (`{\an8}`). */
const SRT = /<(\/?)(i|b|u|font|br)(?:\s[^<>]*)?\/?>|\{\\[^{}]*\}/gi;

const REFERENCES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
  lrm: '\u200e',
  rlm: '\u200f',
};

/**
 * Reads the text of a cue as its file has it: italics, bold and underlined become marks, references what they stand
 * for, a voice the speaker. All other tags are left out.
 */
export function readMarkup(text: string, format: SubtitleFormat): Pick<Cue, 'text' | 'speaker'> {
  const unmarked = text.replace(ANY_MARK, '');
  return format === 'srt' ? { text: readSrt(unmarked) } : readVtt(unmarked);
}

function readSrt(text: string): string {
  return text.replace(SRT, (_, slash: string | undefined, name: string | undefined) =>
    name?.toLowerCase() === 'br' ? '\n' : markFor(slash, name),
  );
}

function markFor(slash = '', name = ''): string {
  return markOf.get(`<${slash}${name.toLowerCase()}>`) ?? '';
}

function readVtt(text: string): Pick<Cue, 'text' | 'speaker'> {
  // One voice is who speaks; where there are more, each line says whose it is.
  const [first, second] = text.matchAll(/<v(?:\.[^\s<>]*)?\s+([^<>]*)>/gi);
  const speaker = first?.index === 0 && second === undefined ? plainVtt(first[1] ?? '').trim() : '';
  const whole = plainVtt(text, speaker === '');
  return { text: whole, ...(speaker !== '' && { speaker }) };
}

function plainVtt(text: string, namesVoices = false): string {
  return text.replace(VTT, (all, slash?: string, name?: string, said = '', reference?: string) => {
    if (reference !== undefined) return characterOf(reference) ?? all;
    if (name?.toLowerCase() !== 'v' || slash === '/') return markFor(slash, name);
    return namesVoices && said.trim() !== '' ? `${plainVtt(said).trim()}: ` : '';
  });
}

/** @returns undefined for a reference that is none */
function characterOf(reference: string): string | undefined {
  if (!reference.startsWith('#')) return REFERENCES[reference];
  const isHex = /^#x/i.test(reference);
  const code = Number.parseInt(reference.slice(isHex ? 2 : 1), isHex ? 16 : 10);
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}

/**
 * Closes what is open at the end of each of the texts that one text became, and opens it again in the next: tags do not
 * reach beyond their cue.
 */
export function closeMarks(texts: readonly string[]): string[] {
  let open: string[] = [];
  return texts.map((text) => {
    const before = open.join('');
    for (const [mark] of text.matchAll(ANY_MARK)) open = afterMark(open, mark);
    const after = open.map(closingOf).reverse().join('');
    return `${before}${text}${after}`.replace(NOTHING_MARKED, '');
  });
}

function afterMark(open: readonly string[], mark: string): string[] {
  if (!tagOf.get(mark)?.startsWith('</')) return [...open, mark];
  const at = open.findLastIndex((opened) => closingOf(opened) === mark);
  return open.filter((_, index) => index !== at);
}

function closingOf(mark: string): string {
  return markOf.get(tagOf.get(mark)?.replace('<', '</') ?? '') ?? '';
}

/** The marks as tags. */
export function withTags(text: string): string {
  return text.replace(ANY_MARK, (mark) => tagOf.get(mark) ?? '');
}

/** The words of a cue, and who says them, as a line of text. */
export function plainLine({ text, speaker }: Pick<Cue, 'text' | 'speaker'>): string {
  const line = text.replace(ANY_MARK, '').replace(/\s+/g, ' ').trim();
  return speaker === undefined || line === '' ? line : `${speaker}: ${line}`;
}
