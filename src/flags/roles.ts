import type { Flag } from './flag.ts';
import { assignment, text } from './values.ts';

/** The flags that take what is kept in a role, read. */
export interface RoleFlags {
  readonly role?: string;
  /** Values for the places of the role. */
  readonly var?: readonly (readonly [name: string, value: string])[];
}

export const roleFlags: readonly Flag[] = [
  {
    flags: '-r, --role <name>',
    help: 'a kept prompt with its settings: `oai role list`',
    read: text,
    once: true,
  },
  {
    flags: '--var <name=value>',
    help: 'what stands in the role for {{name}}; name=@file reads it; repeatable',
    read: assignment,
    repeatable: true,
  },
];
