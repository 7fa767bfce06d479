import { type Failure, usageError } from '../errors.ts';
import { duration } from '../flags/values.ts';

/** One fault that a text can ask for, as `oai sandbox --help` lists it. */
interface FaultWord {
  readonly form: string;
  readonly help: string;
}

/** `x2` after a word: only the first two requests. Without it, all of them. */
export const faultWords: readonly FaultWord[] = [
  { form: '429x2', help: 'this HTTP status for the first 2 requests; without x2: all' },
  { form: '500-empty', help: 'the status with no body; x2 goes here and with the next four' },
  { form: 'quota', help: '429 insufficient_quota, which no retry mends' },
  { form: 'drop', help: 'the connection is lost before the answer' },
  { form: 'html', help: 'a sign-in page with status 200' },
  { form: 'json-error', help: 'an error object with status 200' },
  { form: 'retry-after=20s', help: 'the wait that a failing status asks for (a bare 429: 1s)' },
  { form: 'delay=50ms', help: 'wait before the answer and before every delta' },
  { form: 'gone=whisper-1', help: 'this model is gone; repeatable' },
  { form: 'cut@5', help: 'a stream ends after 5 deltas, cleanly but unfinished' },
  { form: 'reset@5', help: 'the connection is lost after 5 deltas' },
  { form: 'stall@5', help: 'a stream goes silent after 5 deltas and stays open' },
  { form: 'error@5', help: 'an error event after 5 deltas' },
  { form: 'garbled@5', help: 'an event that is not JSON after 5 deltas' },
  { form: 'plain', help: 'stream is ignored: the answer comes in one piece' },
  { form: 'finish=length', help: 'the finish_reason: length or content_filter' },
  { form: 'refusal', help: 'a refusal in place of an answer' },
  { form: 'empty', help: 'no text at all, no images, no sound' },
  { form: 'deltas=1000', help: 'an answer of this many deltas, whatever was asked' },
  { form: 'urls', help: 'images come as URLs unasked, as from older servers' },
  { form: 'untranslated', help: 'speech comes back in its own language, not in English' },
  { form: 'misread', help: 'the realtime API says one word wrong' },
  { form: 'batch=failed', help: 'a batch fails before it begins: too many tokens are enqueued' },
  { form: 'batch-failed=5', help: 'the first 5 requests of a batch are answered with 500' },
  { form: 'batch-expired=5', help: 'a batch expires before its last 5 requests' },
  { form: 'batch-looks=5', help: 'a batch is in progress for 5 looks at it, not for 1' },
  { form: 'finetune=fail', help: 'fine-tuning jobs fail halfway; =denied: none is begun' },
  { form: 'broken-image=2', help: 'the 2nd image of the run has only half its bytes' },
  { form: 'slow-index=3', help: 'vector stores index what they are given at 3 looks, not one' },
  { form: 'broken-file=2', help: 'the 2nd file that vector stores are given cannot be indexed' },
];

/** What is done to a whole request. */
export type RequestFault =
  | { readonly kind: 'status'; readonly status: number; readonly empty: boolean }
  | { readonly kind: 'quota' | 'drop' | 'html' | 'json-error' };

/** What is done to a stream after so many deltas, or pieces of speech. A shorter stream meets it after its last delta. */
export interface StreamFault {
  readonly kind: 'cut' | 'reset' | 'stall' | 'error' | 'garbled';
  readonly after: number;
}

/** What becomes of batches. */
export interface BatchFaults {
  /** They fail before they begin. */
  readonly fails: boolean;
  /** How many of the first requests fail. */
  readonly failed: number;
  /** How many of the last requests are not reached. */
  readonly expired: number;
  /** How many looks one is in progress for. */
  readonly looks: number;
}

/** The faults of one sandbox. */
export interface Faults {
  /** The fault of the next request; each is spent in the order of the text. */
  takeRequestFault(): RequestFault | undefined;
  readonly gone: ReadonlySet<string>;
  /** Milliseconds. */
  readonly retryAfter: number | undefined;
  /** Milliseconds. */
  readonly delay: number | undefined;
  readonly stream: StreamFault | undefined;
  readonly plain: boolean;
  readonly finish: 'length' | 'content_filter' | undefined;
  readonly say: 'refusal' | 'empty' | undefined;
  readonly deltas: number | undefined;
  readonly urls: boolean;
  readonly untranslated: boolean;
  readonly misread: boolean;
  readonly batch: BatchFaults;
  /** Jobs fail halfway, or the organization may begin none. */
  readonly fineTune: 'fail' | 'denied' | undefined;
  /** Which image is cut in half, counted from 1 over all requests. */
  readonly brokenImage: number | undefined;
  /** Looks. */
  readonly slowIndex: number | undefined;
  /** Which file of vector stores fails, counted from 1 over all requests. */
  readonly brokenFile: number | undefined;
}

interface Draft {
  requests: { fault: RequestFault; left: number }[];
  gone: Set<string>;
  retryAfter?: number;
  delay?: number;
  stream?: StreamFault;
  plain?: boolean;
  finish?: 'length' | 'content_filter';
  say?: 'refusal' | 'empty';
  deltas?: number;
  urls?: boolean;
  untranslated?: boolean;
  misread?: boolean;
  fineTune?: 'fail' | 'denied';
  brokenImage?: number;
  batch: { -readonly [Name in keyof BatchFaults]: BatchFaults[Name] };
  slowIndex?: number;
  brokenFile?: number;
}

function wrongPart(part: string): Failure {
  const known = faultWords.map(({ form }) => form).join(', ');
  return usageError(`OAI_SANDBOX: '${part}' is not a fault of the sandbox`, `It knows ${known}.`);
}

