import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { patternText } from '../../src/sandbox/pattern-text.ts';
import { schemaInstance } from '../../src/sandbox/schema-instance.ts';
import { hello, refusalOf } from './ask.ts';

// A schema of another draft, said by $schema, is judged by this one all the same.
const ajv = new Ajv2020({ strict: false, validateSchema: false, logger: false });
addFormats(ajv);

const tree = {
  type: 'object',
  properties: {
    value: { type: 'integer' },
    children: { type: 'array', items: { $ref: '#' } },
    next: { anyOf: [{ $ref: '#' }, { type: 'null' }] },
  },
  required: ['value', 'children', 'next'],
  additionalProperties: false,
};

const instanceOf = (schema: object) =>
  schemaInstance({ ...schema }, "response_format 'thing'", 'response_format');

const schemas: readonly [object, unknown][] = [
  [{ type: 'string' }, 'text'],
  [{}, 'text'],
  [
    { type: 'object', properties: { name: { type: 'string' }, age: { type: 'integer' } } },
    { name: 'name', age: 1 },
  ],
  [{ type: 'object' }, {}],
  [{ properties: { a: { type: 'boolean' } } }, { a: true }],
  [{ type: 'object', required: ['x'] }, { x: 'x' }],
  [{ type: 'object', required: ['x'], additionalProperties: { type: 'number' } }, { x: 1 }],
  [
    { type: 'object', minProperties: 2 },
    { property_1: 'property_1', property_2: 'property_2' },
  ],
  [{ enum: ['b', 'a'] }, 'b'],
  [{ const: 0 }, 0],
  [{ const: null }, null],
  [{ type: ['string', 'null'] }, 'text'],
  [{ type: ['null', 'integer'] }, 1],
  [{ type: 'null' }, null],
  [{ type: 'array', items: { type: 'number' } }, [1]],
  [{ type: 'array', items: { type: 'string' }, minItems: 2, uniqueItems: true }, ['text', 'text2']],
  [{ type: 'array', items: { enum: [1, 2, 3] }, minItems: 3, uniqueItems: true }, [1, 2, 3]],
  [{ type: 'array', maxItems: 0 }, []],
  [{ type: 'array', prefixItems: [{ type: 'integer' }, { type: 'boolean' }] }, [1, true]],
  [{ type: 'integer', minimum: 3 }, 3],
  [{ type: 'integer', exclusiveMinimum: 3 }, 4],
  [{ type: 'integer', maximum: -3 }, -3],
  [{ type: 'integer', exclusiveMaximum: -3 }, -4],
  [{ type: 'integer', minimum: 10, multipleOf: 7 }, 14],
  [{ type: 'integer', minimum: 1.5 }, 2],
  [{ type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 }, 0.5],
  [{ type: 'number', multipleOf: 0.25, exclusiveMaximum: 0.5, minimum: 0.1 }, 0.25],
  [{ type: 'number', minimum: 2, maximum: 2 }, 2],
  [{ minimum: 5 }, 5],
  [{ type: 'string', minLength: 6 }, 'text..'],
  [{ type: 'string', maxLength: 2 }, 'te'],
  [{ type: 'string', format: 'date-time' }, '2026-01-01T00:00:00Z'],
  [{ type: 'string', format: 'email' }, 'person@example.com'],
  [{ type: 'string', format: 'uuid' }, '00000000-0000-4000-8000-000000000000'],
  [{ type: 'string', format: 'ipv4' }, '192.0.2.1'],
  [{ type: 'string', pattern: '^[A-Z]{3}-\\d{2,4}$' }, 'AAA-00'],
  [{ anyOf: [{ type: 'integer' }, { type: 'string' }] }, 1],
  [{ oneOf: [{ type: 'object', properties: { k: { const: 'x' } }, required: ['k'] }] }, { k: 'x' }],
  [
    { type: 'object', properties: { a: {} }, anyOf: [{ properties: { b: {} }, required: ['b'] }] },
    { a: 'a', b: 'b' },
  ],
  [
    {
      allOf: [
        { properties: { a: {} }, required: ['a'] },
        { properties: { b: {} }, required: ['b'] },
      ],
    },
    { a: 'a', b: 'b' },
  ],
  [{ $ref: '#/$defs/a~1b', $defs: { 'a/b': { type: 'integer', minimum: 9 } } }, 9],
  [
    { type: 'object', properties: { p: { $ref: '#/definitions/P' } }, definitions: { P: { enum: ['q'] } } },
    { p: 'q' },
  ],
];

