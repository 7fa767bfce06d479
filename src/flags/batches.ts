import type { Flag } from './flag.ts';
import type { GlobalOptions } from './global.ts';
import { lifetime } from './lifetime.ts';
import type { Pair } from './metadata.ts';
import { assignment, duration, integer, text } from './values.ts';

/** The flags of `oai batch`, read. */
export interface BatchOptions extends GlobalOptions {
  readonly wait?: boolean;
  /** Ms between two looks. */
  readonly poll?: number;
  readonly output?: string;
  readonly force?: boolean;
  /** As typed, with or without its `/v1`. */
  readonly endpoint?: string;
  /** False after `--no-lint`. */
  readonly lint?: boolean;
  readonly completionWindow?: string;
  readonly metadata?: readonly Pair[];
  /** Seconds. */
  readonly outputExpiresAfter?: number;
  readonly errors?: boolean;
  readonly failedInput?: boolean;
  /** The requests, as typed. */
  readonly input?: string;
  readonly limit?: number;
  readonly after?: string;
}

export const batchFlags: readonly Flag[] = [
  { flags: '--wait', help: 'create, results: wait until it has ended, and give its results' },
  {
    flags: '-o, --output <file>',
    help: 'create, results: where results go (default: stdout)',
    read: text,
  },
  { flags: '--force', help: 'create, results: replace the file of -o' },
  {
    flags: '--poll <duration>',
    help: 'time between two looks (default: from 2s on, up to 1m)',
    read: duration,
  },
  { flags: '--endpoint <path>', help: 'create: where the requests go (default: as they say)', read: text },
  { flags: '--lint', help: 'create: look at each request before any is sent (the default)' },
  { flags: '--no-lint', help: 'create: send them as they are' },
  {
    flags: '--completion-window <time>',
    help: 'create: within which it is to be done (default: 24h, all that there is)',
    read: text,
  },
  {
    flags: '--metadata <name=value>',
    help: 'create: a label for the list; repeatable, up to 16',
    read: assignment,
    repeatable: true,
  },
  {
    flags: '--output-expires-after <duration>',
    help: 'create: how long the API keeps the results, 1h to 30d (default: 30d)',
    read: lifetime,
  },
  { flags: '--errors', help: 'results: only rows that failed, expired or were cancelled' },
  { flags: '--failed-input', help: 'results: the requests of those, as they were: for another batch' },
  {
    flags: '--input <file>',
    help: 'results: your copy of the requests (default: that of the API)',
    read: text,
  },
  { flags: '--limit <n>', help: 'list: so many at most (default: all)', read: integer(1) },
  { flags: '--after <id>', help: 'list: only what comes after this one', read: text },
];
