export type Encoding = 'o200k_base' | 'cl100k_base';

/** Models that count in `cl100k_base`, and those that are known to count in `o200k_base`. */
const CL100K = /^(?:gpt-4(?![.\do])|gpt-3\.5|text-embedding-|babbage-002|davinci-002)/;
const O200K =
  /^(?:gpt-4o|gpt-4\.\d|chatgpt-|chat-latest|gpt-(?:[5-9]|\d\d)|gpt-oss-|gpt-audio|gpt-realtime|o\d|codex-)/;

/**
 * How a model of OpenAI counts (tiktoken's `model.py`): the embedding models and those up to GPT-4 by `cl100k_base`,
 * the GPT-4o family and all after it by `o200k_base`. A fine-tuned model counts as that of which it was made.
 * @returns undefined for a model that is not known
 */
export function encodingOf(model: string): Encoding | undefined {
  const base = model.replace(/^ft:/, '');
  if (CL100K.test(base)) return 'cl100k_base';
  return O200K.test(base) ? 'o200k_base' : undefined;
}

/** Counts the tokens of a text in an encoding: loads its table, which takes some 100 ms. */
export async function counterFor(encoding: Encoding): Promise<(text: string) => number> {
  return encoding === 'cl100k_base'
    ? (await import('./cl100k.ts')).countCl100k
    : (await import('./o200k.ts')).countO200k;
}
