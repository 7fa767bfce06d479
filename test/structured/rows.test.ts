import { describe, expect, it } from 'vitest';
import { writeRows } from '../../src/output/table.ts';
import { csvLines } from '../../src/structured/csv.ts';
import { columnNames, jsonLines, rowsOf, tableColumns } from '../../src/structured/rows.ts';

describe('rowsOf', () => {
  it.each<[unknown, boolean, unknown[]]>([
    [[{ a: 1 }, { a: 2 }], true, [{ a: 1 }, { a: 2 }]],
    [[1, null, [2]], true, [{ value: 1 }, { value: null }, { value: [2] }]],
    [[], true, []],
    [{ a: 1 }, false, [{ a: 1 }]],
    [{ a: 1 }, true, [{ a: 1 }]],
    [[1], false, [{ value: [1] }]],
  ])('of %j, multi %j', (value, multi, rows) => {
    expect(rowsOf(value, multi)).toEqual(rows);
  });
});

describe('columnNames', () => {
  it('are those of the schema in its order, then what rows have besides', () => {
    const schema = { properties: { z: {}, a: {} } };
    expect(columnNames([{ a: 1, b: 2, z: 3 }, { c: 1 }], schema)).toEqual(['z', 'a', 'b', 'c']);
    expect(columnNames([{ b: 1 }])).toEqual(['b']);
    expect(columnNames([], schema)).toEqual(['z', 'a']);
  });

  it('are those of all cases of a union, through references that go in circles', () => {
    const root = {
      $defs: {
        one: { properties: { kind: {}, a: {} } },
        two: { properties: { kind: {}, b: {} }, anyOf: [{ $ref: '#/$defs/two' }] },
      },
      anyOf: [{ $ref: '#/$defs/one' }, { $ref: '#/$defs/two' }, { type: 'null' }],
    };
    expect(columnNames([], root)).toEqual(['kind', 'a', 'b']);
  });
});

describe('csvLines', () => {
  const csv = (rows: Record<string, unknown>[], names: string[]) => [...csvLines(rows, names)].join('');

  it('quotes what has to be quoted, and nothing else', () => {
    const row = { a: 'x', b: 'x,y', c: 'say "hi"', d: 'two\nlines', e: ' x', f: 'a;b', g: "it's" };
    expect(csv([row], Object.keys(row))).toBe(
      'a,b,c,d,e,f,g\nx,"x,y","say ""hi""","two\nlines"," x",a;b,it\'s\n',
    );
  });

  it('tells null from an empty text, and writes lists and objects as JSON', () => {
    const row = { a: null, b: '', c: 0, d: false, e: [1, 'x'], f: { g: '"' } };
    expect(csv([row], ['a', 'b', 'c', 'd', 'e', 'f', 'g'])).toBe(
      'a,b,c,d,e,f,g\n,"",0,false,"[1,""x""]","{""g"":""\\""""}",\n',
    );
  });

  it('writes a row of one missing value as a row, and the header without rows', () => {
    expect(csv([{ a: null }, { a: 1 }], ['a'])).toBe('a\n""\n1\n');
    expect(csv([], ['a', 'b c', 'd,e'])).toBe('a,b c,"d,e"\n');
  });

  it('takes nothing that a row does not have of its own', () => {
    expect(csv([{}], ['constructor', 'a'])).toBe('constructor,a\n,\n');
  });
});

describe('other writers', () => {
  it('write JSON Lines', () => {
    expect([...jsonLines([{ a: 'x\ny' }, 1])]).toEqual(['{"a":"x\\ny"}\n', '1\n']);
  });

  it('write a table on a terminal', async () => {
    const written: string[] = [];
    const stdout = { isTTY: true, columns: 80, write: async (text: string) => void written.push(text) };
    const rows = rowsOf([{ a: 'x', b: true }, { b: [1] }], true);
    await writeRows({ stdout: stdout as never }, rows, tableColumns(['b', 'a']), false);
    expect(written.join('')).toBe('b    a\nyes  x\n[1]  -\n');
  });
});
