import { isObject } from '../json.ts';
import { contentText } from './chat-messages.ts';
import type { ChatRequest } from './chat-request.ts';

/**
 * What a request for a translation is answered with, so that a pipeline can see what became of each text: the text
 * itself, with the language in front, `[Korean] good morning`. Of texts in a JSON object, each by itself.
 * @returns undefined where the system message asks for nothing of the kind
 */
export function chatTranslation({ messages, response_format: format }: ChatRequest): string | undefined {
  const told = messages.filter(({ role }) => role === 'system' || role === 'developer');
  const system = told.map(({ content }) => contentText(content)).join('\n');
  const [, language] = /\btranslate\b[^.\n]*\binto ([^.\n]+)[.\n]/i.exec(system) ?? [];
  const last = messages.findLast(({ role }) => role === 'user');
  if (language === undefined || last === undefined) return undefined;
  const text = contentText(last.content);
  const marked = (one: string) => `[${language}] ${one}`;
  if (format?.type !== 'json_schema') return marked(text);
  const texts = textsIn(text);
  return texts && JSON.stringify(Object.fromEntries(texts.map(([key, one]) => [key, marked(one)])));
}

/** @returns undefined for what is no object of texts */
function textsIn(json: string): [string, string][] | undefined {
  try {
    const value: unknown = JSON.parse(json);
    if (!isObject(value)) return undefined;
    const entries = Object.entries(value);
    return entries.every((entry): entry is [string, string] => typeof entry[1] === 'string')
      ? entries
      : undefined;
  } catch {
    return undefined;
  }
}
