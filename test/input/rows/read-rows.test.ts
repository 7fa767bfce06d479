import { describe, expect, it } from 'vitest';
import { readRows } from '../../../src/input/rows/read-rows.ts';
import type { RowFormat } from '../../../src/input/rows/row.ts';
import { bytes, inPieces, readAll, readWhole, told } from './reading.ts';

const BOM = [0xef, 0xbb, 0xbf];

describe('rows of lines', () => {
  it.each([
    ['nothing', '', [], 0],
    ['lines', 'a\nb\n', ['1: "a"', '2: "b"'], 0],
    ['a last line without a line break', 'a\nb', ['1: "a"', '2: "b"'], 0],
    ['CRLF', 'a\r\nb\r\n', ['1: "a"', '2: "b"'], 0],
    ['one CR of two, which is text', 'a\r\r\n', ['1: "a\\r"'], 0],
    ['a CR inside of a line, which is text', 'a\rb\n', ['1: "a\\rb"'], 0],
    ['blank lines, which count', 'a\n\n \t\r\nb\n\n', ['1: "a"', '4: "b"'], 3],
    ['spaces round a text', '  a \n', ['1: "  a "'], 0],
    ['a byte order mark', bytes(BOM, 'a\n', BOM, 'b'), ['1: "a"', '2: "\ufeffb"'], 0],
    ['nothing but a byte order mark', bytes(BOM), [], 0],
    ['fewer bytes than a mark has', 'é', ['1: "é"'], 0],
    ['texts in many scripts', '안녕\n😀\n', ['1: "안녕"', '2: "😀"'], 0],
    ['U+2028, which ends no line', 'a\u2028b', ['1: "a\u2028b"'], 0],
  ])('reads %s', async (_, input, rows, blank) => {
    const reading = await readWhole(input, { format: 'lines' });
    expect(told(reading)).toEqual(rows);
    expect(reading.end).toEqual({ blank });
  });

  it.each([
    ['a byte of latin1', bytes('ok\nab', [0xff], 'c\nok'), 'line 2 is not UTF-8 text: byte 3 is 0xff'],
    [
      'half a character at a line break',
      bytes('ok\n', [0xec, 0x95], '\nok'),
      'line 2 is not UTF-8 text: byte 1 is 0xec',
    ],
    ['a surrogate', bytes('ok\n', [0xed, 0xa0, 0x80], '\nok'), 'line 2 is not UTF-8 text: byte 1 is 0xed'],
    ['an overlong form', bytes('ok\n', [0xc0, 0xaf], '\nok'), 'line 2 is not UTF-8 text: byte 1 is 0xc0'],
  ])('says where %s stands, and goes on', async (_, input, problem) => {
    expect(told(await readWhole(input, { format: 'lines' }))).toEqual(['1: "ok"', problem, '3: "ok"']);
  });

  it('names a row by its number', async () => {
    const { rows } = await readWhole(bytes('\na\n', [0xff]), { format: 'lines' });
    expect(rows).toEqual([
      { row: 2, line: 2, id: 2, value: 'a' },
      { row: 3, line: 3, id: 3, problem: 'is not UTF-8 text: byte 1 is 0xff' },
    ]);
  });

  it.each([
    ['little', [0xff, 0xfe, 0x61, 0]],
    ['big', [0xfe, 0xff, 0, 0x61]],
    ['empty', [0xff, 0xfe]],
  ])('refuses UTF-16, %s endian', async (_, input) => {
    await expect(readWhole(bytes(input), { format: 'lines' })).rejects.toMatchObject({
      kind: 'usage',
      message: 'stdin is UTF-16, and rows are read as UTF-8',
      hint: expect.stringContaining('iconv'),
    });
  });

  it.each(['lines', 'nul'] as const)('refuses --id for %s', async (format) => {
    await expect(readWhole('a', { format, idField: 'id' })).rejects.toMatchObject({
      kind: 'usage',
      message: `--id id names a field, and rows of ${format} have none`,
    });
  });
});

