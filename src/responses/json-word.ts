import type { ChatMessage } from '../api/completions.ts';
import type { ResponseInputItem } from '../api/responses.ts';
import { textOf } from '../chat/answer.ts';

/** What is said where nothing else says it. */
const JSON_LINE: ResponseInputItem = { role: 'developer', content: 'Answer with a JSON object.' };

/**
 * JSON mode wants the word in the input; servers do not count that it is in the instructions (mira pull 267, wenyi pull
 * 66). Instructions that say it are put there.
 */
export function withJsonSaid(
  input: readonly ResponseInputItem[],
  instructions: readonly ChatMessage[],
): { readonly input: readonly ResponseInputItem[]; readonly instructions: readonly ChatMessage[] } {
  if (input.some(saysJson)) return { input, instructions };
  const saying = instructions.filter(saysJson);
  if (saying.length === 0) return { input: [JSON_LINE, ...input], instructions };
  const said = saying.map(({ content }) => ({ role: 'developer' as const, content: textOf(content) }));
  return { input: [...said, ...input], instructions: instructions.filter((message) => !saysJson(message)) };
}

function saysJson(said: object): boolean {
  return /json/i.test(JSON.stringify(said));
}
