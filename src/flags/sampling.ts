import { usageError } from '../errors.ts';
import type { Flag } from './flag.ts';
import { assignment, choice, integer, number, type ReadValue, text } from './values.ts';

/** The flags that say how a model chooses its words, and how the API treats the request, read. */
export interface SamplingFlags {
  readonly topP?: number;
  readonly stop?: readonly string[];
  readonly seed?: number;
  readonly frequencyPenalty?: number;
  readonly presencePenalty?: number;
  /** Token ids and what is added to their logits, from -100 to 100. */
  readonly logitBias?: readonly (readonly [string, number])[];
  readonly verbosity?: 'low' | 'medium' | 'high';
  readonly serviceTier?: 'auto' | 'default' | 'flex' | 'scale' | 'priority' | 'fast';
  /** Text or `@file`. */
  readonly prediction?: string;
  readonly promptCacheKey?: string;
  readonly store?: boolean;
  readonly metadata?: readonly (readonly [string, string])[];
}

const tokenBias: ReadValue<readonly [string, number]> = (value, flag) => {
  const [, token = '', bias = ''] = /^(\d+)=(.+)$/s.exec(value) ?? [];
  if (token === '') throw usageError(`${flag} ${value} is not TOKEN=BIAS, such as 1734=-100`);
  return [token, integer(-100, 100)(bias, `${flag} ${token}`)];
};

/** Ranges: the API's reference, `/chat/completions`. */
export const samplingFlags: readonly Flag[] = [
  { flags: '--top-p <number>', help: 'only from the likeliest words: from 0 to 1', read: number(0, 1) },
  { flags: '--stop <text>', help: 'end before this text; repeatable', read: text, repeatable: true },
  {
    flags: '--seed <n>',
    help: 'the same answer again, as far as the server can',
    read: integer(Number.MIN_SAFE_INTEGER),
  },
  {
    flags: '--frequency-penalty <number>',
    help: 'against words that came often: from -2 to 2',
    read: number(-2, 2),
  },
  {
    flags: '--presence-penalty <number>',
    help: 'against words that came at all: from -2 to 2',
    read: number(-2, 2),
  },
  {
    flags: '--logit-bias <token=bias>',
    help: 'make a token likelier or rarer: its number, and -100 to 100; repeatable',
    read: tokenBias,
    repeatable: true,
  },
  {
    flags: '--verbosity <level>',
    help: 'how much is said: low, medium or high',
    read: choice('low', 'medium', 'high'),
  },
  {
    flags: '--service-tier <tier>',
    help: 'auto, default, flex, scale, priority or fast',
    read: choice('auto', 'default', 'flex', 'scale', 'priority', 'fast'),
  },
  {
    flags: '--prediction <text>',
    help: 'what the answer will mostly be, to be quicker; or @file',
    read: text,
  },
  { flags: '--prompt-cache-key <key>', help: 'requests of one key share a cache', read: text },
  { flags: '--store', help: 'let the API keep the answer: `oai stored` lists them' },
  {
    flags: '--metadata <name=value>',
    help: 'what to find a stored answer by; repeatable',
    read: assignment,
    repeatable: true,
  },
];
