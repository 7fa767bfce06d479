/** What stands for an escape such as `\d`; any other letter stands for itself. */
const ESCAPES: Readonly<Record<string, string>> = {
  d: '0',
  D: 'a',
  w: 'a',
  W: '-',
  s: ' ',
  S: 'a',
  n: '\n',
  t: '\t',
  b: '',
  B: '',
};

const GROUP = /\((?:\?:|\?<[^>]+>)?((?:[^()\\]|\\.|\([^()]*\))*)\)/y;
const CHARACTER_CLASS = /\[((?:[^\]\\]|\\.)+)\]/y;
const ESCAPE = /\\(.)/y;
const LITERAL = /[^\\[(]/y;
const COUNT = /([*?+])|\{(\d+)(?:,\d*)?\}/y;

/**
 * A text that matches a simple pattern: literals, classes, groups of one level in another, and counts. It takes the
 * first branch of a group, the first member of a class and the least count.
 */
export function patternText(pattern: string): string {
  const source = pattern.replace(/^\^/, '').replace(/\$$/, '');
  let at = 0;
  const take = (expression: RegExp): RegExpExecArray | null => {
    expression.lastIndex = at;
    const found = expression.exec(source);
    if (found !== null) at = expression.lastIndex;
    return found;
  };

  let text = '';
  while (at < source.length) {
    const once = atom(take);
    if (once === undefined) break;
    text += once.repeat(leastCount(take(COUNT)));
  }
  return text;
}

function atom(take: (expression: RegExp) => RegExpExecArray | null): string | undefined {
  const group = take(GROUP);
  if (group !== null) return patternText(group[1]?.split('|')[0] ?? '');
  const members = take(CHARACTER_CLASS)?.[1];
  if (members !== undefined) return memberOf(members);
  const letter = take(ESCAPE)?.[1];
  if (letter !== undefined) return ESCAPES[letter] ?? letter;
  const literal = take(LITERAL)?.[0];
  return literal === '.' ? 'a' : literal;
}

function leastCount(count: RegExpExecArray | null): number {
  if (count === null || count[1] === '+') return 1;
  return count[2] === undefined ? 0 : Number(count[2]);
}

function memberOf(members: string): string {
  if (members.startsWith('^')) return [...'a0 A-_.'].find((character) => isIn(members, character)) ?? '';
  const first = members[0] ?? '';
  return first === '\\' ? (ESCAPES[members[1] ?? ''] ?? members[1] ?? '') : first;
}

function isIn(members: string, character: string): boolean {
  try {
    return new RegExp(`[${members}]`).test(character);
  } catch {
    // The pattern is no pattern: any character is as good.
    return true;
  }
}
