import type { Context, InputStream } from '../context.ts';
import { errno, reasonOf, usageError } from '../errors.ts';
import { durationText } from '../flags/values.ts';
import { warn } from '../output/messages.ts';
import type { ReadLimit } from './file.ts';
import { decodeUtf8 } from './text.ts';

/**
 * How long stdin that nobody named may stay silent, in ms. Long enough for a slow `curl … | oai chat "sum up"`,
 * short enough for a program that starts `oai` with a pipe it never writes to.
 */
export const STDIN_PATIENCE_MS = 3000;

/** Who has taken stdin: it can be read once. */
const readers = new WeakMap<InputStream, string>();

function take(context: Context, reader: string): void {
  const earlier = readers.get(context.stdin);
  if (earlier !== undefined) {
    throw usageError(
      `stdin can be read once, but ${earlier} and ${reader} both want it`,
      'put one of them in a file',
    );
  }
  readers.set(context.stdin, reader);
}

/** The pieces as they come. */
async function* pieces(stdin: InputStream, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    yield* stdin.read(signal);
  } catch (error) {
    if (errno(error) === undefined) throw error;
    throw usageError(`cannot read stdin: ${reasonOf(error)}`, undefined, error);
  }
}

async function gather(
  stdin: InputStream,
  signal: AbortSignal,
  arrived: (piece: Uint8Array) => void = () => {},
): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces(stdin, signal)) {
    arrived(piece);
    all.push(piece);
  }
  return Buffer.concat(all);
}

/**
 * All of stdin, for a reader who was named (`-`, `@-`): it waits as long as it takes.
 * @param reader who reads, for the error: `the prompt`, `--system`
 * @throws Failure (usage) when another has taken stdin
 */
export function readStdin(context: Context, reader: string): Promise<Uint8Array> {
  take(context, reader);
  if (context.stdin.kind === 'terminal')
    warn(context, 'reading what you type; Ctrl-D on an empty line ends it');
  return gather(context.stdin, context.signal);
}

/**
 * The same for bytes that nobody can type.
 * @throws Failure (usage) at a terminal, when another has taken stdin, or when there are more bytes than the limit
 */
export async function readStdinBytes(
  context: Context,
  reader: string,
  limit: ReadLimit,
): Promise<Uint8Array> {
  takeBytes(context, reader);
  let size = 0;
  return gather(context.stdin, context.signal, (piece) => {
    size += piece.length;
    if (size > limit.bytes) throw limit.tooLarge(size);
  });
}

/**
 * The same, piece by piece, for what may be too large for memory.
 * @throws Failure (usage) at a terminal, or when another has taken stdin
 */
export function stdinPieces(context: Context, reader: string): AsyncIterable<Uint8Array> {
  takeBytes(context, reader);
  return pieces(context.stdin, context.signal);
}

function takeBytes(context: Context, reader: string): void {
  if (context.stdin.kind === 'terminal') {
    throw usageError(`${reader} is to come from stdin, which is a terminal`, 'pipe it in, or name a file');
  }
  take(context, reader);
}

/** Somebody pipes, and nobody has taken it yet. */
export function isPiped({ stdin }: Context): boolean {
  return (stdin.kind === 'pipe' || stdin.kind === 'file') && !readers.has(stdin);
}

/**
 * The text that was piped in, which may be empty, or undefined where nobody pipes: stdin is a terminal or closed, stays
 * silent, or somebody else has taken it.
 *
 * The rule for a pipe, when `patient` is false because the command has something to say without it: stdin may be
 * silent for `STDIN_PATIENCE_MS`; from its first byte on it is read to its end, however slow. A pipe that stays
 * silent is left alone, untouched, and one line says so.
 * @param patient wait for the first byte as long as it takes
 * @throws Failure (usage) when the bytes are not UTF-8
 */
export async function pipedText(
  context: Context,
  { patient }: { readonly patient: boolean },
): Promise<string | undefined> {
  const { kind } = context.stdin;
  if (kind === 'terminal' || kind === 'none' || readers.has(context.stdin)) return undefined;
  take(context, 'the prompt');
  const bytes =
    patient || kind === 'file' ? await gather(context.stdin, context.signal) : await impatiently(context);
  return bytes === undefined ? undefined : decodeUtf8(bytes, 'stdin');
}

/** Gives undefined for a pipe that stays silent. */
async function impatiently(context: Context): Promise<Uint8Array | undefined> {
  const silence = new AbortController();
  const timer = context.clock.timer(STDIN_PATIENCE_MS, () => silence.abort(SILENT));
  try {
    const signal = AbortSignal.any([context.signal, silence.signal]);
    return await gather(context.stdin, signal, () => timer.cancel());
  } catch (error) {
    if (error !== SILENT) throw error;
    warn(
      context,
      `nothing came on stdin for ${durationText(STDIN_PATIENCE_MS)}; going on without it (\`-\` waits for it, --no-stdin does not look)`,
    );
    return undefined;
  } finally {
    timer.cancel();
  }
}

const SILENT = new Error('stdin is silent');