/** Words that decide the same thing, or of which one leaves the other nothing to do. */
const RIVALS: readonly RegExp[] = [
  /^(?:[a-z]+@\d+|plain)$/,
  /^(?:refusal|empty|deltas=.*)$/,
  /^finish=/,
  /^delay=/,
  /^broken-image=/,
  /^batch-failed=/,
  /^batch-expired=/,
  /^batch-looks=/,
  /^finetune=/,
  /^slow-index=/,
  /^broken-file=/,
  /^retry-after=/,
  /^(?:[45]\d\d(?:-empty)?|quota|drop|html|json-error)$/,
];

/** Keeps what a part decides. @throws Failure('usage') when an earlier part decided otherwise */
function decide(decided: Map<RegExp, string>, part: string): void {
  for (const rivals of RIVALS.filter((words) => words.test(part))) {
    const earlier = decided.get(rivals);
    if (earlier !== undefined && earlier !== part) {
      throw usageError(`OAI_SANDBOX: ${earlier} and ${part} cannot both be had`);
    }
    decided.set(rivals, part);
  }
}

function isStreamFault(word: string): word is StreamFault['kind'] {
  return ['cut', 'reset', 'stall', 'error', 'garbled'].includes(word);
}

/** Reads one part into the draft. False when the sandbox knows no such part. */
function readPart(draft: Draft, part: string): boolean {
  const [, word = '', count] = /^(.*?)(?:x([1-9]\d*))?$/.exec(part) ?? [];
  const times = count === undefined ? Number.POSITIVE_INFINITY : Number(count);
  const [, status, empty] = /^([45]\d\d)(-empty)?$/.exec(word) ?? [];
  if (status !== undefined) {
    const fault = { kind: 'status', status: Number(status), empty: empty !== undefined } as const;
    draft.requests.push({ fault, left: times });
    return true;
  }
  if (word === 'quota' || word === 'drop' || word === 'html' || word === 'json-error') {
    draft.requests.push({ fault: { kind: word }, left: times });
    return true;
  }
  const [, kind = '', after] = /^([a-z]+)@(\d+)$/.exec(part) ?? [];
  if (isStreamFault(kind)) {
    draft.stream = { kind, after: Number(after) };
    return true;
  }
  return readSetting(draft, part);
}

function readSetting(draft: Draft, part: string): boolean {
  const [, name, value] = /^([a-z-]+)(?:=(.+))?$/.exec(part) ?? [];
  if (value === undefined) {
    if (name === 'plain') draft.plain = true;
    else if (name === 'urls') draft.urls = true;
    else if (name === 'untranslated') draft.untranslated = true;
    else if (name === 'misread') draft.misread = true;
    else if (name === 'refusal' || name === 'empty') draft.say = name;
    else return false;
    return true;
  }
  if (name === 'finish' && (value === 'length' || value === 'content_filter')) draft.finish = value;
  else if (name === 'finetune' && (value === 'fail' || value === 'denied')) draft.fineTune = value;
  else if (name === 'gone') draft.gone.add(value);
  else if (name === 'delay') draft.delay = duration(value, 'OAI_SANDBOX: delay');
  else if (name === 'retry-after') draft.retryAfter = duration(value, 'OAI_SANDBOX: retry-after');
  else if (name === 'deltas' && /^\d+$/.test(value)) draft.deltas = Number(value);
  else if (name?.startsWith('batch') === true) return readBatchFault(draft, name, value);
  else if (name === 'broken-image' && /^[1-9]\d*$/.test(value)) draft.brokenImage = Number(value);
  else if (name === 'slow-index' && /^[1-9]\d*$/.test(value)) draft.slowIndex = Number(value);
  else if (name === 'broken-file' && /^[1-9]\d*$/.test(value)) draft.brokenFile = Number(value);
  else return false;
  return true;
}

function readBatchFault({ batch }: Draft, name: string, value: string): boolean {
  const count = /^[1-9]\d*$/.test(value) ? Number(value) : undefined;
  if (name === 'batch' && value === 'failed') batch.fails = true;
  else if (name === 'batch-failed' && count !== undefined) batch.failed = count;
  else if (name === 'batch-expired' && count !== undefined) batch.expired = count;
  else if (name === 'batch-looks' && count !== undefined) batch.looks = count;
  else return false;
  return true;
}

/**
 * Reads the text of OAI_SANDBOX: parts of `faultWords` between commas, `fault=` before a part is decoration.
 * @throws Failure('usage') naming the part that is wrong, or two that cannot both be had
 */
export function readFaults(text: string): Faults {
  const batch = { fails: false, failed: 0, expired: 0, looks: 1 };
  const draft: Draft = { requests: [], gone: new Set(), batch };
  const decided = new Map<RegExp, string>();
  for (const piece of text.split(',')) {
    const part = piece.trim().replace(/^fault=/, '');
    if (part === '') continue;
    if (!readPart(draft, part)) throw wrongPart(part);
    decide(decided, part);
  }
  return {
    takeRequestFault: () => {
      const next = draft.requests.find(({ left }) => left > 0);
      if (next === undefined) return undefined;
      next.left -= 1;
      return next.fault;
    },
    gone: draft.gone,
    retryAfter: draft.retryAfter,
    delay: draft.delay,
    stream: draft.stream,
    plain: draft.plain ?? false,
    finish: draft.finish,
    say: draft.say,
    deltas: draft.deltas,
    urls: draft.urls ?? false,
    untranslated: draft.untranslated ?? false,
    misread: draft.misread ?? false,
    batch,
    fineTune: draft.fineTune,
    brokenImage: draft.brokenImage,
    slowIndex: draft.slowIndex,
    brokenFile: draft.brokenFile,
  };
}
