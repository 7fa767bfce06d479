import { cannotDownload, tooLarge } from './download-failure.ts';

/** A file that a URL leads to, or holds. */
export interface Downloaded {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The media type, in lower case and without parameters; empty where none is said. */
  readonly type: string;
}

export function isDataUrl(url: string): boolean {
  return /^\s*data:/i.test(url);
}

const NAME = 'a data: URL';

/**
 * Decodes a `data:` URL (RFC 2397).
 * @param limit the most bytes
 * @throws Failure (network) when it is garbled or holds more
 */
export function readDataUrl(url: string, limit: number): Downloaded {
  const text = url.trim();
  const comma = text.indexOf(',');
  if (comma === -1) throw garbled();
  const [type = '', ...parameters] = text.slice('data:'.length, comma).toLowerCase().split(';');
  const data = percentDecoded(text.slice(comma + 1));
  const bytes = parameters.at(-1)?.trim() === 'base64' ? fromBase64(data) : data;
  if (bytes.length > limit) throw tooLarge(NAME, bytes.length, limit);
  return { bytes: new Uint8Array(bytes), type: type.trim() };
}

function percentDecoded(text: string): Buffer {
  const bytes = Buffer.from(text);
  if (!text.includes('%')) return bytes;
  const decoded = bytes
    .toString('latin1')
    .replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(decoded, 'latin1');
}

/** Base64 of either alphabet; white space counts for nothing. */
function fromBase64(data: Buffer): Buffer {
  const text = data.toString('latin1').replace(/\s+/g, '');
  if (!/^[\w+/-]*={0,2}$/.test(text)) throw garbled();
  return Buffer.from(text, 'base64');
}

function garbled() {
  return cannotDownload(NAME, 'it is garbled');
}
