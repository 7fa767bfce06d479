import { describe, expect, it } from 'vitest';
import { checkStrictSchema } from '../../src/sandbox/strict-schema.ts';
import type { JsonSchema } from '../../src/schemas/json-schema.ts';
import { toStrict } from '../../src/schemas/strict.ts';

const text = { type: 'string' };
const none = { type: 'null' };

function closed(properties: Record<string, unknown>): JsonSchema {
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false };
}

/** What becomes of the schema of one required property. */
function property(schema: unknown) {
  const { schema: strict, changes, problems } = toStrict(closed({ a: schema }));
  return { schema: Object(strict['properties']).a, changes, problems };
}

const step = closed({ explanation: text, output: text });
const math = closed({ steps: { type: 'array', items: step }, final_answer: text });
const compliance = closed({
  is_violating: { type: 'boolean' },
  category: { type: ['string', 'null'], enum: ['violence', 'sexual', 'self_harm'] },
  explanation_if_violating: { type: ['string', 'null'] },
});
const tree = closed({
  label: text,
  children: { type: 'array', items: { $ref: '#' } },
});
const list = {
  ...closed({ linked_list: { $ref: '#/$defs/node' } }),
  $defs: { node: closed({ value: { type: 'number' }, next: { anyOf: [{ $ref: '#/$defs/node' }, none] } }) },
};

