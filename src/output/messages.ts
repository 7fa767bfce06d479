import type { Context } from '../context.ts';
import { inertText } from './terminal.ts';

type Speaker = Pick<Context, 'stderr' | 'verbosity' | 'statusLine'> & {
  readonly secrets: ReadonlySet<string>;
};

/** The longest message, in characters: more is some server's page, not a sentence. */
const LONGEST = 2000;

/** A key of fewer characters guards nothing (`none`, `ollama`), and to leave it out would garble every message. */
export const SHORTEST_SECRET = 8;

/** Text in which `[key]` stands in the place of each key. */
export function withoutSecrets(text: string, secrets: ReadonlySet<string>): string {
  let rest = text;
  for (const secret of secrets) {
    if (secret.length >= SHORTEST_SECRET) rest = rest.replaceAll(secret, '[key]');
  }
  return rest;
}

/**
 * Text from anywhere as one safe line for stderr: no keys, no control sequences, no line breaks.
 * A text that holds a key shows `[key]` in its place.
 */
export function messageLine(text: string, secrets: ReadonlySet<string>): string {
  const line = inertText(withoutSecrets(text.replace(/\s*[\r\n]+\s*/g, ' ').trim(), secrets));
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}

/** Two sentences as one; the first may end with a full stop of its own. */
export function joined(first: string, second: string): string {
  return `${first.replace(/[.\s]+$/, '')}; ${second}`;
}

/** One line on stderr that the user should know although the command goes on. Not said with `--quiet`. */
export function warn(context: Speaker, text: string): void {
  if (context.verbosity !== 'quiet') say(context, text);
}

/** One line on stderr for those who asked for `--verbose`. */
export function trace(context: Speaker, text: string): void {
  if (context.verbosity === 'verbose') say(context, text);
}

/**
 * One line on stderr, whatever the verbosity.
 * @param name what stands in front of it
 */
export function say(context: Speaker, text: string, name = 'oai:'): void {
  context.statusLine?.clear();
  context.stderr.write(`${name} ${messageLine(text, context.secrets)}\n`);
}
