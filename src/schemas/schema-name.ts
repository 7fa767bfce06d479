/** The longest name that the API takes for a schema, in characters: `^[a-zA-Z0-9_-]{1,64}$` (API reference). */
const LONGEST_NAME = 64;

/** A name for `json_schema.name` made of a title or a file's name; `answer` where nothing of it can be used. */
export function schemaName(text: string): string {
  const name = text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^a-zA-Z0-9_-]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, LONGEST_NAME);
  return name === '' ? 'answer' : name;
}
