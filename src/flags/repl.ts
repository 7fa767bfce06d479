import type { Flag } from './flag.ts';

/** The flag that opens a session, read. */
export interface ReplFlags {
  readonly interactive?: boolean;
}

export const replFlags: readonly Flag[] = [
  {
    flags: '-i, --interactive',
    help: 'talk: line by line; what is given already is the first question',
  },
];
