import { openAsBlob } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { UploadSource, Uploads } from '../api/uploads.ts';
import type { Context } from '../context.ts';
import { reasonOf, usageError } from '../errors.ts';
import { audioTypes, readAudioInfo, START_BYTES } from '../input/audio-kind.ts';
import { fileBytes, fileSize, isStdinPath } from '../input/file.ts';
import { imageTypes, readImageInfo } from '../input/image-kind.ts';
import { readJson } from '../input/json-text.ts';
import { readParams, withParams } from '../input/params.ts';
import { readStdin } from '../input/stdin.ts';
import { decodeUtf8, textValue } from '../input/text.ts';
import { isObject, type JsonObject } from '../json.ts';
import type { BodyKind } from './operations.ts';

/** What the flags say of a body. */
export interface BodyFlags {
  /** Each `name=value`, or `name=@file`. */
  readonly field?: readonly string[];
  /** JSON, `@file`, or `-`. */
  readonly data?: string;
  /** Each `name=value`, read as JSON. */
  readonly param?: readonly string[] | undefined;
}

/** A body that is ready to be sent. */
export type Body =
  | { readonly kind: 'none' }
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'form'; readonly form: FormData };

/**
 * Makes the body that the flags ask for: JSON or a form, as the operation takes it; what is not known is a form where it
 * carries files.
 * @param taken undefined where the operation is not known
 * @throws Failure (usage) on JSON that is none, with line and column; on a file that cannot be read
 */
export async function bodyOf(
  { field = [], data, param = [] }: BodyFlags,
  taken: BodyKind | undefined,
  uploads: Uploads,
  context: Context,
): Promise<Body> {
  const files = field.filter((text) => /^[^=]+=@(?!@)/.test(text));
  const isForm = taken === 'form' || (files.length > 0 && taken !== 'json');
  const plain = field.filter((text) => isForm === false || !files.includes(text));
  const typed = isForm ? plain : await Promise.all(plain.map((text) => withFile(text, context)));
  const fields = withParams(readParams(typed.map(unescaped)), readParams(param));
  if (!isForm) {
    const given = data === undefined ? undefined : await dataOf(data, context);
    if (given === undefined && Object.keys(fields).length === 0) return { kind: 'none' };
    if (Object.keys(fields).length === 0) return { kind: 'json', value: given };
    if (given !== undefined && !isObject(given))
      throw usageError('-d is no object, and -F sets a field of one');
    return { kind: 'json', value: withParams(given ?? {}, fields) };
  }
  if (data !== undefined)
    throw usageError('-d is JSON, and this is sent as a form', 'give its fields with -F');
  const form = new FormData();
  for (const [name, value] of flattened(fields)) form.append(name, value);
  for (const text of files) {
    const equals = text.indexOf('=');
    form.append(text.slice(0, equals), await upload(text.slice(equals + 2), uploads, context));
  }
  return { kind: 'form', form };
}

/** `name=@@x` is the text `@x`. */
function unescaped(text: string): string {
  return text.replace(/^([^=]+)=@@/, '$1=@');
}

/** A field of JSON takes the text of a file. */
async function withFile(text: string, context: Context): Promise<string> {
  const equals = text.indexOf('=');
  if (!/^[^=]+=@(?!@)/.test(text)) return text;
  const name = text.slice(0, equals);
  return `${name}=${JSON.stringify(await textValue(text.slice(equals + 1), `-F ${name}`, context))}`;
}

async function dataOf(data: string, context: Context): Promise<unknown> {
  const isStdin = data === '-' || data === '@-';
  if (isStdin) return readJson(decodeUtf8(await readStdin(context, '-d'), 'stdin'), '-d -');
  const name = data.startsWith('@') ? `-d ${data}` : '-d';
  return readJson(await textValue(data, '-d', context), name);
}

/** The fields of a form: `a[b]` for what is nested, `a[]` for each of a list, as the API's own library writes them. */
function* flattened(fields: JsonObject, prefix = ''): Generator<[string, string]> {
  for (const [name, value] of Object.entries(fields)) {
    const key = prefix === '' ? name : `${prefix}[${name}]`;
    if (Array.isArray(value)) {
      for (const item of value) {
        if (isObject(item)) yield* flattened(item, `${key}[]`);
        else yield [`${key}[]`, textOf(item)];
      }
    } else if (isObject(value)) yield* flattened(value, key);
    else yield [key, textOf(value)];
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The media type of a file by its first bytes: some endpoints refuse what is said to be just bytes. */
async function typeOf(file: Blob): Promise<string> {
  const start = new Uint8Array(await file.slice(0, START_BYTES).arrayBuffer());
  const image = readImageInfo(start);
  if (image !== undefined) return imageTypes[image.kind].mime;
  const sound = readAudioInfo(start);
  if (sound !== undefined) return audioTypes[sound.kind].mime;
  return Buffer.from(start.subarray(0, 5)).toString('latin1') === '%PDF-'
    ? 'application/pdf'
    : 'application/octet-stream';
}

/** A file of a form; one on disk is read as it is sent. @throws Failure (usage) */
async function upload(path: string, uploads: Uploads, context: Context): Promise<File> {
  if (path === '') throw usageError('-F name=@ names no file');
  const type = 'application/octet-stream';
  if (isStdinPath(path)) {
    const bytes = await readStdin(context, '-F');
    return uploads.add(bytes as Uint8Array<ArrayBuffer>, 'stdin', type, { kind: 'stdin' });
  }
  const name = basename(path);
  const source: UploadSource = { kind: 'file', path };
  if ((await fileSize(path, context)) === undefined) {
    // A pipe can be read once.
    const bytes = await fileBytes(path, `-F @${path}`, context);
    return uploads.add(bytes as Uint8Array<ArrayBuffer>, name, type, { kind: 'made' });
  }
  try {
    const file = await openAsBlob(resolve(context.cwd, path));
    return uploads.add(file, name, await typeOf(file), source);
  } catch (error) {
    throw usageError(`cannot read -F @${path}: ${reasonOf(error)}`, undefined, error);
  }
}
