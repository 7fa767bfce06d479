import type { TapedAnswerBody } from './exchange.ts';
import type { NewFile } from './folder.ts';
import { EventSplitter } from './taped-events.ts';

/** The bytes of a body that are a file of their own, and what its name is to end with: `.png`. */
export interface BodyFile {
  readonly part: NewFile;
  readonly extension: string;
}

/** Takes down the pieces of a body. */
export interface BodyTaker {
  /** @param ms when it came, after the request */
  take(piece: Uint8Array, ms: number): void;
  finish(ms: number): { readonly fields: TapedAnswerBody; readonly file?: BodyFile };
  drop(): void;
}

/** Begins a file for a body. @throws a system error */
type BeginFile = () => NewFile;

const EVENTS = /^text\/event-stream\b/i;
const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\b/i;
const TEXT = /^(?:text\/|application\/(?:x-ndjson|jsonl|x-subrip))/i;

/** Takes a body down as what its type says it is: JSON, events, text, or bytes. @throws a system error */
export function bodyTaker(headers: Headers, beginFile: BeginFile): BodyTaker {
  const type = headers.get('content-type') ?? '';
  if (EVENTS.test(type)) return new EventsTaker();
  if (JSON_TYPE.test(type)) return new TextTaker(jsonOrText, beginFile);
  return TEXT.test(type) ? new TextTaker((text) => ({ text }), beginFile) : new FileTaker(beginFile, type);
}

class EventsTaker implements BodyTaker {
  readonly #splitter = new EventSplitter();

  take(piece: Uint8Array, ms: number): void {
    this.#splitter.take(piece, ms);
  }

  finish(ms: number) {
    this.#splitter.end(ms);
    return { fields: { events: this.#splitter.events } };
  }

  drop(): void {}
}

/** A body that is a text, all together; what turns out to be no text is a file. */
class TextTaker implements BodyTaker {
  readonly #read: (text: string) => TapedAnswerBody;
  readonly #beginFile: BeginFile;
  readonly #pieces: Uint8Array[] = [];

  constructor(read: (text: string) => TapedAnswerBody, beginFile: BeginFile) {
    this.#read = read;
    this.#beginFile = beginFile;
  }

  take(piece: Uint8Array): void {
    this.#pieces.push(piece);
  }

  finish() {
    const bytes = Buffer.concat(this.#pieces);
    const text = bytes.toString();
    // Not every body is what its type says.
    if (Buffer.from(text).equals(bytes)) return { fields: bytes.length === 0 ? {} : this.#read(text) };
    const file = new FileTaker(this.#beginFile, '');
    file.take(bytes);
    return file.finish();
  }

  drop(): void {}
}

function jsonOrText(text: string): TapedAnswerBody {
  try {
    return { json: JSON.parse(text) };
  } catch {
    return { text };
  }
}

/** A body that is written down as it comes. */
class FileTaker implements BodyTaker {
  readonly #part: NewFile;
  readonly #extension: string;

  constructor(beginFile: BeginFile, type: string) {
    this.#part = beginFile();
    this.#extension = extensionOf(type);
  }

  take(piece: Uint8Array): void {
    this.#part.write(piece);
  }

  finish() {
    return { fields: {}, file: { part: this.#part, extension: this.#extension } };
  }

  drop(): void {
    this.#part.drop();
  }
}

const EXTENSIONS: Readonly<Record<string, string>> = {
  'audio/aac': '.aac',
  'audio/flac': '.flac',
  'audio/mpeg': '.mp3',
  'audio/ogg': '.ogg',
  'audio/opus': '.opus',
  'audio/wav': '.wav',
  'image/gif': '.gif',
  'image/jpeg': '.jpg',
  'image/png': '.png',
  'image/webp': '.webp',
  'application/pdf': '.pdf',
};

/** What the name of a body's file may end with. */
export const BODY_EXTENSIONS: readonly string[] = [...Object.values(EXTENSIONS), '.bin'];

function extensionOf(type: string): string {
  return EXTENSIONS[type.split(';')[0]?.trim().toLowerCase() ?? ''] ?? '.bin';
}
