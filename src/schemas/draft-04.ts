import { type JsonSchema, subschemas } from './json-schema.ts';

/** Each limit with the keyword that, in draft 4, says whether the limit itself is excluded. */
const LIMITS = [
  ['minimum', 'exclusiveMinimum'],
  ['maximum', 'exclusiveMaximum'],
] as const;

/**
 * A copy of a schema in which the two things that draft 4 writes otherwise than all later drafts are written their
 * way: `id` is `$id`, and `exclusiveMinimum: true` beside `minimum: 0` is `exclusiveMinimum: 0`. No later draft gives
 * either form a meaning, so it is done whatever `$schema` says. (json-schema.org/draft-06/json-schema-release-notes)
 */
export function withoutDraft04(schema: JsonSchema): JsonSchema {
  const copy = structuredClone(schema);
  for (const { schema: part } of subschemas(copy)) {
    for (const [limit, exclusive] of LIMITS) {
      if (typeof part[exclusive] !== 'boolean') continue;
      const excluded = part[exclusive];
      delete part[exclusive];
      if (!excluded || typeof part[limit] !== 'number') continue;
      part[exclusive] = part[limit];
      delete part[limit];
    }
  }
  if (typeof copy['id'] === 'string' && copy['$id'] === undefined) {
    copy['$id'] = copy['id'];
    delete copy['id'];
  }
  return copy;
}
