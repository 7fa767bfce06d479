import { createHash } from 'node:crypto';
import { usageError } from '../../../errors.ts';
import { isObject, type JsonObject } from '../../../json.ts';
import { VERSION } from './exchange.ts';
import { withoutKeys } from './without-keys.ts';

/**
 * One message of a conversation by WebSocket, and when it came or went: ms after its beginning. JSON is there as a value,
 * anything else as a text. `end`: the server ended it.
 */
export interface Frame {
  readonly ms: number;
  readonly client?: unknown;
  readonly server?: unknown;
  readonly text?: string;
  readonly end?: true;
}

/** The first line of a log: the frames are the others, a line each. */
export interface LogHead {
  readonly oai_cassette: typeof VERSION;
  readonly recorded: string;
  /** Below the base URL, with its query. */
  readonly websocket: string;
  readonly base_url: string;
}

/** The end of the names of logs. */
export const LOG_END = '.frames.jsonl';

/** Events after which the names of two conversations differ, if what was said in them does. */
const DECISIVE: readonly string[] = ['response.create', 'input_audio_buffer.commit'];

/** The name of a log: by where it leads and by what the client says up to its first wish, so that the same is named alike. */
export class LogName {
  readonly #hash = createHash('sha256');
  readonly #slug: string;
  #isDecided = false;

  constructor(path: string) {
    this.#hash.update(`${path}\n`);
    this.#slug = path
      .replace(/\?.*$/s, '')
      .replace(/[^A-Za-z0-9_]+/g, '-')
      .replace(/^-|-$/g, '');
  }

  /** @param event as `tapedEvent` gives it */
  add(event: unknown): void {
    if (this.#isDecided) return;
    this.#hash.update(`${JSON.stringify(event)}\n`);
    this.#isDecided = isObject(event) && DECISIVE.includes(String(event['type']));
  }

  /** Without `LOG_END`. To be asked for once. */
  get(): string {
    return `${this.#slug}-${this.#hash.digest('hex').slice(0, 12)}`;
  }
}

/** An event of the client as it is kept and compared: without keys, and of sound a hash and a length. */
export function tapedEvent(text: string, secrets: ReadonlySet<string>): unknown {
  const event: unknown = JSON.parse(text);
  return withoutKeys(isObject(event) ? withoutSound(event) : event, secrets);
}

function withoutSound(event: JsonObject): JsonObject {
  const { audio, ...rest } = event;
  if (typeof audio !== 'string') return event;
  const bytes = Buffer.from(audio, 'base64');
  return { ...rest, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** A log as it was read. */
export interface FrameLog {
  /** The name of its file. */
  readonly file: string;
  readonly path: string;
  readonly frames: readonly Frame[];
  /** What the client said, in its order, each as it is compared: the JSON of `tapedEvent`. */
  readonly said: readonly string[];
}

/** @param file what errors call it @throws Failure (usage) that names the file, and the line that is wrong */
export function readLog(text: string, file: string, shown: string): FrameLog {
  const [head, ...frames] = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line, index) => parsed(line, shown, index + 1));
  if (!isObject(head) || head['oai_cassette'] !== VERSION || typeof head['websocket'] !== 'string') {
    throw usageError(`${shown}: it is no log of a conversation that this version of oai reads`);
  }
  const bad = frames.findIndex((frame) => !isFrame(frame));
  if (bad !== -1) throw usageError(`${shown}: line ${bad + 2} has no client, server, text or end`);
  const said = (frames as Frame[]).flatMap(({ client }) =>
    client === undefined ? [] : [JSON.stringify(client)],
  );
  return { file, path: head['websocket'], frames: frames as Frame[], said };
}

function parsed(line: string, shown: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw usageError(`${shown}: line ${number} is no JSON`, undefined, error);
  }
}

function isFrame(frame: unknown): boolean {
  if (!isObject(frame) || typeof frame['ms'] !== 'number') return false;
  return ['client', 'server', 'text', 'end'].some((field) => frame[field] !== undefined);
}
