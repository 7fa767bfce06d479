import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { textValue } from '../input/text.ts';
import { isCredential } from './transport/credentials.ts';

/** A token as HTTP has it (RFC 9110, section 5.6.2): the name of a header. */
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** What fetch takes as the value of a header: visible characters of Latin-1, spaces and tabs. */
const VALUE = /^[\t\u0020-\u007e\u0080-\u00ff]*$/;

/** What the connection and the body decide by themselves (RFC 9110, 7.6.1 and 8.6; fetch refuses or drops them). */
const NOT_OURS: readonly string[] = [
  'connection',
  'content-length',
  'content-type',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/**
 * Reads `--header` flags: each `Name: value`, or `@file` with one header on each line.
 * Credentials among them are never shown again.
 * @throws Failure (usage) that names the header but never its value
 */
export async function readHeaders(
  flags: readonly string[],
  context: Context,
): Promise<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const flag of flags) {
    if (/[\r\n]/.test(flag) && !flag.startsWith('@')) {
      throw usageError(
        'a --header holds a line break',
        'give each header a --header of its own, or --header @FILE',
      );
    }
    const text = await textValue(flag, '--header', context);
    for (const line of text.split(/\r?\n/).filter((line) => line.trim() !== '')) {
      const [name, value] = readHeader(line);
      headers[name] = value;
      if (isCredential(name)) context.secrets.add(value).add(value.replace(/^\w+ +/, ''));
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
  if (NOT_OURS.includes(name.toLowerCase())) {
    throw usageError(`--header ${name} is set by the request itself`);
  }
  return [name.toLowerCase(), value];
}
