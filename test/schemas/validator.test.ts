import { describe, expect, it } from 'vitest';
import type { JsonSchema } from '../../src/schemas/json-schema.ts';
import { validator } from '../../src/schemas/validator.ts';

const text = { type: 'string' };

function closed(properties: Record<string, unknown>): JsonSchema {
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false };
}

const math = closed({
  steps: { type: 'array', items: closed({ explanation: text, output: text }), minItems: 1 },
  final_answer: text,
});

describe('validator', () => {
  it.each<[string, JsonSchema, unknown, string[]]>([
    [
      'a missing property',
      math,
      { steps: [{ output: 'x' }], final_answer: 'y' },
      ['/steps/0/explanation is missing'],
    ],
    ['the whole', math, [1, 2], ['the answer must be an object, is a list of 2']],
    [
      'all that is wrong',
      math,
      { steps: [] },
      ['/final_answer is missing', '/steps must have at least 1 item, is a list of 0'],
    ],
    ['a type', closed({ age: { type: 'integer' } }), { age: '12' }, ['/age must be an integer, is "12"']],
    ['a fraction', closed({ age: { type: 'integer' } }), { age: 1.5 }, ['/age must be an integer, is 1.5']],
    [
      'types',
      closed({ a: { type: ['string', 'null'] } }),
      { a: {} },
      ['/a must be a string or null, is an object'],
    ],
    ['another property', closed({}), { 'a/b': 1 }, ['/a~1b is not in the schema']],
    ['an enum', closed({ a: { enum: ['x', 'y'] } }), { a: 'z' }, ['/a must be "x" or "y", is "z"']],
    ['a const', closed({ a: { const: 1 } }), { a: 2 }, ['/a must be 1, is 2']],
    ['a minimum', { minimum: 3 }, 2, ['the answer must be at least 3, is 2']],
    ['an exclusive maximum', { exclusiveMaximum: 3 }, 3, ['the answer must be less than 3, is 3']],
    ['a multiple', { multipleOf: 2 }, 3, ['the answer must be a multiple of 2, is 3']],
    ['a pattern', { pattern: '^a$' }, 'b', ['the answer must match ^a$, is "b"']],
    ['a length', { maxLength: 1 }, 'ab', ['the answer must have at most 1 character, is "ab"']],
    ['a format', { format: 'email' }, 'x', ['the answer must be an email, is "x"']],
    ['items alike', { uniqueItems: true }, [1, 2, 1], ['the answer has the same item twice, at 0 and 2']],
    ['a long text', { type: 'null' }, 'x'.repeat(99), [`the answer must be null, is "${'x'.repeat(59)}…`]],
    [
      'a name of every object',
      closed({ constructor: text, toString: text }),
      { toString: 'x' },
      ['/constructor is missing'],
    ],
  ])('says what is wrong with %s', async (_, schema, value, lines) => {
    expect((await validator(schema))(value)).toEqual(lines);
  });

  it('says nothing of what is right', async () => {
    const isValid = await validator(math);
    expect(isValid({ steps: [{ explanation: 'a', output: 'b' }], final_answer: 'c' })).toEqual([]);
  });

  it('gives no more than 20 lines', async () => {
    const lines = (await validator({ items: { type: 'null' } }))(Array.from({ length: 1000 }, () => 1));
    expect(lines).toHaveLength(21);
    expect(lines[20]).toBe('and 980 more');
  });

  describe('unions', () => {
    const shape = {
      anyOf: [
        { $ref: '#/$defs/circle' },
        closed({ kind: { const: 'square' }, side: { type: 'number' } }),
        { type: 'null' },
      ],
    };
    const schema = {
      ...closed({ shape }),
      $defs: { circle: closed({ kind: { const: 'circle' }, radius: { type: 'number' } }) },
    };

    it.each<[unknown, string[]]>([
      [{ kind: 'circle', radius: 1 }, []],
      [null, []],
      [3, ['/shape must be an object or null, is 3']],
      [{ kind: 'circle', radius: 'x' }, ['/shape/radius must be a number, is "x"']],
      [{ kind: 'square' }, ['/shape/side is missing']],
      [{ kind: 'oval', radius: 1 }, ['/shape/kind must be "circle" or "square", is "oval"']],
    ])('tells of the case that is meant: %j', async (value, lines) => {
      expect((await validator(schema))({ shape: value })).toEqual(lines);
    });

    it('tells of a union in a list, and what else is wrong', async () => {
      const isValid = await validator({
        ...closed({ a: { type: 'array', items: { anyOf: [text, { type: 'number' }] } }, b: text }),
      });
      expect(isValid({ a: ['x', true, 1], b: 1 })).toEqual([
        '/a/1 must be a string or a number, is true',
        '/b must be a string, is 1',
      ]);
    });
  });

  describe('references', () => {
    it('may go in circles as long as values end', async () => {
      const isValid = await validator(
        closed({ label: text, children: { type: 'array', items: { $ref: '#' } } }),
      );
      expect(isValid({ label: 'a', children: [{ label: 'b', children: [] }] })).toEqual([]);
      expect(
        isValid({ label: 'a', children: [{ label: 'b', children: [{ label: 1, children: [] }] }] }),
      ).toEqual(['/children/0/children/0/label must be a string, is 1']);
    });

    it('to definitions of draft 4 and its limits are read', async () => {
      const isValid = await validator({
        $schema: 'http://json-schema.org/draft-04/schema#',
        id: 'https://example.com/age.json',
        definitions: { age: { type: 'integer', minimum: 0, exclusiveMinimum: true } },
        properties: { age: { $ref: '#/definitions/age' } },
      });
      expect(isValid({ age: 0 })).toEqual(['/age must be more than 0, is 0']);
      expect(isValid({ age: 1 })).toEqual([]);
    });

    it('survives a value that nests without end', async () => {
      const isValid = await validator(closed({ a: { anyOf: [{ $ref: '#' }, { type: 'null' }] } }));
      let value: unknown = null;
      for (let depth = 0; depth < 50_000; depth += 1) value = { a: value };
      expect(isValid(value)).toEqual(['the answer nests too deep to be checked']);
    });
  });

  it.each([
    ['http://json-schema.org/draft-07/schema#', { items: [{ type: 'null' }] }],
    ['https://json-schema.org/draft/2019-09/schema', { items: [{ type: 'null' }] }],
    ['https://json-schema.org/draft/2020-12/schema', { prefixItems: [{ type: 'null' }] }],
  ])('reads the draft %s', async ($schema, rest) => {
    expect((await validator({ $schema, ...rest }))([1])).toEqual(['/0 must be null, is 1']);
  });

  it.each<[unknown, string]>([
    [
      { propertis: {}, properties: { a: { typ: 1 } } },
      'x.json has keywords that JSON Schema has not: propertis (in the schema); did you mean properties?, typ (in /properties/a); did you mean type?',
    ],
    [
      { $defs: { a: { constructor: 1 } } },
      'x.json has a keyword that JSON Schema has not: constructor (in /$defs/a)',
    ],
    [
      { properties: { a: { type: 'strng' } } },
      'x.json is no JSON Schema: /properties/a/type must be "array" or',
    ],
    [{ required: 'a' }, 'x.json is no JSON Schema: /required must be a list, is "a"'],
    [
      { properties: { a: { $ref: '#/$defs/no' } } },
      'x.json refers to #/$defs/no (in /properties/a), which is not in it',
    ],
    [
      { $ref: 'https://example.com/s.json' },
      'x.json refers to https://example.com/s.json (in the schema), which is not in it',
    ],
    [{ $ref: '#' }, 'x.json refers to itself in a circle, without end'],
    [
      { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } } },
      'x.json refers to itself in a circle',
    ],
    [{ pattern: '(' }, 'x.json cannot be used: Invalid regular expression: /(/: Unterminated group'],
    [{ $schema: 'urn:mine' }, 'x.json has the $schema "urn:mine", which is not known here'],
    [{ $schema: 1 }, 'x.json has the $schema 1, which is not known here'],
    [{ $async: true, type: 'null' }, 'x.json has a keyword that JSON Schema has not: $async'],
  ])('refuses %j', async (schema, message) => {
    const failed = validator(schema as JsonSchema, 'x.json');
    await expect(failed).rejects.toMatchObject({ kind: 'usage' });
    await expect(failed).rejects.toThrow(message);
  });

  it('refuses schemas of any size and depth', async () => {
    let deep: JsonSchema = {};
    for (let depth = 0; depth < 5000; depth += 1) deep = { not: deep };
    await expect(validator(deep)).rejects.toThrow('the schema nests too deep to be read');
    const many = { anyOf: Array.from({ length: 20_001 }, () => ({})) };
    await expect(validator(many)).rejects.toThrow('the schema has more than 20000 schemas in it');
  });

  it('takes keywords of OpenAPI and extensions, and formats that it does not know', async () => {
    const isValid = await validator({
      type: 'string',
      nullable: true,
      example: 'x',
      'x-order': 1,
      format: 'mine',
    });
    expect([isValid(null), isValid('x'), isValid(1).length]).toEqual([[], [], 1]);
  });

  it('calls the value what it is told to', async () => {
    const isValid = await validator({ type: 'object' }, '--tools', 'the arguments');
    expect(isValid(1)).toEqual(['the arguments must be an object, is 1']);
  });

  describe('patterns', () => {
    it('are read by code points', async () => {
      expect((await validator({ pattern: '^.$' }))('🎉')).toEqual([]);
      expect((await validator({ pattern: '^\\p{L}+$' }))('имя')).toEqual([]);
    });

    it('are each their own', async () => {
      const isValid = await validator(closed({ a: { pattern: '^a$' }, b: { pattern: '^b$' } }));
      expect(isValid({ a: 'b', b: 'b' })).toEqual(['/a must match ^a$, is "b"']);
    });

    it('that are none by code points are read the old way', async () => {
      expect((await validator({ pattern: '^[\\w-\\.]+\\@x$' }))('a-b.c@x')).toEqual([]);
    });

    it('that take forever are given up', async () => {
      const isValid = await validator({ pattern: '^(a+)+$' });
      expect(() => isValid(`${'a'.repeat(60)}!`)).toThrow(
        expect.objectContaining({
          kind: 'incomplete',
          message: "the schema's pattern ^(a+)+$ took more than 1 s on one text",
        }),
      );
      expect(isValid('aa')).toEqual([]);
    });
  });
});
