import type { Context } from '../context.ts';
import type { Complete } from '../editor/completion.ts';
import { stdinPieces } from '../input/stdin.ts';
import { linesOf } from '../tokens/lines.ts';
import { EditorLines } from './editor-lines.ts';
import { type LineSource, ScriptLines } from './lines.ts';

/** The lines that are piped in. @param reader who reads them, for errors @throws Failure (usage) where stdin is taken */
export function scriptLines(context: Context, reader: string): LineSource {
  if (context.stdin.kind === 'none') return new ScriptLines(noLines());
  return new ScriptLines(linesOf(stdinPieces(context, reader), 'stdin'));
}

/**
 * What a person types. Where no terminal can be drawn on, its lines are taken as they come; where there is none, there
 * are no lines.
 * @param isKept what is typed is there again in later sessions
 */
export async function personLines(
  complete: Complete,
  isKept: boolean,
  context: Context,
): Promise<LineSource> {
  const isDumb = context.env['TERM'] === 'dumb';
  const editor = isDumb ? undefined : await EditorLines.open(context, complete, isKept);
  if (editor !== undefined) return editor;
  const { stdin, signal } = context;
  return new ScriptLines(stdin.kind === 'terminal' ? linesOf(stdin.read(signal), 'stdin') : noLines());
}

async function* noLines(): AsyncGenerator<string> {}
