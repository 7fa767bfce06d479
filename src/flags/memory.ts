import { usageError } from '../errors.ts';
import type { Flag } from './flag.ts';
import { integer, text } from './values.ts';

/** The flags that say what of a conversation is remembered, read. */
export interface MemoryFlags {
  /** With the last conversation. */
  readonly continue?: boolean;
  /** A name, an id, or the first digits of one. */
  readonly conversation?: string;
  /** Begin the conversation where it is not there. */
  readonly create?: boolean;
  /** Exchanges. */
  readonly last?: number;
  readonly fork?: boolean;
  readonly add?: boolean;
  /** True after `--history`, false after `--no-history`. */
  readonly history?: boolean;
  readonly usage?: boolean;
}

export const memoryFlags: readonly Flag[] = [
  {
    flags: '-c, --continue',
    help: 'go on with the last conversation; without a prompt: ask again what failed',
  },
  {
    flags: '--conversation <name>',
    help: 'go on with that one: a name, an id or the start of one',
    read: text,
  },
  { flags: '--create', help: 'begin the conversation where there is none of that name' },
  { flags: '--last <n>', help: 'send only the last n exchanges of it', read: integer(1) },
  { flags: '--fork', help: 'go on in a new conversation; the old one stays as it is' },
  { flags: '--add', help: 'put the messages into the conversation and ask nothing; prints its id' },
  { flags: '--history', help: 'keep this exchange (the default at a terminal)' },
  { flags: '--no-history', help: 'do not' },
  { flags: '--usage', help: 'say on stderr what it took: tokens, time and cost' },
];

/** Whether a conversation is to be gone on with, or begun under a name. */
export function namesConversation(flags: MemoryFlags): boolean {
  return flags.continue === true || flags.conversation !== undefined;
}

/** @throws Failure (usage) on flags that mean nothing without others, or contradict each other */
export function checkMemoryFlags(flags: MemoryFlags): void {
  const { conversation, fork, create, add, last, history } = flags;
  if (flags.continue === true && conversation !== undefined) {
    throw usageError(`-c is the last conversation, and there is --conversation ${conversation} beside it`);
  }
  if (conversation?.startsWith('-') === true) {
    throw usageError(
      `--conversation ${conversation} looks like a flag`,
      'a name comes first: --conversation NAME, with no dash at its beginning',
    );
  }
  if (!namesConversation(flags)) {
    const stray = [
      create === true && '--create',
      last !== undefined && '--last',
      fork === true && '--fork',
      add === true && '--add',
    ].find((flag) => flag !== false);
    if (stray !== undefined) {
      throw usageError(`${stray} is for a conversation`, 'add -c for the last one, or --conversation NAME');
    }
  }
  if (history === false && (create === true || fork === true || add === true)) {
    const flag = add === true ? '--add' : fork === true ? '--fork' : '--create';
    throw usageError(`${flag} keeps a conversation, and --no-history forbids it`);
  }
  if (fork === true && create === true) throw usageError('--fork and --create contradict each other');
}

/** The flags of memory mean nothing to rows. @throws Failure (usage) */
export function refuseMemoryForRows(flags: MemoryFlags): void {
  const stray = [
    flags.continue === true && '-c',
    flags.conversation !== undefined && '--conversation',
    flags.create === true && '--create',
    flags.last !== undefined && '--last',
    flags.fork === true && '--fork',
    flags.add === true && '--add',
    flags.history === true && '--history',
    flags.usage === true && '--usage',
  ].find((flag) => flag !== false);
  if (stray !== undefined)
    throw usageError(`${stray} does not go with rows: no row is part of a conversation`);
}
