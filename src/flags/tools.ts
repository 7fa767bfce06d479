import { usageError } from '../errors.ts';
import type { Flag } from './flag.ts';
import { byteSize, duration, integer, text } from './values.ts';

/** The flags of tools, read. */
export interface ToolFields {
  /** A file of definitions. */
  readonly tools?: string;
  /** Each `NAME=COMMAND`, as typed. */
  readonly tool?: readonly string[];
  /** Each `FILE` or `NAME=FILE`, as typed. */
  readonly toolSpec?: readonly string[];
  /** Each `ID=TEXT` or `ID=@file`, as typed. */
  readonly toolResult?: readonly string[];
  /** One of the API's words, or a tool's name. */
  readonly toolChoice?: string;
  /** False after `--no-parallel-tools`. */
  readonly parallelTools?: boolean;
  /** How often the model may ask for tools in a row. */
  readonly maxTurns?: number;
  /** Ms for each call. */
  readonly toolTimeout?: number;
  /** Bytes of a tool's output that the model gets. */
  readonly toolLimit?: number;
  /** Every tool may be run. */
  readonly yes?: boolean;
}

/** The names that the API takes for tools (OpenAPI, `FunctionObject`). */
export const TOOL_NAME = /^[a-zA-Z0-9_-]{1,64}$/;

export const DEFAULT_MAX_TURNS = 10;
/** Ms. */
export const DEFAULT_TOOL_TIMEOUT = 60_000;
/** Bytes: some 16,000 tokens of English. */
export const DEFAULT_TOOL_LIMIT = 64 * 1024;
/** Bytes: more than any model reads. */
const MOST_TOOL_LIMIT = 16 * 1024 * 1024;

export const toolFlags: readonly Flag[] = [
  {
    flags: '--tool <name=command>',
    help: 'a tool that a program of yours does: JSON on stdin, its result on stdout; repeatable',
    repeatable: true,
  },
  {
    flags: '--tool-spec <file>',
    help: 'what the tool is for and takes, as JSON; NAME=FILE where there are several; repeatable',
    repeatable: true,
  },
  { flags: '--tools <file>', help: "tools as a JSON list in the API's form; - is stdin", read: text },
  { flags: '--yes', help: 'run tools without asking' },
  {
    flags: '--tool-result <id=text>',
    help: 'the result of a call that was printed; ID=@file reads it from a file; repeatable',
    repeatable: true,
  },
  {
    flags: '--tool-choice <choice>',
    help: 'auto, none, required, or the name of the tool to call first',
    read: text,
  },
  { flags: '--no-parallel-tools', help: 'one call at a time' },
  {
    flags: '--max-turns <n>',
    help: `how often tools may be asked for in a row (default: ${DEFAULT_MAX_TURNS})`,
    read: integer(1, 1000),
  },
  {
    flags: '--tool-timeout <duration>',
    help: 'end a tool that takes longer (default: 60s)',
    read: duration,
  },
  {
    flags: '--tool-limit <size>',
    help: 'as much of what a tool prints as is sent (default: 64k)',
    read: byteSize(MOST_TOOL_LIMIT),
  },
];

/**
 * Whether there are tools.
 * @throws Failure (usage) on flags that mean nothing without any
 */
export function hasTools({ tools, tool, ...rest }: ToolFields): boolean {
  if (tools !== undefined || tool !== undefined) return true;
  const stray = [
    rest.toolSpec !== undefined && '--tool-spec',
    rest.toolChoice !== undefined && '--tool-choice',
    rest.parallelTools === false && '--no-parallel-tools',
    rest.maxTurns !== undefined && '--max-turns',
    rest.toolTimeout !== undefined && '--tool-timeout',
    rest.toolLimit !== undefined && '--tool-limit',
  ].find((flag) => flag !== false);
  if (stray === undefined) return false;
  throw usageError(
    `${stray} is for tools, and there are none`,
    '--tool NAME=COMMAND or --tools FILE brings some',
  );
}

/** @throws Failure (usage) on what means nothing for rows */
export function refuseToolsForRows({
  tools,
  tool,
  toolResult,
  batch,
}: ToolFields & { readonly batch?: boolean }): void {
  if (toolResult !== undefined) {
    throw usageError(
      '--tool-result is for one conversation',
      'rows answer their calls by --tool NAME=COMMAND --yes',
    );
  }
  if (batch === true && (tools !== undefined || tool !== undefined)) {
    throw usageError('--batch does not go with tools: nobody would be there to run them');
  }
}
