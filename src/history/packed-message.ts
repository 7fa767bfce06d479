import type { ChatMessage } from '../api/completions.ts';
import { isObject, type JsonObject } from '../json.ts';

/** What stands in a kept message in the place of bytes. */
export interface Reference {
  /** SHA-256 of the bytes, in hexadecimal digits. */
  readonly attachment: string;
  /** What stands before the bytes in base64: `data:image/png;base64,`. */
  readonly prefix: string;
}

/** Bytes that a message carries. */
export interface Carried {
  readonly sha256: string;
  readonly name: string | undefined;
  readonly mime: string | undefined;
  readonly bytes: Uint8Array;
}

/** A message as it is kept. */
export interface PackedMessage {
  readonly role: string;
  /** Its words, for people. */
  readonly text: string;
  /** The message, where it is more than a role and its words. */
  readonly json: string | undefined;
  readonly attachments: readonly Carried[];
}

/** Whether a message may carry bytes. */
export function hasParts({ content }: ChatMessage): boolean {
  return Array.isArray(content);
}

/** @param hash SHA-256 in hexadecimal digits @param redact takes out what must not be kept */
export function packMessage(
  message: ChatMessage,
  hash: (bytes: Uint8Array) => string,
  redact: (text: string) => string,
): PackedMessage {
  const attachments: Carried[] = [];
  const packed = packValue(message, (part, base64) => {
    const bytes = Buffer.from(base64.data, 'base64');
    const sha256 = hash(bytes);
    attachments.push({ sha256, bytes, name: base64.name, mime: base64.mime });
    return { attachment: sha256, prefix: part.slice(0, part.length - base64.data.length) };
  });
  // SQLite's own functions, and the package, end a text at a NUL.
  const text = redact(wordsOf(message)).replaceAll('\0', '\u2400');
  const { role, content, ...rest } = message as unknown as JsonObject & ChatMessage;
  const isPlain = typeof content === 'string' && !content.includes('\0') && Object.keys(rest).length === 0;
  return {
    role,
    text,
    json: isPlain ? undefined : redact(JSON.stringify(packed)),
    attachments,
  };
}

/** What takes the place of a reference; undefined where the bytes are gone. */
export type Resolve = (reference: Reference) => string | undefined;

/** A message that is more than a role and its words, as it was. @param json as `packMessage` made it */
export function unpackMessage(json: string, resolve: Resolve): ChatMessage {
  return unpackValue(JSON.parse(json), resolve) as ChatMessage;
}

/** What a message says, for people and for searches: its text, its refusal, its calls, the names of what it carries. */
export function wordsOf(message: ChatMessage): string {
  const { content, refusal, tool_calls: calls } = message as unknown as JsonObject;
  const words = [contentWords(content), typeof refusal === 'string' ? refusal : ''];
  for (const call of Array.isArray(calls) ? calls : []) words.push(callWords(call));
  return words.filter((text) => text !== '').join('\n\n');
}

function contentWords(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .map(partWords)
    .filter((text) => text !== '')
    .join('\n\n');
}

function partWords(part: unknown): string {
  if (!isObject(part)) return '';
  const { type, text, refusal, image_url: image, file } = part;
  if (typeof text === 'string') return text;
  if (typeof refusal === 'string') return refusal;
  if (type === 'image_url') {
    const url = isObject(image) ? image['url'] : undefined;
    return typeof url === 'string' && !url.startsWith('data:') ? `[image ${url}]` : '[image]';
  }
  if (type === 'input_audio') return '[audio]';
  const name = isObject(file) ? (file['filename'] ?? file['file_id']) : undefined;
  return type === 'file' ? `[file${typeof name === 'string' ? ` ${name}` : ''}]` : '';
}

function callWords(call: unknown): string {
  if (!isObject(call)) return '';
  const { function: called, custom } = call;
  if (isObject(called)) return `${called['name']}(${called['arguments']})`;
  return isObject(custom) ? `${custom['name']}(${custom['input']})` : '';
}

/** Bytes in base64, and what is said of them. */
interface Base64 {
  readonly data: string;
  readonly name: string | undefined;
  readonly mime: string | undefined;
}

/** Where the API takes bytes in a message: images, sound and files of a user (its reference, content parts). */
function packValue(message: ChatMessage, keep: (value: string, base64: Base64) => Reference): unknown {
  const { content } = message as unknown as JsonObject;
  if (!Array.isArray(content)) return message;
  return { ...message, content: content.map((part) => (isObject(part) ? packPart(part, keep) : part)) };
}

function packPart(part: JsonObject, keep: (value: string, base64: Base64) => Reference): JsonObject {
  const { image_url: image, input_audio: audio, file } = part;
  const replaced = (field: string, owner: JsonObject, key: string, base64: Base64 | undefined) =>
    base64 === undefined ? part : { ...part, [field]: { ...owner, [key]: keep(String(owner[key]), base64) } };
  if (isObject(image)) return replaced('image_url', image, 'url', dataUrl(image['url'], undefined));
  if (isObject(file))
    return replaced('file', file, 'file_data', dataUrl(file['file_data'], file['filename']));
  if (!isObject(audio) || typeof audio['data'] !== 'string') return part;
  const mime = typeof audio['format'] === 'string' ? `audio/${audio['format']}` : undefined;
  return replaced('input_audio', audio, 'data', canonical({ data: audio['data'], name: undefined, mime }));
}

function dataUrl(url: unknown, name: unknown): Base64 | undefined {
  if (typeof url !== 'string') return undefined;
  const end = url.slice(0, 200).indexOf(';base64,');
  if (!url.startsWith('data:') || end === -1) return undefined;
  const mime = url.slice('data:'.length, end).split(';')[0];
  const data = url.slice(end + ';base64,'.length);
  return canonical({ data, mime, name: typeof name === 'string' ? name : undefined });
}

/** What would come back otherwise than it was (line breaks, no padding) stays where it is. */
function canonical(base64: Base64): Base64 | undefined {
  const isWhole = base64.data !== '' && Buffer.from(base64.data, 'base64').toString('base64') === base64.data;
  return isWhole ? base64 : undefined;
}

/** What stands in the place of bytes that are gone. */
const GONE = { type: 'text', text: '[what was attached here is no longer kept]' };

function unpackValue(message: unknown, resolve: Resolve): unknown {
  if (!isObject(message) || !Array.isArray(message['content'])) return message;
  return { ...message, content: message['content'].map((part) => unpackPart(part, resolve)) };
}

function unpackPart(part: unknown, resolve: Resolve): unknown {
  if (!isObject(part)) return part;
  for (const [field, owner] of Object.entries(part)) {
    if (!isObject(owner)) continue;
    for (const [key, value] of Object.entries(owner)) {
      if (!isReference(value)) continue;
      const found = resolve(value);
      return found === undefined ? GONE : { ...part, [field]: { ...owner, [key]: found } };
    }
  }
  return part;
}

function isReference(value: unknown): value is Reference {
  return (
    isObject(value) &&
    typeof value['prefix'] === 'string' &&
    typeof value['attachment'] === 'string' &&
    /^[0-9a-f]{64}$/.test(value['attachment'])
  );
}
