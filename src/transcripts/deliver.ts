import type { Context } from '../context.ts';
import type { TranscriptFormat } from '../flags/transcripts.ts';
import { writeJson, writeJsonLine } from '../output/json.ts';
import { warn } from '../output/messages.ts';
import type { Target } from '../output/target.ts';
import { TextStream } from '../output/text.ts';
import { extensionOf } from './format.ts';
import { fileText, type Result } from './result.ts';

/**
 * Writes a result to stdout, as it comes.
 * @param onFirst called before the first byte
 * @throws what ends the result early, after what came before
 */
export async function toStdout(result: Result, context: Context, onFirst: () => void): Promise<void> {
  const { stdout } = context;
  if (result.kind === 'json') {
    const { document, failure } = await result.document();
    onFirst();
    await writeJson(stdout, document);
    if (failure !== undefined) throw failure;
  } else if (result.kind === 'lines') {
    for await (const line of result.lines) {
      onFirst();
      await writeJsonLine(stdout, line);
    }
  } else {
    await textToStdout(result.pieces, context, onFirst);
  }
}

async function textToStdout(
  pieces: AsyncIterable<string>,
  { stdout }: Context,
  onFirst: () => void,
): Promise<void> {
  const out = new TextStream(stdout);
  try {
    for await (const piece of pieces) {
      onFirst();
      await out.write(piece);
    }
  } finally {
    await out.end();
  }
}

/** Saves a result as the one file of a run. @returns its path, as it is told */
export function toTarget(
  result: Result,
  target: Target,
  format: TranscriptFormat,
  context: Context,
): Promise<string> {
  const onKept = (part: string) => warn(context, `what arrived is in ${part}`);
  return begun(result, (data) => target.save(1, { extension: extensionOf(format), data, onKept }));
}

/**
 * Waits for the start of a result before its file is begun: a run that is killed meanwhile leaves no empty one behind.
 * @throws what ends the result before it starts; what the work throws
 */
export async function begun<T>(
  result: Result,
  write: (data: AsyncIterable<string>) => Promise<T>,
): Promise<T> {
  const pieces = fileText(result);
  const first = await pieces.next();
  async function* all() {
    for (let step = first; step.done !== true; step = await pieces.next()) yield step.value;
  }
  try {
    return await write(all());
  } finally {
    await pieces.return(undefined);
  }
}
