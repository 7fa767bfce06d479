import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fileSink } from '../../src/bulk/sink.ts';
import type { Row } from '../../src/input/rows/row.ts';
import { fakeContext } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';

const [KEY, OTHER] = ['00000000000a', '00000000000b'];
const row = (number: number) => ({ row: number, line: number, id: number }) as unknown as Row;

async function sinkOf(content: string, options = { isOrdered: true, force: false }) {
  const cwd = await temporaryFolder();
  await writeFile(join(cwd, 'out'), content);
  const sink = await fileSink('out', options, fakeContext({ cwd }));
  return { cwd, sink, text: () => readFile(join(cwd, 'out'), 'utf8') };
}

const done = `{"id":1,"key":"${KEY}","result":1}\n`;
const failed = (key: string) => `{"id":2,"key":"${key}","error":{"message":"no"}}\n`;

describe('results in a file', () => {
  it.each([
    ['failed', KEY],
    ['failed, and has been mended since', OTHER],
    ['could not be read, and can be now', ''],
  ])('lack a row that %s', async (_, key) => {
    const { cwd, sink, text } = await sinkOf(done + failed(key));
    expect(await sink.isDone(row(1), KEY)).toBe(true);
    expect(await sink.isDone(row(2), KEY)).toBe(false);
    await sink.write([{ row: 2, id: 2, key: KEY, result: 2 }]);
    await sink.close(true);
    expect(await text()).toBe(`${done}{"id":2,"key":"${KEY}","result":2}\n`);
    expect(await readdir(cwd)).toEqual(['out']);
  });

  it('are not those of another job', async () => {
    const { cwd, sink } = await sinkOf(done);
    expect(() => sink.isDone(row(1), OTHER)).toThrow('out holds the results of another job');
    await sink.close(false);
    expect(await readdir(cwd)).toEqual(['out']);
  });

  it('of what is no job leave the file, and no lock', async () => {
    await expect(sinkOf('my notes')).rejects.toMatchObject({ kind: 'usage' });
  });
});
