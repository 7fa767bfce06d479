import { describe, expect, it } from 'vitest';
import { schemaName } from '../../src/schemas/schema-name.ts';
import { validator } from '../../src/schemas/validator.ts';
import { notJsonMessage, repairMessage } from '../../src/structured/repair.ts';

describe('repairMessage', () => {
  it('lists what is wrong and asks for the whole again', async () => {
    const isValid = await validator({ properties: { a: { type: 'integer' } }, required: ['a', 'b'] });
    expect(
      repairMessage(isValid({ a: '1' })),
    ).toBe(`Your JSON does not follow the schema. The places are JSON pointers into your answer:

- /b is missing
- /a must be an integer, is "1"

Answer again with the whole JSON, mended. Change only what is wrong, take nothing away, and write nothing but the JSON.`);
  });

  it('asks for JSON where there was none', () => {
    expect(notJsonMessage('Unexpected end of JSON input')).toMatch(
      /^Your answer is not JSON: Unexpected end of JSON input\n\nAnswer again with the whole JSON and nothing else/,
    );
  });
});

describe('schemaName', () => {
  it.each([
    ['person', 'person'],
    ['Kalender-Ereignis (März)', 'Kalender-Ereignis_Marz'],
    ['a/b.json', 'a_b_json'],
    ['имя', 'answer'],
    ['', 'answer'],
    ['x'.repeat(99), 'x'.repeat(64)],
  ])('makes %j a name that the API takes', (text, name) => {
    expect(schemaName(text)).toBe(name);
    expect(name).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
  });
});
