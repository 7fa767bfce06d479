import type { ReadValue } from './values.ts';

/** One flag as commander and the reference need it. */
export interface Flag {
  readonly flags: string;
  readonly help: string;
  readonly read?: ReadValue<unknown>;
  /** May be given several times; the values are gathered in a list. */
  readonly repeatable?: boolean;
}
