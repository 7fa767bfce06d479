import type { RawAnswer } from '../api/raw.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { isObject } from '../json.ts';
import { writeJson, writeJsonLine } from '../output/json.ts';
import { warn } from '../output/messages.ts';
import { findTarget, type Target } from '../output/target.ts';
import { inertText } from '../output/terminal.ts';
import { readJson } from './answer-json.ts';
import { withoutSecrets } from './secrets.ts';
import { StreamEnd } from './stream-end.ts';

/** How an answer is shown. */
export interface Showing {
  /** `-o`. */
  readonly output: string | undefined;
  readonly force: boolean;
  /** Secrets in it are shown, too. */
  readonly showSecrets: boolean;
  /** How its streams end is known: one that ends otherwise was cut. */
  readonly endsStreams?: boolean;
  /** What the answer is called where it is saved in a folder: its path. */
  readonly subject: string;
}

/** Shows JSON; says once where secrets were left out. */
export class JsonPrinter {
  readonly #context: Context;
  readonly #showSecrets: boolean;
  #isTold = false;

  constructor(context: Context, showSecrets: boolean) {
    this.#context = context;
    this.#showSecrets = showSecrets;
  }

  /** A value without what is not to be shown; the same where there is nothing of the kind. */
  shown<T>(value: T): T {
    if (this.#showSecrets) return value;
    const safe = withoutSecrets(value);
    if (safe !== value && !this.#isTold) {
      warn(this.#context, 'secrets are left out: --show-secrets shows them');
      this.#isTold = true;
    }
    return safe;
  }

  /** One document; as it came, where nothing is left out and a program reads it. */
  async document(text: string): Promise<void> {
    const { stdout } = this.#context;
    const value = readJson(text, 'the answer');
    const safe = this.shown(value);
    if (safe !== value || stdout.isTTY) await writeJson(stdout, safe);
    else await stdout.write(text.endsWith('\n') ? text : `${text}\n`);
  }

  /** The text of a document; as it came, where nothing is left out. */
  masked(text: string): string {
    if (text === '') return text;
    const value = readJson(text, 'the answer');
    const safe = this.shown(value);
    return safe === value ? text : `${JSON.stringify(safe)}\n`;
  }

  async line(value: unknown): Promise<void> {
    await writeJsonLine(this.#context.stdout, this.shown(value));
  }
}

/** Where a file goes, found out before anything is sent; undefined where there is no `-o`. */
export async function targetOf(
  { output, force, subject }: Showing,
  context: Context,
): Promise<Target | undefined> {
  if (output === undefined) return undefined;
  return findTarget(
    { output, force, count: 1, thing: 'an answer', example: 'answer.json', subject },
    context,
  );
}

/** Shows an answer: events as lines, JSON as it is, bytes in a pipe or a file. @throws Failure */
export async function showAnswer(
  answer: RawAnswer,
  target: Target | undefined,
  { showSecrets, endsStreams }: Showing,
  context: Context,
): Promise<void> {
  const { stdout } = context;
  const { type } = answer;
  const printer = new JsonPrinter(context, showSecrets);
  if (target !== undefined) {
    // JSON was read to be judged; what is secret in it is no less so in a file.
    const data = isJson(type) ? printer.masked(await answer.text()) : answer.bytes();
    const path = await target.save(1, { extension: extensionOf(type), data });
    if (!target.isStdout) await stdout.write(`${stdout.isTTY ? inertText(path) : path}\n`);
  } else if (type.includes('text/event-stream')) await showEvents(answer, printer, endsStreams === true);
  else if (isJson(type)) {
    const text = await answer.text();
    if (text !== '') await printer.document(text);
  } else if (/^text\/|json|^application\/sdp/.test(type)) {
    const text = await answer.text();
    await stdout.write(stdout.isTTY ? inertText(text) : text);
  } else {
    for await (const piece of answer.bytes()) {
      if (stdout.isTTY) throw usageError(`the answer is ${type || 'bytes'}, and no text`, '-o FILE saves it');
      await stdout.write(piece);
    }
  }
}

/** One document of JSON; JSON Lines are text. */
function isJson(type: string): boolean {
  return /^(?:application|text)\/(?:[\w.-]+\+)?json\b/.test(type);
}

/** @param mustEnd how streams of the endpoint end is known @throws Failure (network) where it ended otherwise */
async function showEvents(answer: RawAnswer, printer: JsonPrinter, mustEnd: boolean): Promise<void> {
  const end = new StreamEnd();
  for await (const { event, data } of answer.events()) {
    const value = read(data);
    end.see(value);
    if (data !== '[DONE]' && data !== '') await printer.line(named(event, value));
  }
  const { failure } = end;
  if (failure !== undefined && (mustEnd || end.isBroken)) throw failure;
}

function read(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return data;
  }
}

/** An event as one value; its name goes with it where the data does not have it as their `type`. */
function named(event: string | null, value: unknown): unknown {
  const isNamed = event === null || (isObject(value) && value['type'] === event);
  return isNamed ? value : { event, data: value };
}

const EXTENSIONS: readonly (readonly [RegExp, string])[] = [
  [/json/, 'json'],
  [/event-stream/, 'txt'],
  [/zip/, 'zip'],
  [/png/, 'png'],
  [/jpe?g/, 'jpg'],
  [/webp/, 'webp'],
  [/mp4/, 'mp4'],
  [/mpeg|mp3/, 'mp3'],
  [/wav/, 'wav'],
  [/^text\//, 'txt'],
];

function extensionOf(type: string): string {
  return EXTENSIONS.find(([pattern]) => pattern.test(type))?.[1] ?? 'bin';
}
