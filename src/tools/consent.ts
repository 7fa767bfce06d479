import type { Context } from '../context.ts';
import type { Ask } from '../input/ask.ts';
import { say } from '../output/messages.ts';
import { inertText } from '../output/terminal.ts';
import type { GivenArguments } from './arguments.ts';

/** What may be run, and who is asked. */
export interface Permissions {
  /** All: `--yes`. */
  readonly yes: boolean;
  /** Tools that the user's config allows, by name. */
  readonly allow: readonly string[];
  /** The person at the terminal; undefined where there is none. */
  readonly ask: Ask | undefined;
}

/** A call that is to be run. */
export interface AskedFor {
  readonly name: string;
  /** What would be run, as a shell would take it. */
  readonly line: string;
  readonly given: GivenArguments;
  /** What is wrong with other arguments, or undefined. */
  problem(text: string): string | undefined;
}

/** `undefined` says no. */
export type Decision = { readonly edited?: string } | undefined;

/** More of a call's arguments than this is shown only when it is asked for, in characters. */
const SHOWN = 1500;

/** Whether programs may be run: nothing is without the user's word. */
export class Consent {
  readonly #permissions: Permissions;
  readonly #context: Context;
  /** Those of which the person said: always. */
  readonly #always = new Set<string>();

  constructor(permissions: Permissions, context: Context) {
    this.#permissions = permissions;
    this.#context = context;
  }

  /** There is somebody to be asked. */
  get canAsk(): boolean {
    return this.#permissions.ask !== undefined;
  }

  /** Whether a tool runs without a question. */
  isGiven(name: string): boolean {
    const { yes, allow } = this.#permissions;
    return yes || allow.includes(name) || this.#always.has(name);
  }

  /**
   * Asks about a call, where that is still to be asked.
   * @throws Stopped on Ctrl-C
   */
  async forCall(call: AskedFor): Promise<Decision> {
    const { ask } = this.#permissions;
    if (this.isGiven(call.name)) return {};
    if (ask === undefined) return undefined;
    const { name, line, given } = call;
    const text = given.shown;
    say(this.#context, `the model asks for ${name}: ${cut(text)}`);
    say(this.#context, `that would run: ${line}`);
    for (;;) {
      const answer = await this.#pick(ask, call);
      if (answer === 'n') return undefined;
      if (answer === 'e') return { edited: await ask.edit('Arguments:', call.problem, text) };
      if (answer !== 's') {
        if (answer === 'a') this.#always.add(name);
        return {};
      }
      this.#context.stderr.write(`${inertText(text)}\n`);
    }
  }

  #pick(ask: Ask, { name, given: { shown, isJson } }: AskedFor): Promise<string> {
    const choices = {
      y: 'yes',
      n: 'no',
      a: `always: this and every other call of ${name} in this run`,
      ...(isJson && { e: 'edit the arguments first' }),
      ...(shown.length > SHOWN && { s: `show all of it: ${shown.length} characters` }),
    };
    return ask.pick<string>('Run it?', choices);
  }

  /** Asks whether a program may be run with `--schema`. */
  async forSchema(name: string, line: string): Promise<boolean> {
    const { ask } = this.#permissions;
    if (this.isGiven(name)) return true;
    if (ask === undefined) return false;
    say(this.#context, `nothing says what ${name} takes; its program may, when it is run as: ${line}`);
    return (await ask.pick('Run it?', { y: 'yes', n: 'no' })) === 'y';
  }
}

function cut(text: string): string {
  if (text.length <= SHOWN) return text;
  return `${text.slice(0, SHOWN).replace(/[\ud800-\udbff]$/, '')}… (${text.length} characters in all)`;
}