/** Schemas of which only that matters that there is an instance. */
const satisfiable: readonly object[] = [
  { type: 'array', items: { type: 'boolean' }, minItems: 2, uniqueItems: true },
  { type: 'array', items: tree, minItems: 3, uniqueItems: true },
  {
    type: 'array',
    items: { type: 'object', properties: { a: { type: 'string' } } },
    minItems: 5,
    uniqueItems: true,
  },
  { type: 'array', items: { type: 'array', items: { type: 'integer' } }, minItems: 3, uniqueItems: true },
  { type: 'array', items: { type: 'integer', minimum: 1, maximum: 3 }, minItems: 3, uniqueItems: true },
  { type: 'array', items: { type: 'integer', maximum: 1 }, minItems: 3, uniqueItems: true },
  { type: 'array', items: { exclusiveMinimum: 0, exclusiveMaximum: 1 }, minItems: 4, uniqueItems: true },
  { type: 'array', items: { type: 'number', multipleOf: 0.5 }, minItems: 4, uniqueItems: true },
  { type: 'array', items: { type: 'string', maxLength: 2 }, minItems: 12, uniqueItems: true },
  { type: 'array', items: { type: 'string', pattern: '^[a-c]+$' }, minItems: 3, uniqueItems: true },
  {
    type: 'array',
    items: { anyOf: [{ enum: [1, 2] }, { enum: ['a', 'b'] }] },
    minItems: 4,
    uniqueItems: true,
  },
  { type: 'array', contains: { const: 7 } },
  { type: 'array', prefixItems: [{ const: 1 }], items: false },
  { minItems: 2 },
  { type: 'string', pattern: '^a+$', minLength: 5 },
  { type: 'string', pattern: '^[a-z]*-[0-9]*$', minLength: 4, maxLength: 4 },
  { type: 'string', pattern: '^[A-Z]{2,4}[0-9]{1,3}$', minLength: 6 },
  { type: 'string', pattern: '^(ab)*$', minLength: 3 },
  { type: 'string', pattern: '^x', minLength: 9 },
  { type: 'string', pattern: 'x$', minLength: 9 },
  { type: 'string', pattern: '^(?:a|bbbb)$', minLength: 3 },
  { type: 'string', minLength: 3, maxLength: 3 },
  { type: 'string', minLength: 3, allOf: [{ minLength: 6 }, { minLength: 2 }] },
  { type: 'string', format: 'constructor' },
  { type: 'string', format: 'json-pointer' },
  { type: 'string', format: 'byte' },
  { type: 'object', properties: { '😀😀': { type: 'string', maxLength: 1 } } },
  {
    type: 'object',
    properties: { a: {}, b: {}, c: {} },
    required: ['c'],
    minProperties: 2,
    additionalProperties: false,
  },
  { type: 'object', properties: { a: {}, b: {} }, maxProperties: 1 },
  { type: 'object', properties: { a: {}, b: {} }, required: ['b'], maxProperties: 1 },
  { type: 'object', minProperties: 3, additionalProperties: { type: 'boolean' } },
  { type: 'object', properties: { constructor: { type: 'integer' }, a: true }, required: ['toString'] },
  { type: 'integer', enum: ['x', 1] },
  { oneOf: [{ type: 'integer' }, { type: 'integer', minimum: 0 }, { type: 'string' }] },
  { allOf: [{ minimum: 5 }, { minimum: 3 }, { maximum: 9 }, { maximum: 20 }] },
  { $schema: 'http://json-schema.org/draft-07/schema#', type: 'object', properties: { a: { type: 'null' } } },
];

/** Schemas that are none, allow nothing, or ask for what no answer can hold. */
const refusedSchemas: readonly object[] = [
  { enum: [] },
  { type: 'strin' },
  { type: 'string', pattern: '(' },
  { $ref: '#/nowhere' },
  { $ref: '#' },
  { $ref: '#/%E0%A4%A' },
  { $ref: 'https://example.com/schema.json' },
  { allOf: [{ $ref: '#' }] },
  { not: {} },
  { type: 'integer', minimum: 3, maximum: 2 },
  { type: 'string', pattern: '^a$', minLength: 2 },
  { type: 'string', pattern: '^(?=b)a$' },
  { type: 'array', items: { type: 'boolean' }, minItems: 3, uniqueItems: true },
  { type: 'object', additionalProperties: false, minProperties: 1 },
  { type: 'object', properties: { a: { $ref: '#' } }, required: ['a'] },
  { type: 'array', items: { $ref: '#' }, minItems: 9 },
  { type: 'string', minLength: 1e10 },
  { type: 'string', pattern: 'a{999999999}' },
  { type: 'string', pattern: '((a{999}){999}){999}' },
  { type: 'string', pattern: '^a*$', minLength: 1e10 },
  { type: 'array', minItems: 5e9 },
  { type: 'array', items: { type: 'string' }, minItems: 1e8 },
  { type: 'object', minProperties: 1e9 },
  { $async: true, not: {} },
];

