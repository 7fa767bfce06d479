import type { OutputStream } from '../../context.ts';
import { Stopped } from '../../errors.ts';
import { inertText } from '../../output/terminal.ts';
import { isCredential, KEY_TO_COME } from './credentials.ts';
import { urlOf } from './transport.ts';

/** Headers that curl sets by itself, or that mean nothing to it. */
const OWN_HEADERS: readonly string[] = ['accept', 'content-length', 'user-agent'];

/**
 * Stands in the place of the network: prints the request as a curl command, and ends the run.
 * @param key how a shell says the key: `$OPENAI_API_KEY`
 */
export function dryRun(out: OutputStream, key: string | undefined): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const command = curlCommand(urlOf(input), request, await request.text(), key);
    out.write(out.isTTY ? inertText(command) : command);
    throw new Stopped('dry run');
  };
}

/** A request as a shell command that sends the same, with the key and other credentials left out. */
export function curlCommand(url: URL, request: Request, body: string, key: string | undefined): string {
  const method = request.method === (body === '' ? 'GET' : 'POST') ? '' : ` -X ${request.method}`;
  const lines = [`curl -sSN${method} ${quoted(url.href)}`];
  for (const [name, value] of request.headers) {
    if (!OWN_HEADERS.includes(name)) lines.push(`  -H ${headerArgument(name, value, key)}`);
  }
  if (body === '') return `${lines.join(' \\\n')}\n`;
  const text = readable(body);
  const end = delimiter(text);
  return `${lines.join(' \\\n')} \\\n  --data-binary @- <<'${end}'\n${text}\n${end}\n`;
}

function headerArgument(name: string, value: string, key: string | undefined): string {
  if (value === `Bearer ${KEY_TO_COME}`) return `"Authorization: Bearer ${key}"`;
  return quoted(`${name}: ${isCredential(name) ? '***' : value}`);
}

/** JSON with line breaks, for people; anything else as it is. */
function readable(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

/** A word for the heredoc that is no line of the text. */
function delimiter(text: string): string {
  const lines = new Set(text.split('\n'));
  let word = 'JSON';
  while (lines.has(word)) word += '_';
  return word;
}

/** A word as a POSIX shell reads it, whatever it holds. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
