import type { OutputStream } from '../../context.ts';
import { Stopped } from '../../errors.ts';
import { quoted } from '../../output/shell.ts';
import { inertText } from '../../output/terminal.ts';
import type { UploadSource, Uploads } from '../uploads.ts';
import { isCredential, KEY_TO_COME, withoutPassword } from './credentials.ts';
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
        : curlCommand(urlOf(input), request, await request.text(), key, uploads.texts);
    out.write(out.isTTY ? inertText(command) : command);
    throw new Stopped('dry run');
  };
}

/**
 * A request as a shell command that sends the same, with the key and other credentials left out.
 * @param lines texts that are in the body, each with the line of a shell that prints it
 */
export function curlCommand(
  url: URL,
  request: Request,
  body: string,
  key: string | undefined,
  texts: ReadonlyMap<string, string> = new Map(),
): string {
  const method = request.method === (body === '' ? 'GET' : 'POST') ? '' : ` -X ${request.method}`;
  const lines = [`curl -sSN${method} ${quoted(url.href)}`, ...headerLines(request, key)];
  if (body === '') return continued(lines);
  const text = readable(body);
  const end = delimiter(text);
  const used = [...texts].filter(([one]) => text.includes(one));
  const [word, document] = used.length === 0 ? [`'${end}'`, text] : [end, expanded(text, used)];
  return `${lines.join(CONTINUED)}${CONTINUED}  --data-binary @- <<${word}\n${document}\n${end}\n`;
}

/**
 * A document in which a shell puts in what commands print: so that a file of megabytes is a name.
 * @param texts in the document, each with the line that prints it
 */
function expanded(document: string, texts: readonly (readonly [string, string])[]): string {
  const [first, ...rest] = texts;
  // What a shell would take for its own (POSIX, 2.7.4).
  if (first === undefined) return document.replace(/[\\$`]/g, '\\$&');
  const [text, line] = first;
  return document
    .split(text)
    .map((piece) => expanded(piece, rest))
    .join(`$(${line})`);
}

const CONTINUED = ' \\\n';

function continued(lines: readonly string[]): string {
  return `${lines.join(CONTINUED)}\n`;
}

/** The headers of a request as arguments of curl, a line each: credentials are masked, and the key is `key`. */
export function headerLines(request: Request, key: string | undefined): string[] {
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
  for (const [index, [name, value]] of [...form].entries()) {
    const made =
      typeof value === 'string' ? longField(name, value, index) : await fileField(name, value, uploads);
    before += made.before;
    lines.push(`  ${made.field}`);
  }
  return (before === '' ? '' : `dir=$(mktemp -d)\n${before}`) + continued(lines);
}

/** A field of a form as arguments of curl, and the lines of a shell that must come before. */
interface FieldCommand {
  readonly field: string;
  readonly before: string;
}

/** Linux takes 128 KB for an argument (`MAX_ARG_STRLEN`, execve(2)); what a shell itself does has no such limit. */
const MOST_ARGUMENT = 64 * 1024;

function longField(name: string, value: string, index: number): FieldCommand {
  if (value.length <= MOST_ARGUMENT) {
    return { field: `--form-string ${quoted(`${name}=${value}`)}`, before: '' };
  }
  const target = `"$dir"/field-${index + 1}`;
  return { field: `-F ${quoted(`${name}=<`)}${target}`, before: `printf %s ${quoted(value)} >${target}\n` };
}

async function fileField(name: string, file: File, uploads: Uploads): Promise<FieldCommand> {
  const source = uploads.sourceOf(file.name) ?? { kind: 'made' };
  const rest = `;type=${file.type};filename="${escaped(file.name)}"`;
  if (source.kind === 'file' || source.kind === 'stdin') {
    const path = source.kind === 'stdin' ? '-' : `"${escaped(source.path)}"`;
    return { field: `-F ${quoted(`${name}=@${path}${rest}`)}`, before: '' };
  }
  // In a folder of its own, so that none of the user's files is replaced; its name is the shell's to put in.
  const own = file.name.replace(/[^\w.-]+/g, '_');
  const target = `"$dir"/${own}`;
  return {
    field: `-F ${quoted(`${name}=@`)}${target}${quoted(rest)}`,
    before: await lineBefore(target, file, source),
  };
}

/** As curl takes a name between quotes. */
function escaped(name: string): string {
  return name.replace(/["\\]/g, '\\$&');
}

async function lineBefore(
  target: string,
  file: File,
  source: Exclude<UploadSource, { kind: 'file' | 'stdin' }>,
): Promise<string> {
  if (source.kind === 'shell') return `${source.line(target)}\n`;
  if (source.kind === 'url') return `curl -fsSL ${quoted(withoutPassword(source.url))} -o ${target}\n`;
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
