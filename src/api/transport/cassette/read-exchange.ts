import { type Failure, usageError } from '../../../errors.ts';
import { isObject, type JsonObject } from '../../../json.ts';
import { ANSWER_BODIES, type Exchange, REQUEST_BODIES, VERSION } from './exchange.ts';

/**
 * Reads the text of a file, which somebody may have written by hand.
 * @param name what errors call the file
 * @throws Failure (usage) that names the file and what is wrong with it
 */
export function readExchange(text: string, name: string): Exchange {
  const fault = (reason: string) => usageError(`${name}: ${reason}`);
  const document = parsed(text, fault);
  if (!isObject(document) || document['oai_cassette'] === undefined) {
    throw fault('it is no file of a cassette: oai_cassette is missing');
  }
  if (document['oai_cassette'] !== VERSION) {
    throw usageError(
      `${name}: oai_cassette is ${JSON.stringify(document['oai_cassette'])}, and this version of oai reads ${VERSION}`,
      'record it anew, or bring oai up to date',
    );
  }
  const problem = problemInRequest(document['request']) ?? problemInAnswer(document['response']);
  if (problem !== undefined) throw fault(problem);
  // Every field that is used has been looked at.
  return document as unknown as Exchange;
}

function parsed(text: string, fault: (reason: string) => Failure): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : '';
    const at = /at position (\d+)/.exec(reason)?.[1];
    const line = at === undefined ? undefined : text.slice(0, Number(at)).split('\n').length;
    throw fault(`it is no JSON${line === undefined ? '' : `, from line ${line} on`}`);
  }
}

function problemInRequest(request: unknown): string | undefined {
  if (!isObject(request)) return 'request is missing';
  if (!isFilled(request['method'])) return 'request.method is missing';
  const { path, url } = request;
  if ((path === undefined) === (url === undefined)) return 'request needs a path, or else a url';
  if (path !== undefined && (typeof path !== 'string' || !path.startsWith('/')))
    return 'request.path is no text that begins with /';
  if (url !== undefined && !(typeof url === 'string' && URL.canParse(url))) return 'request.url is no URL';
  if (!isTextIfAny(request['base_url'])) return 'request.base_url is no text';
  return severalIn(request, REQUEST_BODIES, 'request') ?? problemInForm(request['form']);
}

function problemInForm(form: unknown): string | undefined {
  if (form === undefined) return undefined;
  const isPart = (part: unknown) =>
    isObject(part) &&
    isFilled(part['name']) &&
    (typeof part['value'] === 'string' || isFilled(part['sha256']));
  return Array.isArray(form) && form.every(isPart)
    ? undefined
    : 'request.form is no list of parts with a name and a value or a sha256';
}

function problemInAnswer(response: unknown): string | undefined {
  if (!isObject(response)) return 'response is missing';
  const { status, headers, ms } = response;
  if (status === undefined) return 'response.status is missing';
  if (!Number.isInteger(status) || Number(status) < 200 || Number(status) > 599) {
    return `response.status ${JSON.stringify(status)} is not from 200 to 599`;
  }
  if (headers !== undefined && !areHeaders(headers)) return 'response.headers holds what is no header';
  if (!isTimeIfAny(ms)) return 'response.ms is no time in ms';
  return (
    severalIn(response, ANSWER_BODIES, 'response') ??
    problemInEvents(response['events']) ??
    problemInBody(response)
  );
}

function problemInBody({ text, file }: JsonObject): string | undefined {
  if (!isTextIfAny(text)) return 'response.text is no text';
  if (file === undefined) return undefined;
  // What is elsewhere on this machine is no answer of anybody.
  const isName = typeof file === 'string' && /^[^./\\][^/\\\0]*$/.test(file);
  return isName ? undefined : 'response.file is not the name of a file beside';
}

function problemInEvents(events: unknown): string | undefined {
  if (events === undefined) return undefined;
  if (!Array.isArray(events)) return 'response.events is no list';
  const bad = events.findIndex((event) => !isEvent(event));
  return bad === -1 ? undefined : `response.events[${bad}] has no data and no text, or both`;
}

function isEvent(event: unknown): boolean {
  if (!isObject(event) || !isTimeIfAny(event['ms']) || !isTextIfAny(event['event'])) return false;
  return (event['data'] === undefined) !== (typeof event['text'] !== 'string');
}

function areHeaders(headers: unknown): boolean {
  if (!isObject(headers) || !Object.values(headers).every((value) => typeof value === 'string')) return false;
  try {
    new Headers(Object.entries(headers).map(([name, value]) => [name, String(value)]));
    return true;
  } catch {
    return false;
  }
}

/** What there can be one of. */
function severalIn(place: JsonObject, fields: readonly string[], name: string): string | undefined {
  const found = fields.filter((field) => place[field] !== undefined);
  return found.length > 1 ? `${name} has both ${found.slice(0, 2).join(' and ')}` : undefined;
}

function isFilled(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function isTextIfAny(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}

function isTimeIfAny(value: unknown): boolean {
  return value === undefined || (typeof value === 'number' && value >= 0);
}
