/** How a stretch of text looks: any of these together. */
export const STRONG = 1;
export const EMPHASIS = 2;
export const STRIKE = 4;
export const CODE = 8;
export const LINK = 16;
/** What explains the text and is none of it: the address behind a link. */
export const QUIET = 32;
/** A mark of Markdown's own, which is shown only where nothing else can show what it says. */
export const MARK = 64;
export const HEADING = 128;
export const HEADING_1 = 256;
/** Text of a link in brackets, in which there is no other. */
export const LABEL = 512;

/** A stretch of text that looks the same all through. */
export interface Span {
  readonly text: string;
  readonly look: number;
  /** Where it leads. */
  readonly target?: string | undefined;
}
