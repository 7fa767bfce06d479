import { createContext, Script } from 'node:vm';
import { Failure } from '../errors.ts';
import { isObject } from '../json.ts';

/** How long one pattern may take on one text, in milliseconds; a sound one takes less than one. */
const LONGEST_MS = 1000;

/** What Ajv asks of a regular expression. */
export interface BoundedPattern {
  test(text: string): boolean;
  /** Ajv takes patterns of the same words for the same pattern. */
  toString(): string;
}

/**
 * A regular expression that gives up rather than hang: the text is a model's, and `^(a+)+$` takes longer than anybody
 * waits for 40 letters of it. A virtual machine's time limit is the one way to stop a regular expression of V8; it
 * costs a tenth of a millisecond.
 *
 * It is read by code points (`u`), as JSON Schema asks; a pattern that is none then, as `[\w-\.]` of other languages'
 * schemas, is read the old way.
 * @throws SyntaxError when it is no regular expression in either way
 */
export function boundedPattern(source: string): BoundedPattern {
  const pattern = compiled(source);
  return {
    toString: () => String(pattern),
    test(text) {
      try {
        return matches(pattern, text);
      } catch (error) {
        if (!isTimeout(error)) throw error;
        const message = `the schema's pattern ${source} took more than ${LONGEST_MS / 1000} s on one text`;
        throw new Failure('incomplete', message, {
          hint: 'a pattern with one repetition inside another, such as (a+)+, takes forever: write it without',
          cause: error,
        });
      }
    },
  };
}

function compiled(source: string): RegExp {
  try {
    return new RegExp(source, 'u');
  } catch {
    return new RegExp(source);
  }
}

const script = new Script('pattern.test(text)');
const sandbox = createContext({});

function matches(pattern: RegExp, text: string): boolean {
  Object.assign(sandbox, { pattern, text });
  return script.runInContext(sandbox, { timeout: LONGEST_MS }) === true;
}

function isTimeout(error: unknown): boolean {
  // Not `instanceof Error`: the error comes from the machine's own world.
  return isObject(error) && error['code'] === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
}
