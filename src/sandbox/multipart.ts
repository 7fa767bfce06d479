import { isObject, type JsonObject } from '../json.ts';
import { type Call, unsupportedType } from './call.ts';
import { invalidRequest } from './error-answer.ts';
import { unknownParameter, wrongType } from './request-check.ts';

/** A file of a form. */
export interface UploadedFile {
  /** What errors call it: `image`, or `image[1]` in a list. */
  readonly path: string;
  /** What the client calls it. */
  readonly name: string;
  /** The media type that the client says it has. */
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** What the fields of a form stand for: all of them are sent as texts or files. A field that is not named is a text. */
export interface FormShape {
  readonly numbers: readonly string[];
  readonly booleans: readonly string[];
  readonly files: readonly string[];
  /** Fields of which there may be several, as `name[]`. */
  readonly lists: readonly string[];
  /** Fields that may be objects: `name[field]` for each of theirs, whose meaning is by its own name, or JSON. */
  readonly objects?: readonly string[];
  /** Texts of the user's own, in which even `null` is a word. */
  readonly verbatim: readonly string[];
}

export interface ReadForm {
  readonly fields: JsonObject;
  readonly files: ReadonlyMap<string, readonly UploadedFile[]>;
}

const MULTIPART = /^multipart\/form-data\s*(?:;|$)/i;

/**
 * The body of a request that must be a form.
 * @throws ApiError 400
 */
export async function readForm({ headers, body }: Call, shape: FormShape): Promise<ReadForm> {
  const type = headers.get('content-type') ?? '';
  if (!MULTIPART.test(type)) throw unsupportedType(type, 'multipart/form-data');
  let form: FormData;
  try {
    form = await new Response(body, { headers: { 'content-type': type } }).formData();
  } catch {
    throw invalidRequest('We could not parse the multipart form of your request.', null);
  }
  return fieldsOf(form, shape);
}

async function fieldsOf(form: FormData, shape: FormShape): Promise<ReadForm> {
  const fields = new Map<string, unknown>();
  const files = new Map<string, UploadedFile[]>();
  const kinds = new Map<string, FormKey['kind']>();
  for (const [key, value] of form) {
    const read = readKey(key, shape);
    const { name, kind } = read;
    const earlier = fields.get(name);
    const again =
      kind === 'plain' || (kind === 'field' && isObject(earlier) && Object.hasOwn(earlier, read.field));
    if (kinds.has(name) && (again || kinds.get(name) !== kind)) throw duplicate(name);
    kinds.set(name, kind);
    if (shape.files.includes(name)) {
      const others = files.get(name) ?? [];
      const path = kind === 'list' ? `${name}[${others.length}]` : name;
      files.set(name, [...others, await uploaded(path, value)]);
    } else if (kind === 'list') {
      fields.set(name, [...(Array.isArray(earlier) ? earlier : []), meaning(name, value, shape)]);
    } else if (kind === 'field') {
      const others = isObject(earlier) ? earlier : {};
      fields.set(name, { ...others, [read.field]: meaning(read.field, value, shape) });
    } else fields.set(name, meaning(name, value, shape));
  }
  return { fields: Object.fromEntries(fields), files };
}

type FormKey =
  | { readonly name: string; readonly kind: 'plain' | 'list' }
  | { readonly name: string; readonly kind: 'field'; readonly field: string };

/** What a field of a form is called: `name`, `name[]` or `name[field]`. */
function readKey(key: string, { lists, objects = [] }: FormShape): FormKey {
  const [, name = key, field] = /^([^[]+)\[([^\]]*)\]$/.exec(key) ?? [];
  if (field === undefined) return { name, kind: 'plain' };
  if (field === '' && lists.includes(name)) return { name, kind: 'list' };
  if (field !== '' && objects.includes(name)) return { name, kind: 'field', field };
  throw unknownParameter(key);
}

async function uploaded(path: string, value: string | File): Promise<UploadedFile> {
  if (typeof value === 'string') throw wrongType(path, 'a file', value);
  return { path, name: value.name, type: value.type, bytes: new Uint8Array(await value.arrayBuffer()) };
}

function duplicate(name: string): Error {
  return invalidRequest(
    `Duplicate parameter: '${name}'. You provided multiple values for this parameter, whereas only one is allowed. If you are trying to provide a list of values, use the array syntax instead e.g. '${name}[]=<value>'.`,
    name,
    'duplicate_parameter',
  );
}

/** What a text of a form stands for; it stays a text where it is not what the field takes. */
function meaning(name: string, value: string | Blob, shape: FormShape): unknown {
  // A file in a field that takes none: the checks of the fields say what they think of it.
  if (typeof value !== 'string') return value;
  if (value === 'null' && !shape.verbatim.includes(name)) return null;
  if (shape.objects?.includes(name) === true && value.startsWith('{')) return parsed(value);
  if (shape.booleans.includes(name) && (value === 'true' || value === 'false')) return value === 'true';
  return shape.numbers.includes(name) && /^-?\d+(?:\.\d+)?$/.test(value) ? Number(value) : value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A body without what stands between the parts of a form: every client makes that up anew for each request. */
export function* withoutBoundary(body: Uint8Array, type: string): Generator<Uint8Array> {
  const [, quoted, plain] = /;\s*boundary=(?:"([^"]+)"|([^\s;"]+))/i.exec(type) ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined || !MULTIPART.test(type)) return yield body;
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  let start = 0;
  for (let at = bytes.indexOf(boundary); at !== -1; at = bytes.indexOf(boundary, start)) {
    yield bytes.subarray(start, at);
    start = at + Buffer.byteLength(boundary);
  }
  yield bytes.subarray(start);
  return undefined;
}
