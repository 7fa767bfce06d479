import type { Flag } from './flag.ts';
import { choice, integer, number, text } from './values.ts';

/** The flags of a response that are its own, read. */
export interface ResponseFlags {
  readonly model?: string;
  /** Text or `@file`. */
  readonly instructions?: string;
  readonly temperature?: number;
  /** Tokens, reasoning included. */
  readonly maxTokens?: number;
  readonly reasoningEffort?: 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max';
  readonly reasoningSummary?: 'auto' | 'concise' | 'detailed';
  /** The id of a response. */
  readonly previous?: string;
  /** The id of a conversation that the API keeps. */
  readonly apiConversation?: string;
  readonly background?: boolean;
  readonly truncation?: 'auto' | 'disabled';
  readonly include?: readonly string[];
  /** False after `--no-store`. */
  readonly store?: boolean;
  /** Where files that tools make are saved. */
  readonly output?: string;
}

/** The flags of a response that are its own. The fewest tokens: the API's reference, `max_output_tokens`. */
export const responseFlags = (defaultModel: string): readonly Flag[] => [
  { flags: '-m, --model <name>', help: `the model (default: ${defaultModel})`, read: text },
  { flags: '-s, --instructions <text>', help: 'what the model is to be; @file reads it from a file' },
  { flags: '--previous <id>', help: 'go on with this response', read: text },
  { flags: '--api-conversation <id>', help: 'within this conversation, which the API keeps', read: text },
  { flags: '--background', help: 'do not wait: print the id; `oai response wait ID` waits for it' },
  {
    flags: '--reasoning-effort <effort>',
    help: 'none, minimal, low, medium, high, xhigh or max',
    read: choice('none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'),
  },
  {
    flags: '--reasoning-summary <kind>',
    help: 'what the model thinks, on stderr: auto, concise or detailed',
    read: choice('auto', 'concise', 'detailed'),
  },
  { flags: '-t, --temperature <number>', help: 'from 0 (the likeliest words) to 2', read: number(0, 2) },
  {
    flags: '--max-tokens <n>',
    help: 'the most tokens to answer with, reasoning included',
    read: integer(16),
  },
  {
    flags: '--truncation <how>',
    help: 'auto leaves the oldest out where there is too much; or disabled',
    read: choice('auto', 'disabled'),
  },
  {
    flags: '--include <what>',
    help: 'more of it in --json: web_search_call.action.sources; repeatable',
    read: text,
    repeatable: true,
  },
  { flags: '--no-store', help: 'the API keeps nothing; it cannot be gone on with' },
  {
    flags: '-o, --output <folder>',
    help: 'where files that tools make are saved (default: here)',
    read: text,
  },
];
