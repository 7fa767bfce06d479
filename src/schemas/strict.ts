import { isObject } from '../json.ts';
import { withoutDraft04 } from './draft-04.ts';
import { isTooDeep, type JsonSchema, localPointer, namedTypes, resolved, subschemas } from './json-schema.ts';
import { overLimits } from './strict-limits.ts';
import { StrictRewriter, withoutSingleAllOf } from './strict-node.ts';
import { StrictReport } from './strict-report.ts';

/** A schema as it is sent with `strict: true`. */
export interface StrictSchema {
  readonly schema: JsonSchema;
  /** What is other than in the schema that was given, in short sentences with JSON pointers into that. */
  readonly changes: readonly string[];
  /** What strict mode would refuse and nobody but the schema's writer can mend; none if it may be sent. */
  readonly problems: readonly string[];
  /** What the user asked for, out of an answer: the answer itself, unless the schema had to be wrapped. */
  readonly unwrap: (answer: unknown) => unknown;
}

/**
 * Makes a schema one that strict mode takes, where that does not change its meaning beyond null for what is missing:
 * objects are closed and have all their properties, the root is an object (another is wrapped as its only property).
 * Keywords that say nothing of what is valid are left out. The result of its own result is the same, with no changes.
 *
 * Source: developers.openai.com/api/docs/guides/structured-outputs#supported-schemas
 */
export function toStrict(given: JsonSchema): StrictSchema {
  if (isTooDeep(given)) return { schema: given, changes: [], problems: overLimits(given), unwrap: itself };
  const report = new StrictReport();
  const schema = withPlainRoot(withoutDraft04(given));
  const rewritten = new StrictRewriter(schema, report).schema(schema, '');
  const key = wrapperKey(rewritten);
  if (key !== undefined) {
    report.change(`the answer is wrapped in an object as "${key}", and unwrapped here`, '');
  }
  const strict = key === undefined ? rewritten : wrapped(rewritten, key);
  return {
    schema: strict,
    changes: report.changes,
    problems: [...report.problems, ...overLimits(strict)],
    unwrap: key === undefined ? itself : (answer) => (isObject(answer) ? answer[key] : answer),
  };
}

function itself(answer: unknown): unknown {
  return answer;
}

/** A root that is a reference, as generators write recursive models, is what it refers to. */
function withPlainRoot(schema: JsonSchema): JsonSchema {
  const root = withoutSingleAllOf(schema);
  const target = resolved(root, root);
  if (target === undefined || target === root) return root;
  const { $ref: _, ...beside } = root;
  return { ...target, ...beside };
}

/** The property that a root has to be wrapped in; undefined where it is an object, or a mistake reported elsewhere. */
function wrapperKey(schema: JsonSchema): string | undefined {
  const types = namedTypes(schema);
  const isUnion = schema['anyOf'] !== undefined;
  if (types.length === 0 && !isUnion) return undefined;
  if (types.length === 1 && types[0] === 'object' && !isUnion) return undefined;
  return types.length === 1 && types[0] === 'array' ? 'items' : 'value';
}

/**
 * An object whose one property is the schema. Definitions stay at the root, where references look for them; a schema
 * that refers to itself as `#` becomes a definition too.
 */
function wrapped(schema: JsonSchema, key: string): JsonSchema {
  const { $defs, definitions, ...inner } = schema;
  const defined = isObject($defs) ? $defs : {};
  const document = {
    type: 'object',
    properties: { [key]: inner },
    required: [key],
    additionalProperties: false,
    ...(definitions !== undefined && { definitions }),
  };
  const refersToRoot = [...subschemas(schema)].some(
    (part) => rootReference(schema, part.schema) !== undefined,
  );
  if (!refersToRoot) return { ...document, ...($defs !== undefined && { $defs }) };
  let name = 'root';
  while (Object.hasOwn(defined, name)) name += '_';
  const whole = {
    ...document,
    properties: { [key]: { $ref: `#/$defs/${name}` } },
    $defs: { ...defined, [name]: inner },
  };
  for (const part of [...subschemas(whole)]) {
    const rest = rootReference(schema, part.schema);
    const isNew = part.at === `/properties/${key}`;
    if (rest !== undefined && !isNew) part.schema['$ref'] = `#/$defs/${name}${rest}`;
  }
  return whole;
}

/** What follows the `#` of a reference into the root itself rather than into its definitions. */
function rootReference(root: JsonSchema, { $ref: reference }: JsonSchema): string | undefined {
  if (typeof reference !== 'string' || localPointer(root, reference) === undefined) return undefined;
  return /^#\/(\$defs|definitions)\//.test(reference) ? undefined : reference.slice(1);
}
