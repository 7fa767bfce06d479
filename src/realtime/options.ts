import { extname } from 'node:path';
import { usageError } from '../errors.ts';
import type { GlobalOptions } from '../flags/global.ts';
import type { MemoryFlags } from '../flags/memory.ts';
import type { ToolFields } from '../flags/tools.ts';
import { type LiveFormat, liveFormats } from '../speech/live-sound.ts';
import type { TurnDetection } from './session-fields.ts';

/** The flags of `oai realtime`, read. */
export interface RealtimeOptions extends GlobalOptions, ToolFields, MemoryFlags {
  readonly model?: string;
  readonly instructions?: string;
  readonly voice?: string;
  readonly maxTokens?: number;
  readonly turnDetection?: TurnDetection;
  /** A file, or `-`. */
  readonly in?: string;
  readonly output?: string;
  readonly format?: LiveFormat;
  readonly force?: boolean;
  /** A file, or `-`. */
  readonly transcribe?: string;
  readonly language?: readonly string[];
  /** Hz */
  readonly rate?: number;
  /** Ms. */
  readonly expiresAfter?: number;
}

type Options = RealtimeOptions & { readonly words: readonly string[] };

/** The rates at which sound is recorded, in Hz: from that of telephones on, with room. */
export const RATES = { lowest: 4000, highest: 384_000 } as const;

/** What is to be done. */
export type Doing = 'talk' | 'turn' | 'transcribe' | 'client-secret';

const OF_SECRETS = 'client-secret';

/** Flags that mean something to some of them alone, as they are typed. */
const FLAGS: Readonly<Record<string, { readonly flag: string; readonly of: readonly Doing[] }>> = {
  transcribe: { flag: '--transcribe', of: ['transcribe'] },
  language: { flag: '--language', of: ['transcribe', OF_SECRETS] },
  in: { flag: '--in', of: ['turn'] },
  output: { flag: '-o', of: ['turn'] },
  format: { flag: '-f', of: ['turn'] },
  force: { flag: '--force', of: ['turn'] },
  instructions: { flag: '--instructions', of: ['talk', 'turn', OF_SECRETS] },
  voice: { flag: '--voice', of: ['turn', OF_SECRETS] },
  maxTokens: { flag: '--max-tokens', of: ['talk', 'turn', OF_SECRETS] },
  tool: { flag: '--tool', of: ['talk', 'turn'] },
  tools: { flag: '--tools', of: ['talk', 'turn'] },
  expiresAfter: { flag: '--expires-after', of: [OF_SECRETS] },
};

const HINTS: Readonly<Record<string, string>> = {
  voice: 'answers are written; -o reply.wav has one spoken',
  output: 'one answer is saved: give a prompt, or --in question.wav',
};

/** What the flags and words ask for. @throws Failure (usage) on flags that mean nothing to it, or contradict each other */
export function doingOf(options: Options): Doing {
  const doing = chosen(options);
  for (const [name, { flag, of }] of Object.entries(FLAGS)) {
    if (options[name as keyof Options] === undefined || of.includes(doing)) continue;
    throw usageError(`${flag} means nothing ${PLACES[doing]}`, HINTS[name]);
  }
  checkSound(options, doing);
  return doing;
}

const PLACES: Readonly<Record<Doing, string>> = {
  talk: 'in a session that is typed',
  turn: 'to one turn',
  transcribe: 'beside --transcribe',
  'client-secret': 'to client-secret',
};

function chosen({ words, transcribe, ...options }: Options): Doing {
  const [first, second] = words;
  if (first === OF_SECRETS) {
    if (second !== undefined) throw usageError(`${OF_SECRETS} takes no words: ${second}`);
    return OF_SECRETS;
  }
  if (transcribe === undefined) return words.length > 0 || options.in !== undefined ? 'turn' : 'talk';
  if (words.length > 0) {
    throw usageError('--transcribe takes no prompt', 'leave it out; --in has sound answered');
  }
  return 'transcribe';
}

function checkSound(options: Options, doing: Doing): void {
  const { turnDetection, rate, in: sound, voice, output, format, tool, tools } = options;
  if ((tool ?? tools) !== undefined && (turnDetection ?? 'none') !== 'none') {
    throw usageError('--turn-detection does not go with tools', 'without it the sound is one turn');
  }
  const hears = sound !== undefined || doing === 'transcribe';
  const stray = turnDetection !== undefined && doing !== OF_SECRETS ? '--turn-detection' : '--rate';
  if (!hears && ((turnDetection !== undefined && doing !== OF_SECRETS) || rate !== undefined)) {
    throw usageError(`${stray} is for sound that is heard`, '--in FILE or --transcribe FILE has some');
  }
  if (doing !== 'turn' || output !== undefined) return;
  if (voice !== undefined) throw usageError('--voice is for a spoken answer', '-o reply.wav has it spoken');
  if (format !== undefined) throw usageError('-f is for a spoken answer', '-o reply.wav has it spoken');
}

/** The format of a spoken answer. @throws Failure (usage) where flag and name contradict each other, or it is another */
export function soundFormat({ format, output = '' }: RealtimeOptions): LiveFormat {
  const extension = extname(output).slice(1).toLowerCase();
  const named = extension === 'raw' ? 'pcm' : liveFormats.find((known) => known === extension);
  if (format !== undefined && named !== undefined && format !== named) {
    throw usageError(`--format ${format} and -o ${output} contradict each other`);
  }
  if (format === undefined && named === undefined && extension !== '') {
    throw usageError(`-o ${output}: the Realtime API gives ${liveFormats.join(', ')}`);
  }
  return format ?? named ?? 'wav';
}