describe('an instance', () => {
  it.each(schemas)('of %j', (schema, instance) => {
    expect(instanceOf(schema)).toEqual(instance);
    expect(ajv.validate(schema, instance)).toBe(true);
  });

  it.each(satisfiable)('is one: %j', (schema) => {
    const instance = instanceOf(schema);
    expect([instance, ajv.validate(schema, instance)]).toEqual([instance, true]);
    expect(instanceOf(schema)).toEqual(instance);
  });

  it('of a schema that contains itself ends', () => {
    const instance = instanceOf(tree);
    expect(ajv.validate(tree, instance)).toBe(true);
    expect(instance).toMatchObject({ value: 1, children: [{ value: 1 }], next: { value: 1 } });
  });

  it('has its properties in the order of the schema', () => {
    const properties = { a: { type: 'null' }, b: { type: 'null' }, c: { type: 'null' } };
    expect(JSON.stringify(instanceOf({ properties, required: ['c', 'd', 'b'] }))).toBe(
      '{"a":null,"b":null,"c":null,"d":"d"}',
    );
  });

  it.each(refusedSchemas)('is refused: %j', async (schema) => {
    const response_format = { type: 'json_schema', json_schema: { name: 'thing', schema } };
    const refusal = await refusalOf(hello({ response_format }));
    expect(refusal).toMatchObject({ status: 400, type: 'invalid_request_error', param: 'response_format' });
    expect(refusal.message).toMatch(/^Invalid schema for response_format 'thing': ./);
  });

  it('owes nothing to the schemas before it', () => {
    const named = (value: string) => ({
      $ref: '#/$defs/a',
      $defs: { a: { $id: 'https://example.com/a', const: value } },
    });
    const other = { $id: 'https://example.com/a', type: 'null' };
    expect([instanceOf(named('x')), instanceOf(named('y'))]).toEqual(['x', 'y']);
    expect([instanceOf(other), instanceOf(other)]).toEqual([null, null]);
  });

  it('is refused by the place of its tool', async () => {
    const tools = [
      { type: 'function', function: { name: 'f' } },
      { type: 'function', function: { name: 'g', parameters: { properties: { a: { enum: [] } } } } },
    ];
    const tool_choice = { type: 'function', function: { name: 'g' } };
    const refusal = await refusalOf(hello({ model: 'gpt-4o', tools, tool_choice }));
    expect(refusal).toMatchObject({ status: 400, param: 'tools[1].function.parameters' });
    expect(refusal.message).toMatch(/^Invalid schema for function 'g': /);
  });
});

describe('a text for a pattern', () => {
  it.each([
    ['^abc$', 'abc'],
    ['a+b*c?', 'a'],
    ['^(?:red|blue)-\\w{3}$', 'red-aaa'],
    ['^(?<year>\\d{4})(-\\d{2}){2}$', '0000-00-00'],
    ['^[^a-z]\\.$', '0.'],
    ['[\\w.]+@x', 'a@x'],
    ['^.{2}$', 'aa'],
    ['[^\\w ]', '-'],
    ['^\\s\\S$', ' a'],
    ['^(x(a|b)|c)$', 'xa'],
    ['^(((a)))$', 'a'],
    ['^a$|^b$', 'a'],
    ['', ''],
    ['^\\x41\\u0042\\u{43}\\n$', 'ABC\n'],
    ['^\\p{L}\\P{L}\\p{Lu}$', 'a0A'],
    ['^[\\u4e00-\\u9fff]{2}$', '一一'],
    ['^\\u{1F600}😀$', '😀😀'],
    ['^[\\]\\\\]\\bb$', '\\b'],
    ['^a{3}b{2,}c{0,4}d+?$', 'aaabbd'],
    ['^(?:(?<a>x)|y){2}$', 'xx'],
  ])('%s', (pattern, text) => {
    expect(patternText(pattern)).toBe(text);
    expect(text).toMatch(new RegExp(pattern, 'u'));
  });

  it.each([
    ['^a*b$', 4, 'aaab'],
    ['^a?b?c*$', 4, 'abcc'],
    ['^a{1,2}b{1,9}$', 5, 'aabbb'],
    ['^(a+b)+$', 5, 'ababab'],
  ])('%s of %i characters or more', (pattern, least, text) => {
    expect(patternText(pattern, { least })).toBe(text);
    expect(text).toMatch(new RegExp(pattern, 'u'));
  });

  it('takes another branch when told', () => {
    expect(patternText('^(a|b|c)(d|e)$', { branch: 1 })).toBe('be');
    expect(patternText('^(a|b|c)(d|e)$', { branch: 5 })).toBe('ce');
  });

  it.each(['a{999999999}', '(a{999}){999}', 'a*'])('is given up when it is too long: %s', (pattern) => {
    expect(() => patternText(pattern, { least: 101, longest: 100 })).toThrow(RangeError);
  });

  it.each(['[^z-a]', '(', '[', 'a)', '\\'])('that is none, %s, throws', (pattern) => {
    expect(() => patternText(pattern)).toThrow(SyntaxError);
  });

  it.each(['^(a)\\1$', '^(?<x>a)\\k<x>$', '^(?!a)a', '(?<=b)a', '[^\\s\\S]'])(
    'that it cannot make, %s, ends',
    (pattern) => {
      expect(patternText(pattern)).not.toMatch(new RegExp(pattern, 'u'));
    },
  );
});
