import { isUtf8 } from 'node:buffer';
import { inflateRawSync } from 'node:zlib';
import { DOCUMENT_KINDS, documentKind } from '../input/document-kinds.ts';
import { isPdf, seePdf } from './pdf-text.ts';

/** Why a file of a vector store failed (OpenAPI `VectorStoreFileObject`, `last_error`). */
export interface IndexError {
  readonly code: 'server_error' | 'unsupported_file' | 'invalid_file';
  readonly message: string;
}

/** What OpenAI's guide to file search takes of a file: 5,000,000 tokens, here of four bytes. */
const MOST_BYTES = 20_000_000;

/** The text of a file of a vector store, or why there is none. */
export function passageText(name: string, bytes: Uint8Array): string | IndexError {
  const kind = documentKind(name);
  if (!DOCUMENT_KINDS.includes(kind))
    return { code: 'unsupported_file', message: 'The file type is not supported.' };
  if (bytes.length === 0) return invalid('it is empty');
  const text = textOf(kind, bytes);
  if (text === undefined) return invalid('it is corrupted');
  if (Buffer.byteLength(text) > MOST_BYTES) return invalid('it is too large');
  return text.trim() === '' ? invalid('it is empty') : text;
}

/** Words of the API's own answers. */
function invalid(why: string): IndexError {
  return { code: 'invalid_file', message: `The file could not be parsed because ${why}.` };
}

function textOf(kind: string, bytes: Uint8Array): string | undefined {
  if (kind === '.pdf') return isPdf(bytes) ? seePdf(bytes).text : undefined;
  if (kind === '.docx') return officeText(bytes, /^word\/document\.xml$/);
  if (kind === '.pptx') return officeText(bytes, /^ppt\/slides\/slide\d+\.xml$/);
  // The text of an old Word document stands in it as it is, among much else.
  if (kind === '.doc')
    return Buffer.from(bytes)
      .toString('latin1')
      .match(/[\x20-\x7e]{5,}/g)
      ?.join(' ');
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  return isUtf8(bytes) && !bytes.includes(0) ? new TextDecoder().decode(bytes) : undefined;
}

/** Bytes of the fixed part of an entry in a ZIP file's directory, and of one before its data (APPNOTE 4.3.7, 4.3.12). */
const DIRECTORY_ENTRY = 46;
const LOCAL_ENTRY = 30;

/** The text of the members of a ZIP file whose names fit: what stands between the tags. */
function officeText(bytes: Uint8Array, wanted: RegExp): string | undefined {
  const file = Buffer.from(bytes);
  if (!file.subarray(0, 4).equals(Buffer.from('PK\x03\x04'))) return undefined;
  const texts: string[] = [];
  try {
    const first = file.indexOf('PK\x01\x02', 0, 'latin1');
    for (let at = first; at >= 0 && file.toString('latin1', at, at + 4) === 'PK\x01\x02'; ) {
      const [method, size] = [file.readUInt16LE(at + 10), file.readUInt32LE(at + 20)];
      const nameLength = file.readUInt16LE(at + 28);
      const name = file.toString('utf8', at + DIRECTORY_ENTRY, at + DIRECTORY_ENTRY + nameLength);
      if (wanted.test(name)) texts.push(memberText(file, file.readUInt32LE(at + 42), size, method));
      at += DIRECTORY_ENTRY + nameLength + file.readUInt16LE(at + 30) + file.readUInt16LE(at + 32);
    }
  } catch {
    return undefined;
  }
  return texts.length === 0 ? undefined : texts.join('\n');
}

function memberText(file: Buffer, at: number, size: number, method: number): string {
  const start = at + LOCAL_ENTRY + file.readUInt16LE(at + 26) + file.readUInt16LE(at + 28);
  const data = file.subarray(start, start + size);
  const xml = method === 0 ? data : inflateRawSync(data, { maxOutputLength: MOST_BYTES });
  return xml
    .toString('utf8')
    .replace(/<\/(?:w|a):p>/g, '\n')
    .replace(/<[^>]*>/g, '');
}
