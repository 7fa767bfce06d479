import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InputHistory } from '../../src/editor/input-history.ts';
import { temporaryFolder } from '../support/folder.ts';

function load(path: string | undefined): {
  history: InputHistory;
  problems: string[];
  add(text: string): void;
} {
  const problems: string[] = [];
  const warn = (problem: string) => void problems.push(problem);
  const history = InputHistory.load(path, warn);
  return { history, problems, add: (text) => history.add(text, warn) };
}

function all(history: InputHistory): (string | undefined)[] {
  return Array.from({ length: history.length }, (_, index) => history.at(index));
}

describe('InputHistory', () => {
  it('is there again, for the user alone, in folders of its own', async () => {
    const path = join(await temporaryFolder(), 'new', 'input.jsonl');
    const first = load(path);
    for (const text of ['one', 'two\nlines', '한글', '한글', '  ']) first.add(text);
    expect(all(load(path).history)).toEqual(['one', 'two\nlines', '한글']);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(path, '..')).mode & 0o777).toBe(0o700);
    expect(first.problems).toEqual([]);
  });

  it('loses nothing where two runs write at once', async () => {
    const path = join(await temporaryFolder(), 'input.jsonl');
    const [first, second] = [load(path), load(path)];
    for (let n = 0; n < 50; n++) {
      first.add(`a${n}`);
      second.add(`b${n}`);
    }
    expect(all(load(path).history)).toHaveLength(100);
  });

  it('passes over what is no line of its own, and begins anew behind one that was cut', async () => {
    const path = join(await temporaryFolder(), 'input.jsonl');
    writeFileSync(path, '"one"\nnonsense\n{"a":1}\n\n"two"\n"cu');
    const { history, add } = load(path);
    expect(all(history)).toEqual(['one', 'two']);
    add('three');
    expect(all(load(path).history)).toEqual(['one', 'two', 'three']);
  });

  it('is cut to its newest when it has grown too long', async () => {
    const path = join(await temporaryFolder(), 'input.jsonl');
    for (let n = 0; n < 30; n++) appendFileSync(path, `${JSON.stringify(`${n} ${'x'.repeat(40_000)}`)}\n`);
    const { history } = load(path);
    expect(history.at(history.length - 1)).toMatch(/^29 /);
    expect(readFileSync(path).length).toBeLessThan(600_000);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(load(path).history.at(0)).toMatch(/^1\d /);
  });

  it('keeps what is very long for this run only', async () => {
    const path = join(await temporaryFolder(), 'input.jsonl');
    const { history, add } = load(path);
    add('x'.repeat(60_000));
    expect(history.length).toBe(1);
    expect(load(path).history.length).toBe(0);
  });

  it('says once that it cannot be read, and leaves it alone', async () => {
    const path = join(await temporaryFolder(), 'input.jsonl');
    await mkdir(path);
    const { history, problems, add } = load(path);
    add('one');
    add('two');
    expect(problems).toEqual([`cannot read ${path}: it is a directory; what you type is not kept`]);
    expect(all(history)).toEqual(['one', 'two']);
  });

  it.skipIf(process.getuid?.() === 0)('says once that it cannot be written', async () => {
    const folder = await temporaryFolder();
    await chmod(folder, 0o500);
    const { history, problems, add } = load(join(folder, 'input.jsonl'));
    add('one');
    add('two');
    await chmod(folder, 0o700);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain('permission denied');
    expect(history.length).toBe(2);
  });

  it('says once that it cannot be written, where a part of its path is a file', async () => {
    const file = join(await temporaryFolder(), 'file');
    writeFileSync(file, '');
    const { problems, add } = load(undefined);
    add('one');
    expect(problems).toEqual([]);
    const other = load(join(file, 'input.jsonl'));
    other.add('one');
    other.add('two');
    expect(other.problems).toHaveLength(1);
  });

  it.skipIf(!existsSync('/proc/self'))('says once that it cannot be written, where none may be made', () => {
    const { problems, add } = load('/proc/oai-test/data/input.jsonl');
    add('one');
    add('two');
    expect(problems).toEqual([expect.stringContaining('cannot write /proc/oai-test/data/input.jsonl: ')]);
  });

  it('finds the nearest, upper and lower case alike', () => {
    const { history, add } = load(undefined);
    for (const text of ['Ask Cats', 'dogs', 'cats again']) add(text);
    expect(history.find('CATS', 2, -1)).toBe(2);
    expect(history.find('cats', 1, -1)).toBe(0);
    expect(history.find('cats', 1, 1)).toBe(2);
    expect(history.find('birds', 2, -1)).toBeUndefined();
  });
});
