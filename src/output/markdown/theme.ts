import { Chalk } from 'chalk';
import { hyperlink } from './hyperlink.ts';
import { CODE, EMPHASIS, HEADING, HEADING_1, LINK, MARK, QUIET, type Span, STRIKE, STRONG } from './spans.ts';

/** How looks are shown on a terminal. */
export interface Theme {
  /** Colours are shown: what is bold needs no asterisks. */
  readonly color: boolean;
  /** Text without line breaks, with the control sequences that it needs: they begin and end with it. */
  paint(span: Span): string;
  /** A word of code. */
  paintCode(text: string, token: string): string;
}

/** What a theme depends on. */
export interface ThemeOptions {
  readonly color: boolean;
  /** The terminal is known to make links of what is marked as one. */
  readonly hyperlinks: boolean;
}

/** The terminal's own sixteen colours, which its user has chosen. */
export function themeFor({ color, hyperlinks }: ThemeOptions): Theme {
  if (!color) return { color, paint: ({ text }) => text, paintCode: (text) => text };
  const chalk = new Chalk({ level: 1 });
  const looks: readonly (readonly [number, (text: string) => string])[] = [
    [CODE, chalk.yellow],
    [LINK, chalk.underline],
    [QUIET, chalk.dim],
    [STRIKE, chalk.strikethrough],
    [EMPHASIS, chalk.italic],
    [STRONG, chalk.bold],
    [HEADING, chalk.bold.cyan],
    [HEADING_1, chalk.bold.underline.cyan],
  ];
  const painters = new Map<number, (text: string) => string>();
  const painter = (look: number) => {
    const known = painters.get(look);
    if (known !== undefined) return known;
    const parts = looks.filter(([flag]) => (look & flag) !== 0).map(([, paint]) => paint);
    const paint = (text: string) => parts.reduce((painted, part) => part(painted), text);
    painters.set(look, paint);
    return paint;
  };
  const tokens: Readonly<Record<string, (text: string) => string>> = {
    comment: chalk.dim,
    keyword: chalk.magenta,
    controlKeyword: chalk.magenta,
    modifier: chalk.magenta,
    operatorKeyword: chalk.magenta,
    string: chalk.green,
    character: chalk.green,
    regexp: chalk.green,
    escape: chalk.green,
    number: chalk.yellow,
    atom: chalk.yellow,
    bool: chalk.yellow,
    constant: chalk.yellow,
    def: chalk.blue,
    definition: chalk.blue,
    function: chalk.blue,
    builtin: chalk.cyan,
    standard: chalk.cyan,
    type: chalk.cyan,
    typeName: chalk.cyan,
    className: chalk.cyan,
    namespace: chalk.cyan,
    tag: chalk.magenta,
    tagName: chalk.magenta,
    qualifier: chalk.blue,
    attribute: chalk.blue,
    attributeName: chalk.blue,
    property: chalk.blue,
    propertyName: chalk.blue,
    meta: chalk.cyan,
    macroName: chalk.cyan,
    annotation: chalk.cyan,
    labelName: chalk.cyan,
    heading: chalk.bold,
    header: chalk.bold,
    inserted: chalk.green,
    deleted: chalk.red,
    positive: chalk.green,
    negative: chalk.red,
    invalid: chalk.red,
    error: chalk.red,
  };
  return {
    color,
    paint: ({ text, look, target }) => {
      const painted = painter(look & ~MARK)(text);
      return hyperlinks && target !== undefined ? hyperlink(painted, target) : painted;
    },
    paintCode(text, token) {
      // `variableName.definition string-2`: the most particular word that has a colour.
      const names = token.split(/[ .]/).reverse();
      const name = names.find((word) => Object.hasOwn(tokens, word));
      return name === undefined ? text : (tokens[name]?.(text) ?? text);
    },
  };
}
