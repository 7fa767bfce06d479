import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

/** OpenAI's own description of its API, or undefined where the checkout has none. */
interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly allOf?: Schema[];
  readonly items?: Schema;
  readonly properties?: Record<string, Schema>;
}

interface Operation {
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly $ref?: string; readonly content?: Content }>>;
}

type Content = Readonly<Record<string, { readonly schema: Schema }>>;

const IMAGE_REQUESTS = ['CreateImageRequest', 'CreateImageEditRequest'];
const IMAGE_EVENTS = ['ImageGen', 'ImageEdit'].flatMap((kind) => [
  `${kind}PartialImageEvent`,
  `${kind}CompletedEvent`,
]);

/**
 * What today's API has beyond the document of August 2026, and nothing else (the types of the SDK, openai 7.55.0,
 * `resources/`, images unless it is said): fields that are new, and values that an enumeration lacks.
 */
const NEWER: readonly { schemas: readonly string[]; property: string; also: object }[] = [
  { schemas: IMAGE_REQUESTS, property: 'safety_identifier', also: { type: ['string', 'null'] } },
  { schemas: IMAGE_REQUESTS, property: 'complexity', also: { enum: ['low', 'medium', 'high', null] } },
  {
    schemas: [...IMAGE_REQUESTS, ...IMAGE_EVENTS, 'ImagesResponse'],
    property: 'quality',
    also: { enum: ['xhigh', 'max'] },
  },
  // `FilePurpose` of `resources/files.d.ts`, which `UploadCreateParams` has too.
  { schemas: ['CreateUploadRequest'], property: 'purpose', also: { enum: ['user_data', 'evals'] } },
  {
    schemas: [...IMAGE_EVENTS, 'ImagesResponse'],
    property: 'size',
    also: { type: 'string', pattern: '^[1-9]\\d*x[1-9]\\d*$' },
  },
  // OpenAI's reference of November 2026, `POST /fine_tuning/jobs`: what a job is that was paused.
  { schemas: ['FineTuningJob'], property: 'status', also: { enum: ['pausing', 'paused'] } },
];

const path = process.env['OAI_OPENAPI'] ?? join(import.meta.dirname, '../../../shared/openapi/openapi.json');

function load(): OpenApi | undefined {
  if (existsSync(path)) return withNewer(JSON.parse(readFileSync(path, 'utf8')));
  if (process.env['OAI_REQUIRE_CONTRACT']) throw new Error(`no OpenAPI document at ${path}`);
  return undefined;
}

function withNewer(document: OpenApi): OpenApi {
  for (const { schemas, property, also } of NEWER) {
    for (const name of schemas) {
      const { properties } = document.components.schemas[name] ?? {};
      if (properties === undefined) throw new Error(`OpenAI's document has no ${name} any more`);
      const known = properties[property];
      properties[property] = known === undefined ? also : { anyOf: [known, also] };
    }
  }
  allowAnyRole(document);
  return document;
}

/**
 * The messages of a stored completion are what was asked: the document's own example has `role: user`, where its schema
 * allows what a model answers with and nothing else.
 */
function allowAnyRole({ components: { schemas } }: OpenApi): void {
  const parts = schemas['ChatCompletionMessageList']?.properties?.['data']?.items?.allOf;
  const answered = schemas['ChatCompletionResponseMessage'];
  if (parts === undefined || answered === undefined)
    throw new Error("OpenAI's document has no stored messages");
  const role = { enum: ['system', 'developer', 'user', 'assistant', 'tool', 'function'] };
  parts[0] = { ...answered, properties: { ...answered.properties, role } };
}

export const openapi: OpenApi | undefined = load();

const ROOT = 'openapi.json';
const ajv = new Ajv2020({ strict: false, allErrors: false, validateSchema: false });
addFormats(ajv);
// The document's own formats: seconds since 1970.
ajv.addFormat('unixtime', { type: 'number', validate: Number.isInteger });
if (openapi !== undefined) ajv.addSchema(openapi, ROOT);

const compiled = new Map<string, ValidateFunction>();

