import { describe, expect, it } from 'vitest';
import { alignedTable, writeRows } from '../../src/output/table.ts';
import { CapturedOutput } from '../support/context.ts';

describe('a table', () => {
  it('aligns by the width on the screen and leaves no blanks at the end', async () => {
    const rows = [
      ['NAME', 'WHAT', ''],
      ['日本', 'wide', 'x'],
      ['e\u0301te\u0301', 'combining', 'y'],
      ['👩‍👩‍👧', 'emoji', ''],
    ];
    expect(await alignedTable(rows)).toBe(
      'NAME  WHAT\n日本  wide       x\ne\u0301te\u0301   combining  y\n👩‍👩‍👧    emoji\n',
    );
  });

  it('keeps a cell on its line and obeys nothing in it', async () => {
    expect(await alignedTable([['a\nb\tc', '\u001b]0;title\u0007', 'z']])).toBe('a b c  ␛]0;title␇  z\n');
  });

  it('of nothing is nothing', async () => {
    expect(await alignedTable([])).toBe('');
  });
});

describe('a list', () => {
  const rows = [
    { name: 'one', count: 1, on: true, note: null },
    { name: 'two\u001b', count: 0, on: false, note: '' },
  ];
  const columns = {
    NAME: (row: (typeof rows)[number]) => row.name,
    N: (row: (typeof rows)[number]) => row.count,
    ON: (row: (typeof rows)[number]) => row.on,
    NOTE: (row: (typeof rows)[number]) => row.note,
  };

  async function written(isTTY: boolean, json: boolean): Promise<string> {
    const stdout = new CapturedOutput({ isTTY });
    await writeRows({ stdout }, rows, columns, json);
    return stdout.text;
  }

  it('is a table on a terminal', async () => {
    expect(await written(true, false)).toBe('NAME  N  ON   NOTE\none   1  yes  -\ntwo␛  0  no\n');
  });

  it.each([
    [21, 'NAME  N  ON   NOTE\none   1  yes  -\ntwo␛  0  no\n'],
    [13, 'NAME  one\nN     1\nON    yes\nNOTE  -\n\nNAME  two␛\nN     0\nON    no\nNOTE\n'],
  ])('is made for a terminal of %i columns', async (width, text) => {
    const stdout = Object.assign(new CapturedOutput({ isTTY: true }), { columns: width });
    await writeRows({ stdout }, rows, columns, false);
    expect(stdout.text).toBe(text);
  });

  it('is a table also if one of its lines is too long for the terminal', async () => {
    const stdout = new CapturedOutput({ isTTY: true });
    const names = ['short', 'x'.repeat(90), 'other'];
    await writeRows({ stdout }, names, { NAME: (name) => name }, false);
    expect(stdout.text).toBe(`NAME\n${names.join('\n')}\n`);
  });

  it('is JSON Lines in a pipe', async () => {
    const lines = (await written(false, false)).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(rows);
  });

  it.each([true, false])('is one JSON document with --json, on a terminal: %s', async (isTTY) => {
    expect(JSON.parse(await written(isTTY, true))).toEqual(rows);
  });
});
