import type { Command } from 'commander';
import type { Api } from '../api/client.ts';
import type { RawRequest } from '../api/raw.ts';
import { addFlags, type CommandModule } from '../command.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import type { GlobalOptions } from '../flags/global.ts';
import { text } from '../flags/values.ts';
import { isObject } from '../json.ts';
import { writeJson } from '../output/json.ts';
import { warn } from '../output/messages.ts';

export interface ApiOptions extends GlobalOptions {
  /** Each `name=value`, or `name=@file`. */
  readonly field?: readonly string[];
  /** JSON, `@file`, or `-`. */
  readonly data?: string;
  /** Each `name=value`. */
  readonly query?: readonly string[];
  readonly paginate?: boolean;
  readonly stream?: boolean;
  readonly output?: string;
  readonly force?: boolean;
  readonly admin?: boolean;
  readonly showSecrets?: boolean;
}

type Options = ApiOptions & { readonly words: readonly string[] };

function define(command: Command): void {
  command
    .argument('[method]', 'GET, POST, PUT, PATCH or DELETE (default: GET, or POST with a body)')
    .argument('[path]', 'below the base URL: /models');
  addFlags(command, [
    {
      flags: '-F, --field <name=value>',
      help: 'a field of the body, read as JSON where it is JSON; @file is a file; dotted names nest; repeatable',
      repeatable: true,
    },
    { flags: '-d, --data <json>', help: 'the body: JSON, @file, or - for stdin', read: text },
    { flags: '--query <name=value>', help: 'a field of the query; repeatable', repeatable: true },
    { flags: '--paginate', help: 'all pages of a list, each item on a line' },
    { flags: '--stream', help: 'ask for a stream; each event is a line' },
    { flags: '-o, --output <file>', help: 'save the answer', read: text },
    { flags: '--force', help: 'replace a file that exists' },
    { flags: '--admin', help: 'with the key in OPENAI_ADMIN_KEY' },
    { flags: '--show-secrets', help: 'show keys and secrets in the answer' },
  ]);
}

const notes = `
Any endpoint. The answer is printed as it came: JSON, bytes (into a pipe or
-o), or each event of a stream as a line of JSON. Bodies are JSON or a form, as
OpenAI's document says of the operation; a path that it does not name draws a
hint and is sent all the same. Keys and secrets in answers are left out unless
--show-secrets is given.`;

const examples = [
  { line: 'oai api GET /models/gpt-6-luna', note: 'one model' },
  { line: 'oai api /models | jq -r ".data[].id"', note: 'GET is the usual method' },
  { line: 'oai api POST /embeddings -F model=text-embedding-3-small -F input=hi', note: 'a body of JSON' },
  { line: 'oai api POST /files -F purpose=batch -F file=@in.jsonl', note: 'a form with a file' },
  { line: 'oai api POST /chat/completions -d @body.json --stream', note: 'the events of a stream' },
  { line: 'oai api GET /models --paginate', note: 'every item of a list' },
];

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

async function run(options: Options, context: Context): Promise<void> {
  const { method, path, query } = addressOf(options);
  checkFlags(options, method);
  const { findOperation } = await import('../operations/operations.ts');
  const { bodyOf } = await import('../operations/request.ts');
  const { showAnswer, targetOf } = await import('../operations/answer.ts');
  const { sendRaw } = await import('../api/raw.ts');

  const known = findOperation(method.toUpperCase(), path);
  const api = await connected(options, context);
  const body = await bodyOf(options, known.operation?.body, api.uploads, context);
  const showing = {
    output: options.output,
    force: options.force === true,
    showSecrets: options.showSecrets === true,
    subject: path,
  };
  const target = options.dryRun === true ? undefined : await targetOf(showing, context);
  if (isOfAssistants(path) && api.settings.isOpenAI) warn(context, ASSISTANTS_ENDED);
  if (known.operation === undefined) warn(context, known.hint);
  else if (known.operation.isAdmin && options.admin !== true && api.settings.isOpenAI) {
    warn(context, `${path} takes an admin key: --admin sends the one in OPENAI_ADMIN_KEY`);
  }
  const asked = options.stream === true && method === 'get' ? { ...query, stream: 'true' } : query;
  const request = {
    method,
    path,
    query: asked,
    body: sentBody(body, method, options),
    headers: betaHeaders(path),
  };
  if (options.paginate === true) return printPages(request, options, api, context);
  const answer = await sendRaw(api, request, context);
  await showAnswer(answer, target, { ...showing, endsStreams: known.operation?.canStream === true }, context);
}

async function connected(options: ApiOptions, context: Context): Promise<Api> {
  const { connect } = await import('../api/client.ts');
  if (options.admin !== true) return connect(options, context);
  const { loadAdminSettings } = await import('../settings/admin.ts');
  return connect(options, context, { settings: await loadAdminSettings(options, context) });
}

/** The method, the path and its query. @throws Failure (usage) */
function addressOf({
  words,
  field,
  data,
  query = [],
}: Options): Pick<RawRequest, 'method' | 'path' | 'query'> {
  const [first = '', second] = words;
  const hasBody = field !== undefined || data !== undefined;
  const [typed, path] = second === undefined ? [hasBody ? 'post' : 'get', first] : [first, second];
  const isMethodAlone = second === undefined && METHODS.some((known) => known === first.toLowerCase());
  if (path === '' || isMethodAlone) throw usageError('api needs a path', 'oai api GET /models');
  const method = METHODS.find((known) => known === typed.toLowerCase());
  if (method === undefined) {
    throw usageError(`${typed} is no method of HTTP that is used here`, 'GET, POST, PUT, PATCH or DELETE');
  }
  return { method, ...pathAndQuery(path, query) };
}

