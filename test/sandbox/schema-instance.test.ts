import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { patternText } from '../../src/sandbox/pattern-text.ts';
import { schemaInstance } from '../../src/sandbox/schema-instance.ts';

const ajv = new Ajv2020({ strict: false });
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

const schemas: readonly [object | boolean, unknown][] = [
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

describe('an instance', () => {
  it.each(schemas)('of %j', (schema, instance) => {
    expect(schemaInstance(schema)).toEqual(instance);
    expect(ajv.validate(schema, instance)).toBe(true);
  });

  it('of a schema that contains itself ends', () => {
    const instance = schemaInstance(tree);
    expect(ajv.validate(tree, instance)).toBe(true);
    expect(instance).toMatchObject({ value: 1, children: [{ value: 1 }], next: { value: 1 } });
  });

  it('of a schema that cannot end is something all the same', () => {
    const endless = { type: 'object', properties: { a: { $ref: '#' } }, required: ['a'] };
    expect(schemaInstance(endless)).toHaveProperty('a.a.a');
    expect(schemaInstance({ $ref: '#/nowhere' })).toBe('text');
    expect(schemaInstance({ $ref: '#' })).toBe('text');
    expect(schemaInstance({ $ref: '#/%E0%A4%A' })).toBe('text');
    expect(schemaInstance({ allOf: [{ $ref: '#' }] })).toBe('text');
    const branching = { type: 'array', items: { $ref: '#' }, minItems: 9 };
    expect(schemaInstance(branching)).toHaveLength(9);
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
  ])('%s', (pattern, text) => {
    expect(patternText(pattern)).toBe(text);
    expect(text).toMatch(new RegExp(pattern));
  });

  it.each(['[^z-a]', '(', '[', 'a)', '\\'])('that is none, %s, ends', (pattern) => {
    expect(typeof patternText(pattern)).toBe('string');
  });
});
