import { PassThrough } from 'node:stream';
import type { Context } from '../context.ts';

/** A quick answer needs no spinner: it is drawn after this many ms. */
const DELAY_MS = 300;

export interface Waiting {
  /** Removes the spinner. Call it before anything is written to stdout; calling it again does nothing. */
  stop(): void;
}

/** A spinner on stderr while something is awaited: on a terminal only, not with `--quiet` or `--verbose`. */
export function startWaiting(context: Context, text: string): Waiting {
  if (!context.stderr.isTTY || context.verbosity !== 'normal') return { stop() {} };
  let stopped = false;
  let spinner: { start(): unknown; stop(): unknown; clear(): unknown } | undefined;

  const draw = async () => {
    const { default: ora } = await import('ora');
    if (stopped) return;
    spinner = ora({
      text,
      stream: terminalStream(context),
      discardStdin: false,
      hideCursor: false,
      isEnabled: true,
    });
    spinner.start();
    context.statusLine = { clear: () => spinner?.clear() };
  };
  const timer = context.clock.timer(DELAY_MS, () => void draw());

  return {
    stop() {
      if (stopped) return;
      stopped = true;
      timer.cancel();
      spinner?.stop();
      context.statusLine = undefined;
    },
  };
}

/** The context's stderr in the shape that ora draws on. */
function terminalStream(context: Context): NodeJS.WriteStream {
  const { stderr } = context;
  const write = (text: string | Uint8Array) => {
    stderr.write(text);
    return true;
  };
  return Object.assign(new PassThrough(), {
    isTTY: true,
    columns: stderr.columns,
    write,
    cursorTo: (x: number) => write(`\u001b[${x + 1}G`),
    clearLine: () => write('\u001b[2K'),
    moveCursor: (_: number, y: number) => write(y < 0 ? `\u001b[${-y}A` : ''),
  }) as unknown as NodeJS.WriteStream;
}