function pointer(...steps: readonly string[]): string {
  const escaped = steps.map((step) => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1')));
  return `${ROOT}#/${escaped.join('/')}`;
}

function validator(reference: string, closed: boolean): ValidateFunction {
  const key = `${reference} ${closed}`;
  const known = compiled.get(key);
  if (known !== undefined) return known;
  const validate = ajv.compile({ $ref: reference, ...(closed && { unevaluatedProperties: false }) });
  compiled.set(key, validate);
  return validate;
}

function check(what: string, reference: string, body: unknown, closed = false): void {
  const validate = validator(reference, closed);
  if (validate(body)) return;
  const reasons = ajv.errorsText(validate.errors, { dataVar: 'body', separator: '; ' });
  throw new Error(
    `${what} is not as OpenAI's document says: ${reasons}\n${JSON.stringify(body).slice(0, 2000)}`,
  );
}

/** The path as the document writes it: `/models/{model}` for `/models/gpt-4o`. */
function templateOf(method: string, path: string): string {
  const paths = openapi?.paths ?? {};
  const fits = (template: string) =>
    new RegExp(`^${template.replace(/\{[^}]+\}/g, '[^/]+')}$`).test(path) &&
    paths[template]?.[method.toLowerCase()] !== undefined;
  const found = path in paths ? path : Object.keys(paths).find(fits);
  if (found === undefined) throw new Error(`OpenAI's document has no ${method} ${path}`);
  return found;
}

/**
 * Checks a JSON request body, and that it has no field which the document lacks.
 * @param path below the base URL: `/chat/completions`
 * @throws Error saying where it differs
 */
export function checkRequest(method: string, path: string, body: unknown): void {
  if (openapi === undefined) return;
  const steps = ['paths', templateOf(method, path), method.toLowerCase(), 'requestBody', 'content'];
  check(`the request ${method} ${path}`, pointer(...steps, 'application/json', 'schema'), body, true);
}

/**
 * Checks a form as `checkRequest` checks JSON. `name[]` is a list, `name[field]` a field of an object, a file is a text,
 * and a text stands for a number, a boolean or null where the document has one.
 * @throws Error saying where it differs
 */
export function checkForm(method: string, path: string, form: FormData): void {
  if (openapi === undefined) return;
  const template = templateOf(method, path);
  const type = 'multipart/form-data';
  const schema = openapi.paths[template]?.[method.toLowerCase()]?.requestBody?.content[type]?.schema;
  if (schema === undefined) throw new Error(`OpenAI's document has no form for ${method} ${path}`);
  const { properties = {} } = resolved(schema);
  const body: Record<string, unknown> = {};
  const objects: Record<string, Record<string, unknown>> = {};
  for (const key of new Set(form.keys())) {
    const [, name = key, field] = /^([^[]+)\[([^\]]*)\]$/.exec(key) ?? [];
    const schemaOf = properties[name] ?? {};
    const values = form
      .getAll(key)
      .map((value) => meaning(value, field ? (fieldSchema(schemaOf, field) ?? {}) : schemaOf));
    const object = field ? (objects[name] ?? {}) : undefined;
    const twice = field !== '' && values.length > 1;
    if (twice || (name in body && body[name] !== object)) throw new Error(`the form has ${name} twice`);
    if (field && object !== undefined)
      body[name] = objects[name] = Object.assign(object, { [field]: values[0] });
    else body[name] = field === '' ? values : values[0];
  }
  const steps = ['paths', template, method.toLowerCase(), 'requestBody', 'content', type, 'schema'];
  check(`the form ${method} ${path}`, pointer(...steps), body, true);
}

function meaning(value: string | Blob, schema: Schema): unknown {
  if (typeof value !== 'string') return '';
  const types = typesOf(schema);
  if (value === 'null' && types.includes('null')) return null;
  if (types.includes('string')) return value;
  const isNumber = types.includes('integer') || types.includes('number');
  if (isNumber && value.trim() !== '' && !Number.isNaN(Number(value))) return Number(value);
  return types.includes('boolean') && /^(?:true|false)$/.test(value) ? value === 'true' : value;
}

/** The schema of a field of an object, which may be one of several things. */
function fieldSchema(schema: Schema, field: string): Schema | undefined {
  const { properties, anyOf = [] } = resolved(schema);
  return (
    properties?.[field] ?? anyOf.map((one) => fieldSchema(one, field)).find((found) => found !== undefined)
  );
}

/** The types that a schema allows. */
function typesOf(schema: Schema): string[] {
  const { type, anyOf = [] } = resolved(schema);
  return [...(type === undefined ? [] : [type]), ...anyOf.flatMap(typesOf)];
}

/** A schema of the document, not the reference to it. */
function resolved(schema: Schema): Schema {
  const name = schema.$ref?.replace('#/components/schemas/', '');
  return name === undefined ? schema : resolved(openapi?.components.schemas[name] ?? {});
}

/**
 * Checks a JSON answer: by its operation, or as an error where the status is one.
 * @throws Error saying where it differs
 */
export function checkResponse(method: string, path: string, status: number, body: unknown): void {
  if (openapi === undefined) return;
  const what = `the answer ${status} to ${method} ${path}`;
  if (status >= 400) check(what, pointer('components', 'schemas', 'ErrorResponse'), body);
  else check(what, responsePointer(method, path, status, 'application/json'), body);
}

/**
 * Checks a body against a schema of the document by its name: `RealtimeServerEvent`.
 * @throws Error saying where it differs
 */
export function checkSchema(name: string, body: unknown): void {
  if (openapi !== undefined) check(`a ${name}`, pointer('components', 'schemas', name), body);
}

/**
 * Checks the data of one streamed event; an error event is checked as an error.
 * @throws Error saying where it differs
 */
export function checkStreamEvent(method: string, path: string, event: unknown): void {
  if (openapi === undefined) return;
  const what = `an event of ${method} ${path}`;
  const isError = typeof event === 'object' && event !== null && 'error' in event;
  if (isError) check(what, pointer('components', 'schemas', 'ErrorResponse'), event);
  else check(what, responsePointer(method, path, 200, 'text/event-stream'), event);
}

function responsePointer(method: string, path: string, status: number, type: string): string {
  const template = templateOf(method, path);
  return pointer(
    'paths',
    template,
    method.toLowerCase(),
    'responses',
    String(status),
    'content',
    type,
    'schema',
  );
}
