import type { Context, OutputStream } from '../context.ts';

/** The terminals on which an answer is being written, and what is to be said once it has ended. */
const open = new WeakMap<OutputStream, (() => void)[]>();

/** An answer begins to be written. A file or a pipe is not where people read notices. */
export function answerBegins(out: OutputStream): void {
  if (out.isTTY && !open.has(out)) open.set(out, []);
}

/** It has been written, a line break included. */
export function answerEnded(out: OutputStream): void {
  const waiting = open.get(out) ?? [];
  open.delete(out);
  for (const say of waiting) say();
}

/** Says something at once, or, where it would stand in the middle of an answer on the same terminal, after that. */
export function afterAnswer({ stdout, stderr }: Pick<Context, 'stdout' | 'stderr'>, say: () => void): void {
  const waiting = stderr.isTTY ? (open.get(stdout) ?? open.get(stderr)) : undefined;
  if (waiting === undefined) say();
  else waiting.push(say);
}
