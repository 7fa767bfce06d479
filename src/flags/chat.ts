import type { Flag } from './flag.ts';
import type { GlobalOptions } from './global.ts';
import { choice, integer, number, text } from './values.ts';

/** The flags of commands that ask a model that converses, read. */
export interface ChatFields extends GlobalOptions {
  readonly model?: string;
  readonly temperature?: number;
  /** Tokens, reasoning included. */
  readonly maxTokens?: number;
  readonly reasoningEffort?: 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max';
}

export const chatFlags = (defaultModel: string): readonly Flag[] => [
  { flags: '-m, --model <name>', help: `the model (default: ${defaultModel})`, read: text },
  { flags: '-t, --temperature <number>', help: 'from 0 (the likeliest words) to 2', read: number(0, 2) },
  {
    flags: '--max-tokens <n>',
    help: 'the most tokens to answer with, reasoning included',
    read: integer(1),
  },
  {
    flags: '--reasoning-effort <effort>',
    help: 'none, minimal, low, medium, high, xhigh or max',
    read: choice('none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'),
  },
];
