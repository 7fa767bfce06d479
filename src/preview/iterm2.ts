// iTerm2's inline images: https://iterm2.com/documentation-images.html
import type { Context } from '../context.ts';
import type { ImageKind } from '../input/image-kind.ts';
import type { Cells } from './cells.ts';

/**
 * Whether the terminal shows files of a kind. Those that borrow the protocol (VS Code, mintty) show no WebP; iTerm2
 * shows what macOS does.
 */
export function iterm2Shows(kind: ImageKind, env: Context['env']): boolean {
  if (kind === 'webp') return env['TERM_PROGRAM'] === 'iTerm.app' || env['LC_TERMINAL'] === 'iTerm2';
  return kind === 'png' || kind === 'jpeg' || kind === 'gif';
}

/** A file as it is. The side that is not given follows from the picture's shape. */
export function iterm2File(file: Uint8Array, { columns, rows, bound }: Cells): string {
  const side = bound === 'columns' ? `width=${columns}` : `height=${rows}`;
  const text = Buffer.from(file.buffer, file.byteOffset, file.byteLength).toString('base64');
  return `\u001b]1337;File=inline=1;size=${file.length};${side};preserveAspectRatio=1:${text}\u0007`;
}
