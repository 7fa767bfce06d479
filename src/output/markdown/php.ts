import { clike } from '@codemirror/legacy-modes/mode/clike';
import type { StringStream } from '@codemirror/streamparser';

function words(text: string): Record<string, boolean> {
  return Object.fromEntries(text.split(/\s+/).map((word) => [word, true]));
}

/** PHP as code alone, without the HTML round it. (The language reference, list of keywords) */
export const php = clike({
  name: 'php',
  keywords: words(
    `abstract and array as break case catch class clone const continue declare default do echo else elseif empty
    enddeclare endfor endforeach endif endswitch endwhile enum extends final finally fn for foreach function global
    goto if implements include include_once instanceof insteadof interface isset list match namespace new or print
    private protected public readonly require require_once return static switch throw trait try unset use var while
    xor yield`,
  ),
  types: words('bool callable float int iterable mixed never object parent self string void'),
  atoms: words('false null true FALSE NULL TRUE __CLASS__ __DIR__ __FILE__ __FUNCTION__ __LINE__ __METHOD__'),
  multiLineStrings: true,
  hooks: {
    $: (stream: StringStream) => {
      stream.eatWhile(/[\w$]/);
      return 'variableName.special';
    },
    '<': (stream: StringStream) => (stream.match(/^\?(?:php|=)?/) ? 'meta' : false),
    '?': (stream: StringStream) => (stream.eat('>') ? 'meta' : false),
    '#': (stream: StringStream) => {
      if (stream.peek() === '[') return false;
      stream.skipToEnd();
      return 'comment';
    },
  },
});
