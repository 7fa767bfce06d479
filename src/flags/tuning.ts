import { usageError } from '../errors.ts';
import { isObject, type JsonObject } from '../json.ts';
import type { Flag } from './flag.ts';
import { assignment, choice, integer, number, type ReadValue, text } from './values.ts';

/** A number in a range, or `auto`. */
function auto(read: ReadValue<number>): ReadValue<number | 'auto'> {
  return (value, flag) => (value === 'auto' ? value : read(value, flag));
}

/** A number above 0, up to a most. */
function positive(most: number): ReadValue<number> {
  const read = number(0, most);
  return (value, flag) => {
    const found = read(value, flag);
    if (found > 0) return found;
    throw usageError(`${flag} ${value} is not above 0`);
  };
}

/** Characters of a suffix (OpenAPI, `CreateFineTuningJobRequest`). */
const SUFFIX = 64;

const suffix: ReadValue<string> = (value, flag) => {
  const found = text(value, flag);
  if ([...found].length <= SUFFIX) return found;
  throw usageError(`${flag} has ${[...found].length} characters, and may have ${SUFFIX}`);
};

/** `wandb:PROJECT`, or the whole object as JSON. */
const integration: ReadValue<JsonObject> = (value, flag) => {
  const project = /^wandb:(.+)$/.exec(value)?.[1];
  if (project !== undefined) return { type: 'wandb', wandb: { project } };
  if (value.startsWith('{')) {
    try {
      const found: unknown = JSON.parse(value);
      if (isObject(found)) return found;
    } catch {
      // Said below.
    }
  }
  throw usageError(`${flag} ${value} is neither wandb:PROJECT nor a JSON object`);
};

/** The flags that say how a model is tuned. Ranges: OpenAPI, `FineTuneMethod` and its kin. */
export const tuningFlags: readonly Flag[] = [
  {
    flags: '-m, --model <name>',
    help: 'the model to tune; one that was tuned before is tuned further',
    read: text,
  },
  { flags: '--validation <file>', help: 'examples to measure by: a file, or the id of one', read: text },
  {
    flags: '--method <method>',
    help: 'supervised (the default), dpo or reinforcement',
    read: choice('supervised', 'dpo', 'reinforcement'),
  },
  {
    flags: '--epochs <n>',
    help: 'how often all examples are learnt: 1 to 50, or auto',
    read: auto(integer(1, 50)),
  },
  {
    flags: '--batch-size <n>',
    help: 'examples that are learnt at once: 1 to 256, or auto',
    read: auto(integer(1, 256)),
  },
  {
    flags: '--learning-rate-multiplier <x>',
    help: 'how much is learnt of each: above 0, or auto',
    read: auto(positive(Number.MAX_VALUE)),
  },
  {
    flags: '--beta <x>',
    help: 'dpo: how near it stays to the model: above 0, up to 2, or auto',
    read: auto(positive(2)),
  },
  { flags: '--grader <file>', help: 'reinforcement: what judges answers, as JSON', read: text },
  { flags: '--seed <n>', help: 'the same seed and data learn the same', read: integer(0, 2_147_483_647) },
  { flags: '--suffix <text>', help: 'goes into the name of the model; 64 characters', read: suffix },
  {
    flags: '--metadata <name=value>',
    help: 'a label; repeatable. list: only jobs with it',
    read: assignment,
    repeatable: true,
  },
  {
    flags: '--integration <what>',
    help: 'report to Weights & Biases: wandb:PROJECT, or JSON; repeatable',
    read: integration,
    repeatable: true,
  },
];
