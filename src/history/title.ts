/** Characters of a title; a list has room for so many. */
const LONGEST = 60;
/** A last paragraph of more characters is no question about what was piped in before it. */
const LONGEST_QUESTION = 200;

/** What a conversation is called until somebody gives it a name: the first words of its question. */
export function titleOf(messages: readonly { readonly role: string; readonly text: string }[]): string {
  const question = messages.findLast(({ role }) => role === 'user') ?? messages.at(-1);
  const words = question?.text ?? '';
  const told = lastParagraph(words) ?? words.slice(0, LONGEST_QUESTION);
  const line = (told.trim().split('\n', 1)[0] ?? '').replace(/\s+/g, ' ').trim();
  return line === '' ? '(no words)' : shortened(line);
}

/** What was piped in comes first, the question about it after an empty line. Of megabytes only the end is looked at. */
function lastParagraph(words: string): string | undefined {
  const text = words.trimEnd();
  const end = text.slice(-2 * LONGEST_QUESTION);
  const paragraphs = end.split(/\n[^\S\n]*\n/);
  const isWhole = paragraphs.length > 1 || end === text;
  const last = paragraphs.at(-1);
  return isWhole && last !== undefined && last.length <= LONGEST_QUESTION ? last : undefined;
}

function shortened(line: string): string {
  const characters = [...line];
  if (characters.length <= LONGEST) return line;
  const cut = characters.slice(0, LONGEST - 1).join('');
  const space = cut.lastIndexOf(' ');
  return `${space > LONGEST / 2 ? cut.slice(0, space) : cut}…`;
}
