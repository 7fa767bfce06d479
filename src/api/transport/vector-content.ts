import { endianness } from 'node:os';
import { isObject } from '../../json.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const PADDING = 0x3d;
const KEY = Buffer.from('embedding');
const BYTES_OF_A_NUMBER = 4;

/**
 * The JSON of an answer of embeddings, whose vectors in base64 come as numbers: 2,048 of them are megabytes of text, which
 * nobody is to read. Where they cannot be told from the rest it is JSON like any other.
 * @throws SyntaxError
 */
export function parseVectors(json: Buffer): unknown {
  return withVectors(json) ?? JSON.parse(textOf(json, 0, json.length));
}

/** A part of the JSON, from one byte to another. */
type Part = readonly [from: number, to: number];

function withVectors(json: Buffer): unknown {
  const texts = longTexts(json);
  const value = JSON.parse(without(json, texts));
  const data = isObject(value) ? value['data'] : undefined;
  const entries = Array.isArray(data)
    ? data.filter((entry) => isObject(entry) && entry['embedding'] === MARK)
    : [];
  const vectors = entries.length === texts.length ? decoded(json, texts) : undefined;
  if (vectors === undefined) return undefined;
  for (const [index, entry] of entries.entries()) entry['embedding'] = vectors[index];
  return value;
}

/** The texts of the fields `embedding`, without their quotes. Those with a backslash in them are no base64. */
function longTexts(json: Buffer): Part[] {
  const found: Part[] = [];
  let backslash = -1;
  for (let open = json.indexOf(QUOTE), value = -1; open !== -1; ) {
    const close = closing(json, open);
    if (close === -1) break;
    if (backslash < open) backslash = indexFrom(json, BACKSLASH, open);
    if (open === value && close > open + 1 && backslash > close) found.push([open + 1, close]);
    value = isKey(json, open + 1, close) ? valueAfter(json, close) : -1;
    open = json.indexOf(QUOTE, close + 1);
  }
  return found;
}

/** Where the value begins whose field has its name before a quote; -1 where that is no name, or at the end. */
function valueAfter(json: Buffer, close: number): number {
  const colon = afterSpace(json, close + 1);
  return json[colon] === COLON ? afterSpace(json, colon + 1) : -1;
}

/** The white space of JSON (RFC 8259). */
const SPACE: readonly (number | undefined)[] = [0x20, 0x0a, 0x0d, 0x09];

function afterSpace(json: Buffer, from: number): number {
  let at = from;
  while (SPACE.includes(json[at])) at += 1;
  return at;
}

/** The end of the bytes where there is none. */
function indexFrom(bytes: Buffer, byte: number, from: number): number {
  const at = bytes.indexOf(byte, from);
  return at === -1 ? bytes.length : at;
}

function isKey(json: Buffer, from: number, to: number): boolean {
  return to - from === KEY.length && json.compare(KEY, 0, KEY.length, from, to) === 0;
}

/** Where the quote is that ends a text; -1: nowhere. */
function closing(json: Buffer, open: number): number {
  let at = json.indexOf(QUOTE, open + 1);
  while (at !== -1 && isEscaped(json, at)) at = json.indexOf(QUOTE, at + 1);
  return at;
}

function isEscaped(json: Buffer, at: number): boolean {
  let backslashes = 0;
  while (json[at - 1 - backslashes] === BACKSLASH) backslashes += 1;
  return backslashes % 2 === 1;
}

/** Stands for a text that was taken out. */
const MARK = '#';

function without(json: Buffer, parts: readonly Part[]): string {
  let from = 0;
  const rest = parts.map(([start, end]) => {
    const before = textOf(json, from, start);
    from = end;
    return before;
  });
  return [...rest, textOf(json, from, json.length)].join(MARK);
}

function textOf(json: Buffer, from: number, to: number): string {
  const text = json.toString('utf8', from, to);
  return from === 0 && text.startsWith('\ufeff') ? text.slice(1) : text;
}

/** All in one piece of memory. @returns undefined where one of them is no base64 of numbers */
function decoded(json: Buffer, texts: readonly Part[]): Float32Array[] | undefined {
  const sizes = texts.map((text) => sizeOf(json, text));
  if (sizes.some((size) => size === 0 || size % BYTES_OF_A_NUMBER !== 0)) return undefined;
  const all = Buffer.from(new ArrayBuffer(sizes.reduce((sum, size) => sum + size, 0)));
  let at = 0;
  const vectors: Float32Array[] = [];
  for (const [index, [from, to]] of texts.entries()) {
    const size = sizes[index] ?? 0;
    if (all.write(json.toString('latin1', from, to), at, size, 'base64') !== size) return undefined;
    vectors.push(new Float32Array(all.buffer, at, size / BYTES_OF_A_NUMBER));
    at += size;
  }
  if (endianness() === 'BE') all.swap32();
  return vectors;
}

/** Bytes that a text in base64 stands for. */
function sizeOf(json: Buffer, [from, to]: Part): number {
  let end = to;
  while (end > from && json[end - 1] === PADDING) end -= 1;
  return Math.floor(((end - from) * 3) / 4);
}