describe('toStrict', () => {
  it.each([
    ['math steps', math],
    ['e-mails', closed({ emails: { type: 'array', items: { type: 'string', format: 'email' } } })],
    ['a calendar event', closed({ name: text, date: text, participants: { type: 'array', items: text } })],
    ['a tree by #', tree],
    ['a list by $defs', list],
    ['a union', closed({ item: { anyOf: [closed({ name: text }), closed({ street: text, zip: text })] } })],
    ['an empty object', closed({})],
    ['limits', closed({ n: { type: 'integer', minimum: 1, exclusiveMaximum: 9, multipleOf: 2 } })],
    ['list limits', closed({ l: { type: 'array', items: text, minItems: 1, maxItems: 3 } })],
    ['a const', closed({ kind: { type: 'string', const: 'a' } })],
  ])('leaves %s as it is', (_, schema) => {
    const strict = toStrict(schema);
    expect(strict).toMatchObject({ changes: [], problems: [] });
    expect(strict.schema).toEqual(schema);
    expect(strict.unwrap(1)).toBe(1);
    checkStrictSchema(strict.schema, 'test', 'test');
  });

  it('adds null to an enum whose type has it', () => {
    const { schema, changes, problems } = toStrict(compliance);
    expect(schema).toMatchObject({
      properties: { category: { enum: ['violence', 'sexual', 'self_harm', null] } },
    });
    expect(changes).toEqual(['null joins the enum, as its type has it (/properties/category)']);
    expect(problems).toEqual([]);
  });

  it('closes objects and makes what was optional nullable, and says so in two sentences', () => {
    const { schema, changes, problems } = toStrict({
      properties: {
        a: text,
        b: { type: 'integer' },
        c: { enum: ['x', 'y'] },
        d: { const: 1 },
        e: { type: 'array', items: text, description: 'many' },
        f: { anyOf: [text, none] },
        g: { $ref: '#/$defs/g' },
        h: { type: ['string', 'null'] },
        i: { type: 'object', properties: {}, additionalProperties: false },
      },
      required: ['a'],
      $defs: { g: { type: 'string', title: 'G' } },
    });
    expect(schema).toEqual({
      ...closed({
        a: text,
        b: { type: ['integer', 'null'] },
        c: { type: ['string', 'null'], enum: ['x', 'y', null] },
        d: { type: ['integer', 'null'], enum: [1, null] },
        e: { description: 'many', anyOf: [{ type: 'array', items: text }, none] },
        f: { anyOf: [text, none] },
        g: { anyOf: [{ $ref: '#/$defs/g' }, none] },
        h: { type: ['string', 'null'] },
        i: { anyOf: [closed({}), none] },
      }),
      $defs: { g: { type: 'string', title: 'G' } },
    });
    expect(problems).toEqual([]);
    expect(changes).toContain(
      'what may be missing is always there, and null instead (/properties/b, /properties/c, /properties/d and 5 more)',
    );
    expect(changes).toContain('objects take no other properties (the schema)');
    checkStrictSchema(schema, 'test', 'test');
  });

  it('does not touch the schema that it is given', () => {
    const given = { properties: { a: { type: 'number', minimum: 1, exclusiveMinimum: true } }, id: 'x' };
    const before = structuredClone(given);
    toStrict(given);
    expect(given).toEqual(before);
  });

  it('gives the same of its own result', () => {
    const { schema } = toStrict({
      type: 'array',
      items: { properties: { a: { ...text, minLength: 1 }, b: { $ref: '#', description: 'more' } } },
    });
    expect(toStrict(schema)).toMatchObject({ schema, changes: [], problems: [] });
  });

  it.each([
    ['uri', { schema: { ...text, pattern: '^[A-Za-z][A-Za-z0-9+.-]*:\\S+$' } }],
    ['password', { schema: text, changes: ['format password is left out (/properties/a)'] }],
    ['constructor', { schema: text }],
    ['uuid', { schema: { ...text, format: 'uuid' }, changes: [] }],
  ])('knows what format %s becomes', (format, expected) => {
    expect(property({ ...text, format })).toMatchObject({ ...expected, problems: [] });
  });

  it.each([
    [{ minLength: 1 }, '^[\\s\\S]{1,}$'],
    [{ maxLength: 5 }, '^[\\s\\S]{0,5}$'],
    [{ minLength: 2, maxLength: 5 }, '^[\\s\\S]{2,5}$'],
  ])('writes %j as a pattern', (limits, pattern) => {
    expect(property({ ...text, ...limits })).toEqual({
      schema: { ...text, pattern },
      changes: ['minLength and maxLength are written as a pattern (/properties/a)'],
      problems: [],
    });
  });

  it('puts what stands beside $ref outside of it, as the API takes nothing there', () => {
    const given = { ...closed({ a: { $ref: '#/$defs/s', description: 'd' } }), $defs: { s: text } };
    expect(toStrict(given).schema['properties']).toEqual({
      a: { description: 'd', anyOf: [{ $ref: '#/$defs/s' }] },
    });
  });

  it('takes a single allOf for what it holds', () => {
    const given = {
      ...closed({ a: { allOf: [{ $ref: '#/definitions/s' }], title: 'A' } }),
      definitions: { s: text },
    };
    expect(toStrict(given)).toMatchObject({
      problems: [],
      schema: { properties: { a: { title: 'A', anyOf: [{ $ref: '#/definitions/s' }] } } },
    });
  });

  it('reads draft 4 and OpenAPI', () => {
    const { schema, problems } = toStrict({
      $schema: 'http://json-schema.org/draft-04/schema#',
      id: 'https://example.com/a.json',
      type: 'object',
      properties: {
        n: { $ref: 'https://example.com/a.json#/definitions/n' },
        o: { type: 'string', nullable: true, example: 'x', 'x-order': 1 },
      },
      required: ['n', 'o'],
      definitions: {
        n: { type: 'number', minimum: 0, exclusiveMinimum: true, maximum: 9, exclusiveMaximum: false },
      },
    });
    expect(problems).toEqual([]);
    expect(schema).toEqual({
      ...closed({ n: { $ref: '#/definitions/n' }, o: { type: ['string', 'null'] } }),
      definitions: { n: { type: 'number', exclusiveMinimum: 0, maximum: 9 } },
    });
  });

  it('takes a property for a property, whatever its name', () => {
    const schema = closed({ allOf: text, $ref: text, minLength: text, enum: text });
    expect(toStrict(schema)).toMatchObject({ schema, changes: [], problems: [] });
    const constant = closed({ a: { type: 'string', enum: ['not', 'allOf'] } });
    expect(toStrict(constant)).toMatchObject({ schema: constant, problems: [] });
  });

  describe('the root', () => {
    it('is wrapped where it is a list', () => {
      const { schema, changes, unwrap } = toStrict({
        type: 'array',
        items: { $ref: '#/$defs/s' },
        $defs: { s: text },
      });
      expect(schema).toEqual({
        ...closed({ items: { type: 'array', items: { $ref: '#/$defs/s' } } }),
        $defs: { s: text },
      });
      expect(changes).toEqual([
        'the answer is wrapped in an object as "items", and unwrapped here (the schema)',
      ]);
      expect(unwrap({ items: ['x'] })).toEqual(['x']);
      expect(unwrap('no object')).toBe('no object');
    });

    it.each([
      ['a union', { anyOf: [closed({ a: text }), closed({ b: text })] }],
      ['a text', text],
      ['an object or null', { ...closed({ a: text }), type: ['object', 'null'] }],
      ['a choice', { enum: ['a', 'b'] }],
    ])('is wrapped where it is %s', (_, given) => {
      const { schema, problems, unwrap } = toStrict(given);
      expect(problems).toEqual([]);
      expect(schema).toMatchObject({ type: 'object', required: ['value'], additionalProperties: false });
      expect(unwrap({ value: 'x' })).toBe('x');
    });

    it('is still what # means when it is wrapped', () => {
      const { schema } = toStrict({ anyOf: [text, { type: 'array', items: { $ref: '#' } }] });
      expect(schema).toEqual({
        ...closed({ value: { $ref: '#/$defs/root' } }),
        $defs: { root: { anyOf: [text, { type: 'array', items: { $ref: '#/$defs/root' } }] } },
      });
    });

    it('is what a $ref leads to', () => {
      const $defs = { node: closed({ next: { anyOf: [{ $ref: '#/$defs/node' }, none] } }) };
      expect(toStrict({ $ref: '#/$defs/node', $defs })).toMatchObject({
        schema: { ...$defs.node, $defs },
        changes: [],
        problems: [],
      });
    });
  });

  describe('oneOf', () => {
    const dog = closed({ kind: { type: 'string', const: 'dog' }, name: text });
    const cat = closed({ kind: { type: 'string', const: 'cat' }, name: text });
    it.each([
      ['types differ', [text, { type: 'integer' }, none]],
      ['a const tells them apart', [dog, cat]],
      ['their names differ', [closed({ a: text }), closed({ a: text, b: text })]],
      [
        'their values differ',
        [
          { type: 'string', enum: ['a'] },
          { type: 'string', enum: ['b'] },
        ],
      ],
    ])('becomes anyOf where %s', (_, oneOf) => {
      expect(property({ oneOf })).toEqual({
        schema: { anyOf: oneOf },
        changes: ['oneOf is written anyOf (/properties/a)'],
        problems: [],
      });
    });

    it.each([
      ['integers are numbers', [{ type: 'integer' }, { type: 'number' }]],
      ['null is in both', [{ type: ['string', 'null'] }, { type: ['integer', 'null'] }]],
      ['objects are alike', [closed({ a: text }), closed({ a: { type: 'integer' } })]],
      [
        'the mark may be missing',
        [
          { ...dog, required: [] },
          { ...cat, required: [] },
        ],
      ],
    ])('is a problem where %s', (_, oneOf) => {
      expect(property({ oneOf }).problems).toEqual([
        '/properties/a has a oneOf whose cases may overlap, which strict mode cannot express: use anyOf, or give each case a property with a const of its own',
      ]);
    });
  });

  it.each<[unknown, string]>([
    [
      { ...text, not: {} },
      'has not, which strict mode does not take: say what is allowed, with enum or pattern',
    ],
    [{ allOf: [text, {}] }, 'has allOf, which strict mode does not take'],
    [{ ...closed({}), dependentRequired: {} }, 'has dependentRequired, which strict mode does not take'],
    [
      { ...closed({}), if: {}, else: {} },
      'has if, which strict mode does not take: write out what each case holds',
    ],
    [
      { ...closed({ b: text }), patternProperties: {} },
      'has patternProperties, which strict mode does not take',
    ],
    [{ type: 'array', items: text, uniqueItems: true }, 'has uniqueItems, which strict mode does not take'],
    [{ type: 'array', prefixItems: [text] }, 'has prefixItems, which strict mode does not take'],
    [{ ...text, patern: 'x' }, 'has patern, which is no keyword of JSON Schema; did you mean pattern?'],
    [{ ...text, toString: 'x' }, 'has toString, which is no keyword of JSON Schema'],
    [
      { ...text, pattern: 'x', minLength: 1 },
      'has minLength, which strict mode does not take: write a pattern',
    ],
    [{}, 'says no type'],
    [true, 'allows anything'],
    [false, 'allows nothing'],
    [{ type: 'array' }, 'is a list of anything'],
    [{ type: 'object' }, 'is an object of anything: name its properties'],
    [{ type: 'object', additionalProperties: text }, 'takes properties of any name'],
    [{ ...closed({}), required: ['b'] }, 'requires "b", which is not among its properties'],
    [{ $ref: '#/$defs/stp' }, 'refers to #/$defs/stp, where nothing stands; did you mean #/$defs/step?'],
    [{ $ref: 'other.json#/a' }, 'refers to another document, other.json#/a'],
    [{ $ref: '#step' }, 'refers to a name, #step'],
    [{ $ref: '#/$defs/round' }, 'refers to #/$defs/round, which leads nowhere but round in a circle'],
    [{ $ref: '#/$defs/step', minLength: 1 }, 'has minLength beside $ref'],
    [{ anyOf: [text], properties: {} }, 'has properties beside anyOf'],
    [{ anyOf: [] }, 'has a anyOf that is no list of schemas, or two of them'],
  ])('names the problem of %j', (schema, message) => {
    const given = { ...closed({ a: schema }), $defs: { step: text, round: { $ref: '#/$defs/round' } } };
    const { problems } = toStrict(given);
    expect(problems.filter((problem) => problem.startsWith('/properties/a '))[0]).toContain(message);
  });

  it('names problems by JSON pointer, escaped', () => {
    expect(toStrict(closed({ 'a/b~c': { type: 'array', items: { anyOf: [text, true] } } })).problems).toEqual(
      ['/properties/a~1b~0c/items/anyOf/1 allows anything: say what it is with a type'],
    );
  });

  it('finds a root that is a circle', () => {
    expect(toStrict({ $ref: '#' }).problems).toEqual([
      'the schema refers to #, which leads nowhere but round in a circle',
    ]);
  });

  describe('limits', () => {
    /** Objects in each other: `depth` of them in the root. */
    function nested(depth: number): JsonSchema {
      return depth === 0 ? closed({ a: text }) : closed({ a: nested(depth - 1) });
    }
    function names(count: number, length: number): JsonSchema {
      return closed(
        Object.fromEntries(
          Array.from({ length: count }, (_, index) => [`${index}`.padEnd(length, 'x'), text]),
        ),
      );
    }
    function values(count: number, length: number): JsonSchema {
      const list = Array.from({ length: count }, (_, index) => `${index}`.padEnd(length, 'x'));
      return closed({ a: { type: 'string', enum: list } });
    }

    it.each<[string, JsonSchema, string]>([
      ['10 levels', nested(11), 'nests deeper than the 10 levels'],
      ['any depth', nested(5000), 'the schema nests deeper than the 10 levels'],
      ['5,000 properties', names(5001, 5), 'the schema has 5001 properties, and strict mode takes 5000'],
      ['120,000 characters', names(1201, 100), 'the schema has 120100 characters of names and enum values'],
      [
        '1,000 enum values',
        values(1001, 4),
        'the schema has 1001 values in enums, and strict mode takes 1000',
      ],
      ['15,000 characters of one enum', values(251, 60), '/properties/a has an enum of more than 250 texts'],
    ])('names what goes over %s', (_, schema, message) => {
      expect(toStrict(schema).problems.join()).toContain(message);
    });

    it.each([
      ['10 levels', nested(10)],
      ['5,000 properties', names(5000, 5)],
      ['120,000 characters', names(1200, 100)],
      ['1,000 values', values(1000, 4)],
      ['250 long values', values(250, 100)],
      ['recursion without end', tree],
      ['definitions deep inside', closed({ a: { ...nested(5), $defs: { b: nested(10) } } })],
    ])('takes %s', (_, schema) => {
      expect(toStrict(schema).problems).toEqual([]);
    });
  });
});
