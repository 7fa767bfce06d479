import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { Api } from '../api/client.ts';
import { fileContent, retrieveFile } from '../api/files.ts';
import type { Context } from '../context.ts';
import { Failure, usageError } from '../errors.ts';
import { findTarget, isStdoutPath } from '../output/target.ts';
import { InertTextStream, inertText } from '../output/terminal.ts';
import { withFileId } from './nearest-file.ts';

/** Where the content of a file goes. */
export interface ContentOptions {
  /** A file, a directory, or `-`; undefined is stdout. */
  readonly output: string | undefined;
  readonly force: boolean;
}

/**
 * Gives the content of a file: to stdout, or whole into a file, whose path is then told.
 * @throws Failure or Stopped
 */
export async function giveContent(
  api: Api,
  id: string,
  { output, force }: ContentOptions,
  context: Context,
): Promise<void> {
  const { stdout } = context;
  if (output === undefined || (isStdoutPath(output) && !stdout.isTTY)) {
    return writeContent(id, await piecesOf(api, id, context), context);
  }
  const named = await namedOutput(api, id, output, context);
  const target = await findTarget(
    { output: named, force, count: 1, thing: 'a file', example: 'file.jsonl', subject: id },
    context,
  );
  const data = await piecesOf(api, id, context);
  const path = await target.save(1, { extension: 'bin', data });
  if (!target.isStdout) await stdout.write(`${stdout.isTTY ? inertText(path) : path}\n`);
}

function piecesOf(api: Api, id: string, context: Context): Promise<AsyncGenerator<Uint8Array>> {
  return withFileId(api, id, () => fileContent(api, id, context)).catch((error: unknown) => {
    throw withReason(error);
  });
}

/** The API gives back what it has made, and what it was given to work through, alone. */
function withReason(error: unknown): unknown {
  const isKept = error instanceof Failure && /not allowed to download files of purpose/i.test(error.message);
  if (!isKept) return error;
  const { kind, message, code, status, requestId } = error;
  const hint = 'the API gives back the files of batches and of fine-tuning, and keeps the others to itself';
  return new Failure(kind, message, { hint, code, status, requestId, cause: error });
}

/** In a directory the file has the name that it has at the API. */
async function namedOutput(api: Api, id: string, output: string, { cwd }: Context): Promise<string> {
  const there = await stat(resolve(cwd, output)).catch(() => undefined);
  if (!/[/\\]$/.test(output) && there?.isDirectory() !== true) return output;
  const { filename } = await withFileId(api, id, () => retrieveFile(api, id));
  // A name from elsewhere leads nowhere, and hides nothing.
  const safe = inertText(basename(filename.replaceAll('\\', '/'))).replace(/^\.+/, '');
  return join(output, safe === '' ? id : safe);
}

/** @throws Failure (usage) where it is no text, and would go to a terminal */
async function writeContent(
  id: string,
  pieces: AsyncGenerator<Uint8Array>,
  { stdout }: Context,
): Promise<void> {
  if (!stdout.isTTY) {
    for await (const piece of pieces) await stdout.write(piece);
    return;
  }
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const inert = new InertTextStream();
  for await (const piece of pieces) {
    await stdout.write(inert.push(decoded(() => decoder.decode(piece, { stream: true }), id)));
  }
  await stdout.write(inert.push(decoded(() => decoder.decode(), id)) + inert.end());
}

/** Characters that no text has: C0 but for tabs, line breaks, page breaks and escapes. */
const NO_TEXT = /[\u0000-\u0008\u000e-\u001a\u001c-\u001f]/;

function decoded(decode: () => string, id: string): string {
  const noText = (error?: unknown) =>
    usageError(`${id} is no text for a terminal`, 'pipe it on, or give a file: -o FILE', error);
  let text: string;
  try {
    text = decode();
  } catch (error) {
    throw noText(error);
  }
  if (NO_TEXT.test(text)) throw noText();
  return text;
}
