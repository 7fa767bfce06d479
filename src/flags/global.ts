import type { Flag } from './flag.ts';
import { duration, integer, text } from './values.ts';

/** The flags that every command knows, read. Times in milliseconds. */
export interface GlobalOptions {
  readonly json?: boolean | undefined;
  readonly quiet?: boolean | undefined;
  readonly verbose?: boolean | undefined;
  /** False after `--no-color`. */
  readonly color?: boolean | undefined;
  readonly profile?: string | undefined;
  readonly baseUrl?: string | undefined;
  readonly timeout?: number | undefined;
  readonly stallTimeout?: number | undefined;
  readonly retries?: number | undefined;
  /** False after `--no-stdin`. */
  readonly stdin?: boolean | undefined;
  /** Each `Name: value` or `@file`, as typed. */
  readonly header?: readonly string[] | undefined;
  /** Each `name=value`, as typed. */
  readonly param?: readonly string[] | undefined;
  readonly dryRun?: boolean | undefined;
  readonly sandbox?: boolean | undefined;
  /** The folder of a cassette, as typed. */
  readonly record?: string | undefined;
  readonly replay?: string | undefined;
  readonly replayTiming?: boolean | undefined;
  /** False after `--no-cache`. */
  readonly cache?: boolean | undefined;
  readonly cacheTtl?: number | undefined;
}

export const globalFlags: readonly Flag[] = [
  { flags: '--json', help: "print the API's own answer as one JSON document; errors too, on stderr" },
  { flags: '-q, --quiet', help: 'no warnings, notices or progress' },
  { flags: '--verbose', help: 'say what is sent where and how long it took, and show stack traces' },
  { flags: '--no-color', help: 'no colour (also: NO_COLOR=1)' },
  {
    flags: '-P, --profile <name>',
    help: 'settings to use: URL, key and models (`oai config profiles` lists them)',
  },
  { flags: '--base-url <url>', help: 'send requests there instead' },
  {
    flags: '--timeout <duration>',
    help: 'give up after this long in all, e.g. 30s (default: 10m)',
    read: duration,
  },
  {
    flags: '--stall-timeout <duration>',
    help: 'give up when a stream is silent this long (default: 60s once it has begun)',
    read: duration,
  },
  { flags: '--retries <n>', help: 'tries after a failed first one (default: 3)', read: integer(0, 100) },
  { flags: '--no-stdin', help: 'never read stdin' },
  { flags: '--header <header>', help: "add a header, 'Name: value' or @file; repeatable", repeatable: true },
  {
    flags: '--param <name=value>',
    help: 'set any other field of the request; dotted names nest; repeatable',
    repeatable: true,
  },
  { flags: '--dry-run', help: 'print the request as a curl command and send nothing' },
  { flags: '--sandbox', help: 'try it: no key, no network, canned but real answers' },
  { flags: '--record <dir>', help: 'keep each request with its answer in there, a file each', read: text },
  { flags: '--replay <dir>', help: 'answer from there: no key, no network', read: text },
  { flags: '--replay-timing', help: 'answer as slowly as it was recorded' },
  { flags: '--cache', help: 'what was asked before is answered as before, for nothing' },
  { flags: '--no-cache', help: 'ask anew where the settings say `cache`' },
  { flags: '--cache-ttl <duration>', help: 'how old such an answer may be (default: 7d)', read: duration },
];