function pathAndQuery(typed: string, query: readonly string[]): Pick<RawRequest, 'path' | 'query'> {
  if (/^[a-z]+:\/\//i.test(typed)) {
    throw usageError(
      `${typed} is a whole URL: a path is enough`,
      '--base-url says where it goes, as with every command',
    );
  }
  if (typed.startsWith('//'))
    throw usageError(
      `the path ${typed} begins with two slashes`,
      `oai api GET /${typed.replace(/^\/+/, '')}`,
    );
  if (!typed.startsWith('/'))
    throw usageError(
      `the path ${typed} does not begin with a slash`,
      `oai api GET /${typed.replace(/^\/+/, '')}`,
    );
  const [place = '', ...rest] = typed.split('?');
  const elsewhere = place.split('/').find((part) => /^(?:\.|%2e){1,2}$/i.test(part));
  if (elsewhere !== undefined)
    throw usageError(
      `the path ${place} has a part that leads elsewhere: ${elsewhere}`,
      'a path is below the base URL; --base-url says where that is',
    );
  // As it stands in the API's reference; the base URL has it already.
  const path = place.replace(/^\/v1(?=\/)/, '');
  const open = /\{[^}]*\}/.exec(path)?.[0];
  if (open !== undefined)
    throw usageError(`the path has a place to fill in: ${open}`, `oai api GET ${path.replace(open, 'ID')}`);
  if (/[\s#\\]|[^\x21-\x7e]/.test(path))
    throw usageError(`the path ${path} has a character that no path has`, 'write it as %20 and the like');
  const fields: Record<string, string[]> = {};
  for (const [name, value] of [...new URLSearchParams(rest.join('?')), ...query.map(queryField)]) {
    fields[name] = [...(fields[name] ?? []), value];
  }
  const flat = Object.entries(fields).map(
    ([name, values]) => [name, values.length === 1 ? (values[0] ?? '') : values] as const,
  );
  return { path, query: Object.fromEntries(flat) };
}

function queryField(text: string): [string, string] {
  const equals = text.indexOf('=');
  if (equals < 1) throw usageError(`--query ${text} is not of the form name=value`);
  return [text.slice(0, equals), text.slice(equals + 1)];
}

/** @throws Failure (usage) on flags that do not go together */
function checkFlags(options: ApiOptions, method: RawRequest['method']): void {
  const { field, data, paginate, stream, output } = options;
  if ((field ?? data ?? options.param) !== undefined && method === 'get') {
    throw usageError('GET sends no body', '--query name=value puts a field into the query');
  }
  if (paginate === true && method !== 'get')
    throw usageError(`--paginate is for lists, which are got with GET`);
  if (paginate === true && output !== undefined)
    throw usageError('--paginate prints lines', 'oai api … --paginate > items.jsonl');
  if (paginate === true && stream === true)
    throw usageError('--paginate is for lists, and --stream for events');
}

type Body = Awaited<ReturnType<typeof import('../operations/request.ts').bodyOf>>;

function sentBody(body: Body, method: RawRequest['method'], { stream }: ApiOptions): unknown {
  if (body.kind === 'form') {
    if (stream === true) body.form.append('stream', 'true');
    return body.form;
  }
  if (body.kind === 'none' && method === 'get') return undefined;
  const value = body.kind === 'json' ? body.value : undefined;
  return stream === true && (value === undefined || isObject(value)) ? { ...value, stream: true } : value;
}

/** What the API wants to hear from who uses what is not yet, or no more, a part of it (as its own library sends it). */
function betaHeaders(path: string): Record<string, string> {
  if (isOfAssistants(path)) return { 'openai-beta': 'assistants=v2' };
  if (/^\/chatkit\//.test(path)) return { 'openai-beta': 'chatkit_beta=v1' };
  return {};
}

/** OpenAI's page of deprecations. */
const ASSISTANTS_ENDED =
  'OpenAI ended its Assistants API on 2026-08-26: `oai respond` does what it did (docs/responses.md)';

function isOfAssistants(path: string): boolean {
  return /^\/(?:assistants|threads)(?:\/|$)/.test(path);
}

async function printPages(
  request: RawRequest,
  options: ApiOptions,
  api: Api,
  context: Context,
): Promise<void> {
  const { itemsOf } = await import('../operations/pages.ts');
  const { JsonPrinter } = await import('../operations/answer.ts');
  const { sendRaw } = await import('../api/raw.ts');
  const { readJson } = await import('../operations/answer-json.ts');
  const printer = new JsonPrinter(context, options.showSecrets === true);
  const all: unknown[] = [];
  const get = async (more: Readonly<Record<string, string>>): Promise<unknown> => {
    const answer = await sendRaw(api, { ...request, query: { ...request.query, ...more } }, context);
    const read = await answer.text();
    return read === '' ? undefined : readJson(read, 'the page');
  };
  for await (const item of itemsOf(get)) {
    if (options.json === true) all.push(printer.shown(item));
    else await printer.line(item);
  }
  if (options.json === true) await writeJson(context.stdout, { object: 'list', data: all });
}

export const api: CommandModule<ApiOptions> = { define, examples, notes, run };
