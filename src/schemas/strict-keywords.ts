/**
 * The keywords that strict mode takes, from OpenAI's guide
 * (developers.openai.com/api/docs/guides/structured-outputs#supported-schemas); `title` is in the schemas that
 * OpenAI's own SDKs make.
 */
export const KEPT: ReadonlySet<string> = new Set([
  '$defs',
  '$ref',
  'additionalProperties',
  'anyOf',
  'const',
  'definitions',
  'description',
  'enum',
  'exclusiveMaximum',
  'exclusiveMinimum',
  'format',
  'items',
  'maxItems',
  'maximum',
  'minItems',
  'minimum',
  'multipleOf',
  'pattern',
  'properties',
  'required',
  'title',
  'type',
]);

/**
 * Keywords that say nothing of what is valid. The API answers some of them with 400 (`'default' is not permitted`,
 * `$ref cannot have keywords {'default'}`), so all are left out.
 */
export const SILENT: ReadonlySet<string> = new Set(['$comment', '$id', '$schema', '$vocabulary']);

/** The same, but somebody may have meant the model to read them, so that it is said. */
export const ANNOTATIONS: ReadonlySet<string> = new Set([
  'contentEncoding',
  'contentMediaType',
  'contentSchema',
  'default',
  'deprecated',
  'discriminator',
  'example',
  'examples',
  'externalDocs',
  'readOnly',
  'writeOnly',
  'xml',
]);

/** The formats of texts that strict mode takes, from the same guide. */
export const FORMATS: ReadonlySet<unknown> = new Set([
  'date',
  'date-time',
  'duration',
  'email',
  'hostname',
  'ipv4',
  'ipv6',
  'time',
  'uuid',
]);

const INTO_BRANCHES = 'write out what each case holds, with anyOf';
const LISTED = 'write a list of objects with a name and a value instead';
const CHECK_AFTER = 'leave it out, or say it in a description';

/** Keywords that strict mode refuses: what to do instead. */
export const REFUSED: ReadonlyMap<string, string> = new Map([
  ['$anchor', 'refer to it by its place, as in #/$defs/name'],
  ['$async', 'leave it out'],
  ['$dynamicAnchor', 'refer to it by its place, as in #/$defs/name'],
  ['$dynamicRef', 'use $ref, as in #/$defs/name'],
  ['$recursiveAnchor', 'leave it out'],
  ['$recursiveRef', 'use $ref: "#"'],
  ['additionalItems', 'use items alone'],
  ['allOf', 'put the properties of all its parts into one object'],
  ['contains', CHECK_AFTER],
  ['dependencies', INTO_BRANCHES],
  ['dependentRequired', INTO_BRANCHES],
  ['dependentSchemas', INTO_BRANCHES],
  ['else', INTO_BRANCHES],
  ['if', INTO_BRANCHES],
  ['maxContains', CHECK_AFTER],
  ['maxLength', 'write a pattern that holds the length as well'],
  ['maxProperties', 'leave it out: all properties are there'],
  ['minContains', CHECK_AFTER],
  ['minLength', 'write a pattern that holds the length as well'],
  ['minProperties', 'leave it out: all properties are there'],
  ['not', 'say what is allowed, with enum or pattern'],
  ['patternProperties', LISTED],
  ['prefixItems', 'use an object with a property for each place'],
  ['propertyNames', LISTED],
  ['then', INTO_BRANCHES],
  ['unevaluatedItems', 'use items'],
  ['unevaluatedProperties', 'use additionalProperties: false'],
  ['uniqueItems', CHECK_AFTER],
]);
