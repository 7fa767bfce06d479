import type { Context } from '../context.ts';

/** How pictures are drawn: `blocks` are coloured half-blocks, which any terminal can show. */
export type Protocol = 'kitty' | 'iterm2' | 'sixel' | 'blocks';

type Environment = Context['env'];

/** What terminals call themselves in `TERM_PROGRAM`, in lower case. Where there are two protocols, Kitty's is taken. */
const PROGRAMS: ReadonlyMap<string | undefined, Protocol> = new Map([
  ['ghostty', 'kitty'],
  ['kitty', 'kitty'],
  ['rio', 'kitty'],
  ['warpterminal', 'kitty'],
  ['wezterm', 'kitty'],
  ['iterm.app', 'iterm2'],
  ['mintty', 'iterm2'],
  // It has no pictures, and prints the question about them.
  ['apple_terminal', 'blocks'],
]);

/** What terminals call themselves in `TERM`. The Linux console may print the question in place of an answer. */
const TERMS: ReadonlyMap<string | undefined, Protocol> = new Map([
  ['xterm-kitty', 'kitty'],
  ['xterm-ghostty', 'kitty'],
  ['linux', 'blocks'],
]);

/** Konsole 22.04 knows Kitty's protocol (its release notes); `KONSOLE_VERSION` has two digits for each part. */
const KONSOLE = 220400;

/**
 * The protocol that the environment tells of. What the terminal says of itself comes first: variables of its own stay
 * in the environment of another terminal that is started from it.
 * @returns undefined where it tells nothing for sure: ask the terminal
 */
export function protocolOfEnvironment(env: Environment): Protocol | undefined {
  if (isMultiplexed(env)) return undefined;
  const program = env['TERM_PROGRAM']?.toLowerCase();
  const told = TERMS.get(env['TERM']) ?? PROGRAMS.get(program);
  return told ?? (program === VSCODE ? undefined : leftBehind(env));
}

/**
 * VS Code draws pictures since version 1.80, but only where `terminal.integrated.enableImages` is set, and by default
 * it is not: it says so when it is asked.
 */
const VSCODE = 'vscode';

/** By variables that terminals set for purposes of their own. */
function leftBehind(env: Environment): Protocol | undefined {
  if (env['KITTY_WINDOW_ID'] || env['GHOSTTY_RESOURCES_DIR'] || env['WEZTERM_PANE']) return 'kitty';
  if (Number(env['KONSOLE_VERSION']) >= KONSOLE) return 'kitty';
  // iTerm2 hands this one on through ssh.
  return env['LC_TERMINAL'] === 'iTerm2' ? 'iterm2' : undefined;
}

/** tmux, screen and Zellij stand before the terminal that the rest of the environment tells of. */
function isMultiplexed(env: Environment): boolean {
  return Boolean(env['TMUX'] || env['STY'] || env['ZELLIJ']) || /^(?:tmux|screen)/.test(env['TERM'] ?? '');
}

/** The question by which Kitty's protocol is found out (graphics protocol, "Querying support"). */
const KITTY_QUESTION = '\u001b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\u001b\\';
/** `CSI c`, primary device attributes (xterm, ctlseqs): every terminal answers it, after what was asked before. */
const ATTRIBUTES_QUESTION = '\u001b[c';

/** What to write to the terminal. tmux and screen would make a window's title of Kitty's question. */
export function protocolQuestion(env: Environment): string {
  return isMultiplexed(env) ? ATTRIBUTES_QUESTION : KITTY_QUESTION + ATTRIBUTES_QUESTION;
}

const ATTRIBUTES = /\u001b\[\?([\d;]*)c/;

/** The terminal has answered all that was asked. */
export function isAnswered(reply: string): boolean {
  return ATTRIBUTES.test(reply);
}

/** The protocol that a terminal's reply tells of; `blocks` where it tells of none. */
export function protocolOfReply(reply: string, env: Environment): Protocol {
  if (!isMultiplexed(env) && /\u001b_Gi=31[^;\u001b]*;OK\u001b\\/.test(reply)) return 'kitty';
  // The first number is the class of the terminal; 4 among the others is Sixel graphics (xterm, ctlseqs).
  const [, ...attributes] = ATTRIBUTES.exec(reply)?.[1]?.split(';') ?? [];
  if (!attributes.includes('4')) return 'blocks';
  // VS Code says so of both protocols, and iTerm2's has all the colours.
  return env['TERM_PROGRAM'] === VSCODE && !isMultiplexed(env) ? 'iterm2' : 'sixel';
}

/** How long a terminal may take to answer, in ms. */
const NEAR_MS = 200;
/** The same through ssh. A terminal that answers is not waited for any longer, and a late answer is typed into the prompt. */
const FAR_MS = 1000;

/** How pictures are drawn on this terminal. It is asked where the environment does not tell. */
export async function detectProtocol(context: Pick<Context, 'env' | 'askTerminal'>): Promise<Protocol> {
  const { env } = context;
  const told = protocolOfEnvironment(env);
  if (told !== undefined) return told;
  const limit = env['SSH_CONNECTION'] || env['SSH_TTY'] ? FAR_MS : NEAR_MS;
  return protocolOfReply(await context.askTerminal(protocolQuestion(env), isAnswered, limit), env);
}
