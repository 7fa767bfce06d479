import { printExchange } from './exchange.ts';
import type { ExchangeFolder } from './folder.ts';
import type { TakenAnswer } from './taped-answer.ts';
import type { TapedRequest } from './taped-request.ts';

/** An exchange that is to be written down. */
export interface NewExchange {
  readonly request: TapedRequest;
  readonly taken: TakenAnswer;
  /** When, in ms since 1970. */
  readonly recorded: number;
  /** Keys that are not to be in it. */
  readonly secrets: ReadonlySet<string>;
}

/** What was written. */
export interface Written {
  /** The name of the file of the body, where it has one. */
  readonly body: string | undefined;
  readonly bytes: number;
}

/**
 * Writes an exchange as `STEM.json`, in place of an earlier one, and its body beside it where that is a file of its own.
 * @throws a system error
 */
export function writeExchange(
  folder: ExchangeFolder,
  stem: string,
  { request, taken: { answer, file }, recorded, secrets }: NewExchange,
): Written {
  const body = file === undefined ? undefined : `${stem}${file.extension}`;
  // The body first: what names it is never without it.
  if (body !== undefined) file?.part.finish(body);
  const response = { ...answer, ...(body !== undefined && { file: body }) };
  const text = printExchange({ request, response }, recorded, secrets);
  folder.write(`${stem}.json`, text);
  return { body, bytes: text.length + (file?.part.size ?? 0) };
}
