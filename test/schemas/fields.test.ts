import { describe, expect, it } from 'vitest';
import { isObject, type JsonObject } from '../../src/json.ts';
import { readFields } from '../../src/schemas/fields.ts';
import { toStrict } from '../../src/schemas/strict.ts';

/** The schema of the one field of a text. */
function field(text: string): unknown {
  const { properties } = readFields(text);
  return isObject(properties) ? Object.values(properties)[0] : undefined;
}

describe('readFields', () => {
  it('reads names, types, lists, objects, choices and descriptions', () => {
    const text =
      'name, age int, email? , tags [string], address {city, zip}, status (open|closed): where it stands';
    expect(readFields(text)).toEqual({
      type: 'object',
      properties: {
        name: { type: 'string' },
        age: { type: 'integer' },
        email: { type: ['string', 'null'] },
        tags: { type: 'array', items: { type: 'string' } },
        address: {
          type: 'object',
          properties: { city: { type: 'string' }, zip: { type: 'string' } },
          required: ['city', 'zip'],
          additionalProperties: false,
        },
        status: { type: 'string', enum: ['open', 'closed'], description: 'where it stands' },
      },
      required: ['name', 'age', 'email', 'tags', 'address', 'status'],
      additionalProperties: false,
    });
  });

  it.each([
    ['a', { type: 'string' }],
    ['a,', { type: 'string' }],
    [' a\n\tint ', { type: 'integer' }],
    ['a integer', { type: 'integer' }],
    ['a float', { type: 'number' }],
    ['a boolean', { type: 'boolean' }],
    ['a date', { type: 'string', format: 'date' }],
    ['a datetime', { type: 'string', format: 'date-time' }],
    ['a email', { type: 'string', format: 'email' }],
    ['a url', { type: 'string', pattern: '^https?://\\S+$' }],
    ['a? int', { type: ['integer', 'null'] }],
    ['a int?', { type: ['integer', 'null'] }],
    ['a? int?', { type: ['integer', 'null'] }],
    ['a?: why', { type: ['string', 'null'], description: 'why' }],
    ['a (x|y)?', { type: ['string', 'null'], enum: ['x', 'y', null] }],
    ['a ( x y | "b|c" )', { type: 'string', enum: ['x y', 'b|c'] }],
    ['a [int?]', { type: 'array', items: { type: ['integer', 'null'] } }],
    ['a [[int]]', { type: 'array', items: { type: 'array', items: { type: 'integer' } } }],
    ['a? [int]', { anyOf: [{ type: 'array', items: { type: 'integer' } }, { type: 'null' }] }],
    ['a: "one, two", b', { type: 'string', description: 'one, two' }],
    ['a: "say \\"hi\\"\\n\\\\"', { type: 'string', description: 'say "hi"\n\\' }],
    [
      'a: where it stands (roughly, now), b',
      { type: 'string', description: 'where it stands (roughly, now)' },
    ],
    ['a: well :) or 5" or {x, y}, b', { type: 'string', description: 'well :) or 5" or {x, y}' }],
    ['a: (x] y, z), b', { type: 'string', description: '(x] y, z)' }],
    ['a:, b', { type: 'string' }],
    ['a: 城市、国家', { type: 'string', description: '城市、国家' }],
  ])('reads %j', (text, schema) => {
    expect(field(text)).toEqual(schema);
  });

  it('keeps names of any script, in quotes, and those that objects have', () => {
    const { properties, required } = readFields(
      'имя, "first name", 年齢 int, __proto__, constructor int, 2, 1',
    );
    expect(required).toEqual(['имя', 'first name', '年齢', '__proto__', 'constructor', '2', '1']);
    expect(Object.keys(Object(properties)).sort()).toEqual([...Object(required)].sort());
  });

  it('ends the description of an inner field at the bracket', () => {
    expect(field('kids [{name: first, age int: in years}]: all')).toMatchObject({
      description: 'all',
      items: { properties: { name: { description: 'first' }, age: { description: 'in years' } } },
    });
  });

  it.each([
    ['', 'there is no field in it'],
    [' \n', 'there is no field in it'],
    [',', 'at the start comes `,`, where a name was expected'],
    ['age itn', 'after `age` comes `itn`, which is no type; string, int, number, bool, date, …'],
    ['x, age integr', 'after `age` comes `integr`, which is no type; did you mean integer?'],
    ['a constructor', 'after `a` comes `constructor`, which is no type'],
    ['a Int', 'after `a` comes `Int`, which is no type; did you mean int?'],
    ['a int b', 'after `a` comes `b`, where `,` was expected'],
    ['a,,b', 'after `a` comes `,`, where a name was expected'],
    ['a, int, a', '`a` stands twice'],
    ['a {b, b}', '`b` stands twice'],
    ['a {', 'after `a` the text ends, where a name was expected'],
    ['a {b', 'after `b` the text ends, where `,` or `}` was expected'],
    ['a {}', 'after `a` {} has no field'],
    ['a {b} c', 'after `a` comes `c`, where `,` was expected'],
    ['a }', 'after `a` comes `}`, where `,` was expected'],
    ['a [', 'after `a` the text ends, where a type'],
    ['a []', 'after `a` [] names no type; [string], [int], …'],
    ['a [int', 'after `a` the text ends, where `]` was expected'],
    ['a string[]', 'after `a` comes `string[]`; a list is written [string]'],
    ['a list', 'after `a` comes `list`, which is written with what it holds: [string]'],
    ['a object', 'after `a` comes `object`, which is written with what it holds: {name, age int}'],
    ['a (', 'after `a` a ( is never closed'],
    ['a (x', 'after `a` the text ends, where `)` was expected'],
    ['a ()', 'after `a` a choice in (…) is empty'],
    ['a (x||y)', 'after `a` a choice in (…) is empty'],
    ['a (x|x)', 'after `a` `x` is offered twice'],
    ['a: "x', 'after `a` a " is never closed'],
    ['"a', 'at the start a " is never closed'],
    ['a: (x, b', 'after `a` a ( is never closed'],
    ['?', 'at the start comes `?`, where a name was expected'],
    ['a??', 'after `a` comes `?`, where a type'],
    [`a ${'['.repeat(5000)}`, 'brackets nest deeper than 64 levels'],
  ])('refuses %j', (text, message) => {
    expect(() => readFields(text)).toThrow(expect.objectContaining({ kind: 'usage' }));
    expect(() => readFields(text)).toThrow(
      `--fields: ${message.startsWith('written') ? 'after `a`' : message}`,
    );
    expect(() => readFields(text)).toThrow(message);
  });

  it('is strict as it is', () => {
    const schema = readFields('a, b? [{c? (x|y), d {e}?}], f? int: g');
    expect(toStrict(schema)).toMatchObject({ schema, changes: [], problems: [] });
  });

  it('reads again what it read, written anew', () => {
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 48271) % 2147483647;
      return seed % below;
    };
    for (let round = 0; round < 300; round += 1) {
      const text = randomFields(random, 0);
      const schema = readFields(text);
      expect(readFields(written(schema)), text).toEqual(schema);
    }
  });
});

