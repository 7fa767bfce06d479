import { describe, expect, it } from 'vitest';
import { bytes, readWhole, told } from './reading.ts';

function records(input: string | Uint8Array) {
  return readWhole(input, { format: 'csv' });
}

describe('rows of CSV', () => {
  it.each([
    ['nothing', '', [], 0],
    ['a header alone', 'a,b\n', [], 0],
    ['records', 'a,b\n1,2\n3,4\n', ['1: {"a":"1","b":"2"}', '2: {"a":"3","b":"4"}'], 0],
    ['one field', 'a\n1\n2', ['1: {"a":"1"}', '2: {"a":"2"}'], 0],
    ['CRLF', 'a,b\r\n1,2\r\n', ['1: {"a":"1","b":"2"}'], 0],
    ['CR', 'a,b\r1,2\r', ['1: {"a":"1","b":"2"}'], 0],
    [
      'a byte order mark before a quoted name',
      bytes([0xef, 0xbb, 0xbf], '"a",b\n1,2'),
      ['1: {"a":"1","b":"2"}'],
      0,
    ],
    ['quoted fields', 'a,b\n"1,""x""","2"\n', ['1: {"a":"1,\\"x\\"","b":"2"}'], 0],
    ['line breaks in them', 'a,b\n"1\r\n\n2",3\n', ['1: {"a":"1\\r\\n\\n2","b":"3"}'], 0],
    ['quotation marks in plain fields', 'a,b\n6\'2",a"b"\n', ['1: {"a":"6\'2\\"","b":"a\\"b\\""}'], 0],
    ['empty fields', 'a,b\n,2\n"",3\n', ['1: {"a":"","b":"2"}', '2: {"a":"","b":"3"}'], 0],
    ['spaces of a field', 'a,b\n 1 ,2\n', ['1: {"a":" 1 ","b":"2"}'], 0],
    ['spaces round names', ' a , b\n1,2\n', ['1: {"a":"1","b":"2"}'], 0],
    [
      'blank lines, which are no records',
      '\na,b\n\n1,2\n  \n3,4\n',
      ['1: {"a":"1","b":"2"}', '2: {"a":"3","b":"4"}'],
      3,
    ],
    ['records of nothing, which are', 'a,b\n,\n1,2\n , \n,,\n', ['2: {"a":"1","b":"2"}'], 3],
    ['a field called __proto__', '__proto__,b\n1,2\n', ['1: {"__proto__":"1","b":"2"}'], 0],
    ['semicolons', 'a;b\n1,5;"2;3"\n', ['1: {"a":"1,5","b":"2;3"}'], 0],
    ['tabs', 'a\tb\n1,5\t"2"\n', ['1: {"a":"1,5","b":"2"}'], 0],
    ['a field of nothing beside a tab', 'a\tb\n\t2\n\t\n', ['1: {"a":"","b":"2"}'], 1],
    ['semicolons in a quoted name', '"a;b;c",d\n1,2\n', ['1: {"a;b;c":"1","d":"2"}'], 0],
    ['a quoted name after a semicolon', 'a;"b;,,c"\n1;2\n', ['1: {"a":"1","b;,,c":"2"}'], 0],
  ])('reads %s', async (_, input, rows, blank) => {
    const reading = await records(input);
    expect(told(reading)).toEqual(rows);
    expect(reading.end).toEqual({ blank });
  });

  it.each([
    ['too few fields', '1', 'has 1 field, and the header has 2'],
    ['too many', '1,2,3', 'has 3 fields, and the header has 2'],
    [
      'text after a closing mark',
      '"1"x,2',
      'has text after a closing quotation mark; inside of a quoted field a mark is doubled',
    ],
    [
      'marks that are not doubled',
      '"say "hi", please",2',
      'has text after a closing quotation mark; inside of a quoted field a mark is doubled',
    ],
    ['no UTF-8', bytes('1,', [0xff]), 'is not UTF-8 text: byte 3 is 0xff'],
  ])('says what is wrong: %s, and goes on', async (_, record, problem) => {
    const input = bytes('a,b\n"x\ny",0\n', [...Buffer.from(record)], '\n8,9\n');
    expect(await records(input)).toEqual({
      rows: [
        { row: 1, line: 2, id: 1, value: { a: 'x\ny', b: '0' } },
        { row: 2, line: 4, id: 2, problem },
        { row: 3, line: 5, id: 3, value: { a: '8', b: '9' } },
      ],
      end: { blank: 0 },
    });
  });

  it('says where a quotation mark that is never closed opens', async () => {
    expect(told(await records('a,b\n1,2\n3,"4\n5,6\n'))).toEqual([
      '1: {"a":"1","b":"2"}',
      'line 3 opens a quotation mark that is never closed',
    ]);
  });

  it('counts lines of every kind', async () => {
    const { rows } = await records('a\r\n\r\n"x\r\ny\rz\n"\rb\n');
    expect(rows).toEqual([
      { row: 1, line: 3, id: 1, value: { a: 'x\r\ny\rz\n' } },
      { row: 2, line: 7, id: 2, value: { a: 'b' } },
    ]);
  });

  it.each([
    ['a name twice', 'a,b, a\n', 'the header of stdin, line 1, has the name "a" twice'],
    ['a missing name', '\na,,b\n', 'the header of stdin, line 2, has no name in column 2'],
    [
      'an open quotation mark',
      'a,"b\n1,2',
      'the header of stdin, line 1, opens a quotation mark that is never closed',
    ],
    [
      'text after a closing mark',
      '"a"b,c\n',
      'the header of stdin, line 1, has text after a closing quotation mark',
    ],
    ['no UTF-8', bytes('a,', [0xe9], '\n'), 'the header of stdin, line 1, is not UTF-8 text: byte 3 is 0xe9'],
    ['no end', 'a'.repeat(4_200_000), 'the header of stdin, line 1, is longer than 4 MB'],
  ])('refuses a header with %s', async (_, input, message) => {
    await expect(records(input)).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringContaining(message),
    });
  });

  it('names rows by a field', async () => {
    const { rows } = await readWhole('id,b\nx,1\n,2\n', { format: 'csv', idField: 'id' });
    expect(rows).toEqual([
      { row: 1, line: 2, id: 'x', value: { id: 'x', b: '1' } },
      { row: 2, line: 3, id: null, problem: 'has nothing in its field "id"' },
    ]);
  });

  it('refuses an --id that the header has not', async () => {
    await expect(readWhole('a,b\n', { format: 'csv', idField: 'id' })).rejects.toMatchObject({
      kind: 'usage',
      message: '--id id is no field of stdin, whose header has a, b',
    });
  });
});
