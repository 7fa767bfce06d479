import { isObject } from '../../json.ts';

/** An error as the API words it. */
export interface ErrorBody {
  readonly message?: unknown;
  readonly type?: unknown;
  readonly code?: unknown;
  /** What moderation found: its categories, and whether in what was sent (`input`) or in what was made (`output`). */
  readonly moderation_details?: unknown;
}

/** The longest text of a server that is no JSON and still said, in characters. */
const LONGEST_TEXT = 300;

/**
 * The error in a JSON answer, whatever its status: `{"error": {…}}` as OpenAI has it, `{"error": "text"}` (Ollama), or
 * a list with the first in it (Gemini).
 * @returns undefined where the answer is none
 */
export function errorIn(answer: unknown): ErrorBody | undefined {
  if (Array.isArray(answer)) return errorIn(answer[0]);
  // A response object of the API has an `error` of its own, which is part of the answer.
  if (!isObject(answer) || 'object' in answer) return undefined;
  const { error } = answer;
  if (typeof error === 'string') return { message: error };
  return isObject(error) ? error : undefined;
}

/**
 * The error in the body of an answer whose status says that it is one: as above, or `{"detail": …}` (FastAPI),
 * `{"message": …}`, the title of a web page, or the text itself.
 * @returns undefined where the body says nothing
 */
export function errorInBody(text: string): ErrorBody | undefined {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    return textError(text);
  }
  const body = Array.isArray(answer) ? answer[0] : answer;
  if (!isObject(body)) return undefined;
  const found = errorIn({ error: body['error'] });
  if (found !== undefined) return found;
  if (typeof body['message'] === 'string') return body;
  return body['detail'] === undefined ? undefined : { message: detailText(body['detail']) };
}

function detailText(detail: unknown): string {
  return typeof detail === 'string' ? detail : JSON.stringify(detail);
}

function textError(text: string): ErrorBody | undefined {
  const title = /<title[^>]*>([^<]*)/i.exec(text)?.[1];
  const said = (title ?? (/<\w/.test(text) ? '' : text)).trim();
  return said === '' ? undefined : { message: said.slice(0, LONGEST_TEXT) };
}
