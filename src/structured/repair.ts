/**
 * The message that follows an answer which is no valid JSON of its schema, to the model: what is wrong, and the ask
 * for a whole new one.
 * @param errors lines of `validator`, at least one
 */
export function repairMessage(errors: readonly string[]): string {
  const list = errors.map((error) => `- ${error}`).join('\n');
  return [
    'Your JSON does not follow the schema. The places are JSON pointers into your answer:',
    list,
    'Answer again with the whole JSON, mended. Change only what is wrong, take nothing away, and write nothing but the JSON.',
  ].join('\n\n');
}

/**
 * The same for an answer that is no JSON at all.
 * @param reason what the parser said
 */
export function notJsonMessage(reason: string): string {
  return `Your answer is not JSON: ${reason}\n\nAnswer again with the whole JSON and nothing else: no text before or after it, no code fence.`;
}
