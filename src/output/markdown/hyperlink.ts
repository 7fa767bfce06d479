import type { Context } from '../../context.ts';

/** Addresses longer than this are cut or refused by terminals. (VTE: 2,083 bytes) */
const LONGEST_TARGET = 2000;

/**
 * A text that a terminal links to an address (OSC 8), where the address is one of the Web and holds nothing but what
 * an address may: no text of a model reaches the terminal as a control sequence.
 */
export function hyperlink(text: string, target: string): string {
  const address = safeAddress(target);
  return address === undefined ? text : `\u001b]8;;${address}\u001b\\${text}\u001b]8;;\u001b\\`;
}

function safeAddress(target: string): string | undefined {
  if (!/^https?:\/\/[^\s]+$/i.test(target) || !URL.canParse(target)) return undefined;
  const { href } = new URL(target);
  return /^[\x21-\x7e]+$/.test(href) && href.length <= LONGEST_TARGET ? href : undefined;
}

/** Terminals that are known to make links of OSC 8 by what they call themselves. */
const PROGRAMS = /^(?:iTerm\.app|WezTerm|vscode|ghostty|Hyper|Tabby|rio|WarpTerminal)$/;
const TERMINALS = /^(?:xterm-kitty|xterm-ghostty|alacritty.*|foot.*|contour.*|wezterm)$/;
/** The first release of VTE whose OSC 8 is sound. */
const SOUND_VTE = 5000;

/** Whether the terminal is known to make links. */
export function makesLinks(env: Context['env']): boolean {
  return (
    PROGRAMS.test(env['TERM_PROGRAM'] ?? '') ||
    TERMINALS.test(env['TERM'] ?? '') ||
    Number(env['VTE_VERSION'] ?? 0) > SOUND_VTE ||
    [env['WT_SESSION'], env['KONSOLE_VERSION'], env['KITTY_WINDOW_ID']].some((name) => (name ?? '') !== '')
  );
}
