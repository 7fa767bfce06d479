import type { ReadValue } from './values.ts';

/** What a flag is called once it is read: `maxTokens` for `--max-tokens <n>`, `stream` for `--no-stream`. */
export function optionName({ flags }: Flag): string {
  const name = /--(?:no-)?([\w-]+)/.exec(flags)?.[1] ?? '';
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** One flag as commander and the reference need it. */
export interface Flag {
  readonly flags: string;
  readonly help: string;
  readonly read?: ReadValue<unknown>;
  /** May be given several times; the values are gathered in a list. */
  readonly repeatable?: boolean;
  /** A second value is refused: it would not be seen that it takes the place of the first. */
  readonly once?: boolean;
}
