import type { Flag } from './flag.ts';
import type { ReadValue } from './values.ts';

/** The value of a flag, and the place of that flag among those that make messages. */
export interface PlacedText {
  readonly text: string;
  /** Grows from left to right on the command line. */
  readonly place: number;
}

/** The flags that put messages before the question, read. Each may be given several times. */
export interface MessageFlags {
  /** Text or `@file`. */
  readonly system?: readonly PlacedText[];
  /** Text or `@file`. */
  readonly developer?: readonly PlacedText[];
  /** `role:text` or `role/name:text`; the text may be `@file`. */
  readonly message?: readonly PlacedText[];
  /** A file of messages, or `-`. */
  readonly messages?: readonly PlacedText[];
}

/** The flags that put messages before the question. They count their places, so make them anew for each command. */
export function messageFlags(): readonly Flag[] {
  let place = 0;
  const read: ReadValue<PlacedText> = (text) => ({ text, place: place++ });
  const flag = (flags: string, help: string): Flag => ({ flags, help, read, repeatable: true });
  return [
    flag('-s, --system <text>', 'what the model is to be; @file reads it from a file'),
    flag(
      '--developer <text>',
      'the same from the developer of a program, to models that know the difference',
    ),
    flag(
      '--message <role:text>',
      'a message before the question: user:…, assistant:…, role/name:…; repeatable',
    ),
    flag('--messages <file>', 'messages from a JSON array or JSON Lines; - is stdin'),
  ];
}
