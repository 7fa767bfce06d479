import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { isObject } from '../json.ts';
import { warn } from '../output/messages.ts';
import type { JsonSchema } from './json-schema.ts';
import type { GivenSchema } from './read-schema.ts';
import { toStrict } from './strict.ts';
import { type Validate, validator } from './validator.ts';

/** What is to come of a question. */
export interface Structure {
  readonly name: string;
  readonly description: string | undefined;
  /** As it is sent. */
  readonly schema: JsonSchema;
  readonly strict: boolean;
  readonly validate: Validate;
  /** Undoes what was done to the schema so that the API takes it. */
  unwrap(answer: unknown): unknown;
}

/** What the flags say of a structure. */
export interface StructureFlags {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  /** False after `--no-strict`. */
  readonly strict?: boolean | undefined;
  /** The answer is a list of such values. */
  readonly multi?: boolean | undefined;
}

/**
 * Makes a schema ready to be sent, and says what was changed.
 * @throws Failure (usage) that names what strict mode cannot express
 */
export async function structureFor(
  given: GivenSchema,
  { name, description, strict = true, multi = false }: StructureFlags,
  context: Context,
): Promise<Structure> {
  const whole: JsonSchema = multi ? listOf(given.schema) : given.schema;
  const about = { name: name ?? given.name, description: description ?? given.description };
  if (!strict) {
    const validate = await validator(whole, given.from);
    return { ...about, schema: whole, strict, validate, unwrap: (answer) => answer };
  }
  const { schema, changes, problems, unwrap } = toStrict(whole);
  const [problem] = problems;
  if (problem !== undefined) {
    const others = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
    throw usageError(
      `${given.from}: ${problem}${others}`,
      '--no-strict sends it as it is, without a promise',
    );
  }
  const told = changes.filter((change) => !(multi && change.startsWith('the answer is wrapped')));
  if (told.length > 0) warn(context, `${given.from}, for strict mode: ${told.join('; ')}`);
  return { ...about, schema, strict, validate: await validator(schema, given.from), unwrap };
}

/** A list of such values. References to places in the one lead to the same places in the list. */
function listOf(schema: JsonSchema): JsonSchema {
  const { $defs, definitions, $schema, ...items } = moved(schema);
  return {
    ...($schema !== undefined && { $schema }),
    type: 'array',
    items,
    ...($defs !== undefined && { $defs }),
    ...(definitions !== undefined && { definitions }),
  };
}

function moved<T>(node: T): T {
  if (Array.isArray(node)) return node.map(moved) as T;
  if (!isObject(node)) return node;
  const entries = Object.entries(node).map(([name, value]) => [
    name,
    name === '$ref' && typeof value === 'string' && /^#(?!\/(?:\$defs|definitions)\/)/.test(value)
      ? value.replace('#', '#/items')
      : moved(value),
  ]);
  return Object.fromEntries(entries) as T;
}
