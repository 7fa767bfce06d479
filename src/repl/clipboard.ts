import { spawn } from 'node:child_process';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { warn } from '../output/messages.ts';
import { whereIs, withoutKeys } from '../output/programs.ts';

/** Programs that take what is to be copied on stdin, and the variable without which one has nobody to talk to. */
const PROGRAMS: readonly {
  readonly name: string;
  readonly args: readonly string[];
  readonly needs?: string;
}[] = [
  { name: 'pbcopy', args: [] },
  { name: 'wl-copy', args: [], needs: 'WAYLAND_DISPLAY' },
  { name: 'xclip', args: ['-selection', 'clipboard'], needs: 'DISPLAY' },
  { name: 'xsel', args: ['--clipboard', '--input'], needs: 'DISPLAY' },
  { name: 'clip.exe', args: [] },
];

/** What terminals take at most by a control sequence (xterm's limit of an OSC is some 100 kB, tmux's 1 MB). */
const LONGEST_SEQUENCE = 74_000;

/**
 * Copies a text: by the desktop's own program, else by asking the terminal, which works over ssh too (OSC 52).
 * @throws Failure (usage) where neither can; the signal's reason
 */
export async function copyText(text: string, context: Context): Promise<void> {
  for (const { name, args, needs } of PROGRAMS) {
    context.signal.throwIfAborted();
    if (needs !== undefined && !context.env[needs]) continue;
    const path = await whereIs(name, context.env);
    if (path !== undefined && (await takes(path, args, text, context)))
      return warn(context, `copied with ${name}`);
  }
  const { stdout, stderr, signal } = context;
  signal.throwIfAborted();
  const out = [stderr, stdout].find(({ isTTY }) => isTTY);
  const data = Buffer.from(text).toString('base64');
  if (out === undefined || data.length > LONGEST_SEQUENCE) {
    throw usageError('there is no way to copy here', 'install xclip or wl-clipboard');
  }
  await out.write(`\u001b]52;c;${data}\u0007`);
  warn(context, 'copied, if this terminal lets programs do so');
}

/** Whether a program took the text. It may stay in the background, as xclip does: its end is not waited for, its start is. */
function takes(path: string, args: readonly string[], text: string, context: Context): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(path, args, {
      env: withoutKeys(context),
      stdio: ['pipe', 'ignore', 'ignore'],
      signal: context.signal,
    });
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
    child.stdin?.on('error', () => {});
    child.stdin?.end(text);
  });
}
