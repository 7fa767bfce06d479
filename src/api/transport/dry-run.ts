import type { OutputStream } from '../../context.ts';
import { Stopped } from '../../errors.ts';
import { inertText } from '../../output/terminal.ts';
import type { UploadSource, Uploads } from '../uploads.ts';
import { isCredential, KEY_TO_COME } from './credentials.ts';
import { urlOf } from './transport.ts';

/** Headers that curl sets by itself, or that mean nothing to it. */
const OWN_HEADERS: readonly string[] = ['accept', 'content-length', 'user-agent'];

/**
 * Stands in the place of the network: prints the request as a curl command, and ends the run.
 * @param key how a shell says the key: `$OPENAI_API_KEY`
 * @param uploads where the files of a form come from
 */
export function dryRun(out: OutputStream, key: string | undefined, uploads: Uploads): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const command =
      init?.body instanceof FormData
        ? await formCommand(curlHead(urlOf(input), request, key), init.body, uploads)
        : curlCommand(urlOf(input), request, await request.text(), key);
    out.write(out.isTTY ? inertText(command) : command);
    throw new Stopped('dry run');
  };
}

/** A request as a shell command that sends the same, with the key and other credentials left out. */
export function curlCommand(url: URL, request: Request, body: string, key: string | undefined): string {
  const method = request.method === (body === '' ? 'GET' : 'POST') ? '' : ` -X ${request.method}`;
  const lines = [`curl -sSN${method} ${quoted(url.href)}`, ...headerLines(request, key)];
  if (body === '') return continued(lines);
  const text = readable(body);
  const end = delimiter(text);
  return `${lines.join(CONTINUED)}${CONTINUED}  --data-binary @- <<'${end}'\n${text}\n${end}\n`;
}

const CONTINUED = ' \\\n';

function continued(lines: readonly string[]): string {
  return `${lines.join(CONTINUED)}\n`;
}

function headerLines(request: Request, key: string | undefined): string[] {
  // curl sets the type of a form, with a boundary of its own.
  const names = [...request.headers.keys()].filter(
    (name) => !OWN_HEADERS.includes(name) && !request.headers.get(name)?.startsWith('multipart/form-data'),
  );
  return names.map((name) => `  -H ${headerArgument(name, request.headers.get(name) ?? '', key)}`);
}

/** The first lines of a command that sends a form. */
function curlHead(url: URL, request: Request, key: string | undefined): string[] {
  return [`curl -sSN ${quoted(url.href)}`, ...headerLines(request, key)];
}

/** A form as a shell command: files by their paths; what only this program has is made by a line before it. */
async function formCommand(head: readonly string[], form: FormData, uploads: Uploads): Promise<string> {
  const lines = [...head];
  let before = '';
  const folder = 'dir=$(mktemp -d)\n';
  for (const [name, value] of form) {
    if (typeof value === 'string') {
      lines.push(`  --form-string ${quoted(`${name}=${value}`)}`);
      continue;
    }
    const source = uploads.sourceOf(value.name) ?? { kind: 'made' };
    const rest = `;type=${value.type};filename="${fileName(value)}"`;
    if (source.kind === 'file' || source.kind === 'stdin') {
      const file = source.kind === 'stdin' ? '-' : `"${source.path.replace(/["\\]/g, '\\$&')}"`;
      lines.push(`  -F ${quoted(`${name}=@${file}${rest}`)}`);
    } else {
      before += await linesBefore(value, source);
      // The name is one of this program's own, and the folder's is the shell's to put in.
      lines.push(`  -F ${quoted(`${name}=@`)}"$dir"/${value.name}${quoted(rest)}`);
    }
  }
  return (before === '' ? '' : folder + before) + continued(lines);
}

/** As curl takes the name of a file between quotes. */
function fileName({ name }: File): string {
  return name.replace(/["\\]/g, '\\$&');
}

/** Makes a file in a folder of its own, so that none of the user's is replaced. */
async function linesBefore(file: File, source: UploadSource): Promise<string> {
  const target = `"$dir"/${file.name}`;
  if (source.kind === 'url') return `curl -fsSL ${quoted(source.url)} -o ${target}\n`;
  const text = Buffer.from(await file.arrayBuffer()).toString('base64');
  return `base64 -d >${target} <<'BASE64'\n${text.replace(/.{76}/g, '$&\n')}\nBASE64\n`;
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