describe('rows that end in NUL', () => {
  it.each([
    ['nothing', '', [], 0],
    ['names', 'a\0b\0', ['1: "a"', '2: "b"'], 0],
    ['a last one without NUL', 'a\0b', ['1: "a"', '2: "b"'], 0],
    ['line breaks and spaces, which are text', 'a\r\n\0 \0\n', ['1: "a\\r\\n"', '2: " "', '3: "\\n"'], 0],
    ['empty ones, which count', 'a\0\0\0b', ['1: "a"', '4: "b"'], 2],
    [
      'what is no UTF-8',
      bytes('a\0', [0x80], '\0b'),
      ['1: "a"', 'line 2 is not UTF-8 text: byte 1 is 0x80', '3: "b"'],
      0,
    ],
  ])('are read: %s', async (_, input, rows, blank) => {
    const reading = await readWhole(input, { format: 'nul' });
    expect(told(reading)).toEqual(rows);
    expect(reading.end).toEqual({ blank });
  });
});

describe('rows of JSON Lines', () => {
  it.each([
    ['objects', '{"a":1}\n{"b":{"c":[null]}}\n', ['1: {"a":1}', '2: {"b":{"c":[null]}}'], 0],
    ['any other value', '"x"\n7\n[1]\nnull\nfalse', ['1: "x"', '2: 7', '3: [1]', '4: null', '5: false'], 0],
    ['CRLF and blank lines', '1\r\n\r\n2\r\n', ['1: 1', '3: 2'], 1],
    ['byte order marks of files put together', bytes(BOM, '1\n', BOM, '2'), ['1: 1', '2: 2'], 0],
    ['a field called __proto__', '{"__proto__":1}', ['1: {"__proto__":1}'], 0],
  ])('reads %s', async (_, input, rows, blank) => {
    const reading = await readWhole(input, { format: 'jsonl' });
    expect(told(reading)).toEqual(rows);
    expect(reading.end).toEqual({ blank });
  });

  it.each([
    ['text', 'hello', /^is no JSON: Unexpected token 'h'$/],
    ['a cut object', '{"a":', /^is no JSON: Unexpected end of JSON input$/],
    ['two values', '{} {}', /^is no JSON: .* at character 4$/],
    ['a list over several lines', '[', /^is no JSON: [^"\n]{0,80}$/],
    ['a long line', `{"a": ${'x'.repeat(1000)}`, /^is no JSON: [^"\n]{0,80}$/],
    ['what JSON has not', "{'a': 1}", /^is no JSON: [^"\n]{0,80}$/],
    [
      'a value without an end of levels',
      '['.repeat(600) + ']'.repeat(600),
      /^is nested more than 500 levels deep$/,
    ],
    [
      'levels that use up a stack',
      '['.repeat(2e6) + ']'.repeat(2e6),
      /^is nested more than 500 levels deep$/,
    ],
  ])('says what is wrong with %s, and goes on', async (_, line, problem) => {
    const { rows } = await readWhole(`1\n${line}\n3`, { format: 'jsonl' });
    expect(rows).toEqual([
      expect.objectContaining({ row: 1, value: 1 }),
      { row: 2, line: 2, id: 2, problem: expect.stringMatching(problem) },
      expect.objectContaining({ row: 3, value: 3 }),
    ]);
  });

  it('takes 500 levels', async () => {
    const deep = '['.repeat(500) + ']'.repeat(500);
    expect(told(await readWhole(deep, { format: 'jsonl' }))).toEqual([`1: ${deep}`]);
  });

  it.each([
    ['text', '{"id":"k"}', 'k'],
    ['a number', '{"id":0}', 0],
    ['a field of a field', '{"meta":{"id":"k"}}', 'k'],
    ['a field with a dot in its name', '{"meta.id":"k","meta":{"id":"no"}}', 'k'],
  ])('names rows by %s', async (_, line, id) => {
    const idField = line.includes('meta') ? 'meta.id' : 'id';
    const { rows } = await readWhole(line, { format: 'jsonl', idField });
    expect(rows).toEqual([{ row: 1, line: 1, id, value: JSON.parse(line) }]);
  });

  it.each([
    ['{"x":1,"y":2}', 'has no field "id" (it has x, y)'],
    ['{}', 'has no field "id": it has no fields'],
    ['"x"', 'has no field "id": it is text'],
    ['["x"]', 'has no field "id": it is a list'],
    ['{"id":""}', 'has nothing in its field "id"'],
    ['{"id":null}', 'has null in its field "id", which is no name'],
    ['{"id":true}', 'has the boolean true in its field "id", which is no name'],
    ['{"id":{}}', 'has an object in its field "id", which is no name'],
    ['{"id":[1]}', 'has a list in its field "id", which is no name'],
    [
      '{"id":12345678901234567890}',
      'has a number too large to be kept as it is in its field "id": write it in quotation marks',
    ],
  ])('cannot name %s', async (line, problem) => {
    const reading = await readWhole(`\n${line}\n{"id":"ok"}`, { format: 'jsonl', idField: 'id' });
    expect(reading.rows).toEqual([
      { row: 2, line: 2, id: null, problem },
      { row: 3, line: 3, id: 'ok', value: { id: 'ok' } },
    ]);
  });

  it('lists a few of many fields', async () => {
    const many = JSON.stringify(Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`f${n}`, n])));
    expect(told(await readWhole(many, { format: 'jsonl', idField: 'id' }))).toEqual([
      'line 1 has no field "id" (it has f0, f1, f2, f3, f4, f5, f6, f7 and 12 more)',
    ]);
  });

  it('looks for no field that all objects have', async () => {
    const reading = await readWhole('{"a":1}', { format: 'jsonl', idField: 'constructor' });
    expect(told(reading)).toEqual(['line 1 has no field "constructor" (it has a)']);
  });
});

const SAMPLES: readonly [RowFormat, Uint8Array][] = [
  ['lines', bytes(BOM, 'é안😀\r\n\r\n b\r\r\n', [0xff, 0xe2], '\nlast 안')],
  ['jsonl', bytes(BOM, '{"a":"😀\\n"}\r\n\n[1,\n"안"\r\n', [0x22, 0xff, 0x22], '\n7')],
  ['nul', bytes('a\nb\0\0안\0', [0xff], '\0c')],
  [
    'csv',
    bytes(BOM, 'a,b\r\n"1, ""😀""\r\n\n안",2\r\n\r\n3\r4,5"x\n"6"x,7\n', [0xff], ',8\n,\n9,"10"\n"open\r\n'),
  ],
];

describe.each(SAMPLES)('pieces of %s', (format, sample) => {
  it('may end after any byte', async () => {
    const whole = await readWhole(sample, { format });
    expect(whole.rows.length).toBeGreaterThan(2);
    for (let cut = 0; cut <= sample.length; cut += 1) {
      const pieces = [sample.subarray(0, cut), sample.subarray(cut)];
      expect(await readAll(inPieces(pieces), { format }), `cut after ${cut}`).toEqual(whole);
    }
  });

  it.each([2, 3, 5])('may have %i bytes each', async (size) => {
    const pieces = Array.from({ length: Math.ceil(sample.length / size) }, (_, piece) =>
      sample.subarray(piece * size, (piece + 1) * size),
    );
    expect(await readAll(inPieces(pieces), { format })).toEqual(await readWhole(sample, { format }));
  });

  it('may be single bytes, in memory that is used again', async () => {
    const one = new Uint8Array(1);
    function* singles() {
      for (const byte of sample) {
        one[0] = byte;
        yield one;
      }
    }
    expect(await readAll(inPieces(singles()), { format })).toEqual(await readWhole(sample, { format }));
  });
});

describe('reading', () => {
  it.each([
    ['lines', 'a\n', '"a"'],
    ['jsonl', '{"a":1}\n', '{"a":1}'],
    ['csv', 'x\na\n', '{"x":"a"}'],
  ] as const)(
    'gives rows of %s before the input has ended, and ends it when nobody wants more',
    async (format, text, value) => {
      let ended = false;
      async function* endless() {
        try {
          yield bytes(text);
          throw new Error('nobody asked for more');
        } finally {
          ended = true;
        }
      }
      for await (const row of readRows(endless(), { format, name: 'stdin' })) {
        expect(row).toMatchObject({ value: JSON.parse(value) });
        break;
      }
      expect(ended).toBe(true);
    },
  );

  it('throws what the input throws, after the rows before it', async () => {
    async function* broken() {
      yield bytes('a\nb');
      throw new Error('cut');
    }
    const reader = readRows(broken(), { format: 'lines', name: 'stdin' });
    expect((await reader.next()).value).toMatchObject({ value: 'a' });
    await expect(reader.next()).rejects.toThrow('cut');
  });
});
