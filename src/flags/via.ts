import type { Flag } from './flag.ts';
import { choice } from './values.ts';

/** The endpoints by which a chat can be held. */
export type Via = 'completions' | 'responses';

/** The flag that says by which endpoint a chat is held, read. */
export interface ViaFlags {
  readonly via?: Via;
}

export const viaFlags: readonly Flag[] = [
  {
    flags: '--via <route>',
    help: 'the endpoint: completions (the default), or responses, by which every model takes tools',
    read: choice('completions', 'responses'),
  },
];