const NAMES = ['a', 'имя', '"x, y"', '__proto__', 'e-mail', '"\\"q\\""', '名'];
const TYPES = ['', ' int', ' bool?', ' date', ' (x|"y|z")', ' [string]', ' [int?]', ' uuid'];
const TEXTS = ['', ': plain', ': with (a, b)', ': "quoted, with } and \\" in it"'];

/** Fields as somebody might type them. */
function randomFields(random: (below: number) => number, depth: number): string {
  const names = NAMES.filter(() => random(2) === 0);
  const fields = (names.length === 0 ? ['z'] : names).map((name) => {
    const inner =
      depth < 3 && random(4) === 0 ? ` ${randomObject(random, depth + 1)}` : TYPES[random(TYPES.length)];
    return `${name}${random(3) === 0 ? ' ? ' : ''}${inner}${TEXTS[random(TEXTS.length)]}`;
  });
  return fields.join(random(2) === 0 ? ',' : ' , ');
}

function randomObject(random: (below: number) => number, depth: number): string {
  const object = `{${randomFields(random, depth)}}`;
  return random(2) === 0 ? object : `[${object}]`;
}

/** A schema of fields in the grammar of `--fields`, everything quoted. */
function written(schema: JsonObject): string {
  const fields = Object.entries(Object(schema['properties'])).map(([name, value]) => {
    const inner: JsonObject = isObject(value) ? value : {};
    const description = inner['description'] === undefined ? '' : `: ${JSON.stringify(inner['description'])}`;
    return `${JSON.stringify(name)} ${typeText(inner)}${description}`;
  });
  return fields.join(', ');
}

function typeText(schema: JsonObject): string {
  const { type, anyOf, enum: values, items, format } = schema;
  if (Array.isArray(anyOf)) return `${typeText(anyOf[0])}?`;
  const end = Array.isArray(type) ? '?' : '';
  const name = [type].flat()[0];
  if (Array.isArray(values)) {
    return `(${values
      .filter((value) => value !== null)
      .map((value) => JSON.stringify(value))
      .join('|')})${end}`;
  }
  if (name === 'object') return `{${written(schema)}}`;
  if (name === 'array') return `[${typeText(Object(items))}]`;
  return `${format ?? { integer: 'int', boolean: 'bool' }[String(name)] ?? name}${end}`;
}
