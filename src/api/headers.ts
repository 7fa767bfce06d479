import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { textValue } from '../input/text.ts';

/** A token as HTTP has it (RFC 9110, section 5.6.2): the name of a header. */
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** What fetch takes as the value of a header: visible characters of Latin-1, spaces and tabs. */
const VALUE = /^[\t\u0020-\u007e\u0080-\u00ff]*$/;

/**
 * Reads `--header` flags: each `Name: value`, or `@file` with one header on each line.
 * @throws Failure (usage) that names the header but never its value
 */
export async function readHeaders(
  flags: readonly string[],
  context: Context,
): Promise<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const flag of flags) {
    const text = await textValue(flag, '--header', context);
    for (const line of text.split(/\r?\n/).filter((line) => line.trim() !== '')) {
      const [name, value] = readHeader(line);
      headers[name] = value;
    }
  }
  return headers;
}

function readHeader(line: string): [string, string] {
  const colon = line.indexOf(':');
  const name = line.slice(0, Math.max(colon, 0)).trim();
  const value = line.slice(colon + 1).trim();
  if (!NAME.test(name)) throw usageError("a --header is not of the form 'Name: value'");
  if (!VALUE.test(value))
    throw usageError(`--header ${name}: its value has a character that no header can carry`);
  return [name.toLowerCase(), value];
}
