import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readHeaders } from '../../src/api/headers.ts';
import { isCredential } from '../../src/api/transport/credentials.ts';
import { fakeContext } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';

describe('--header', () => {
  it.each<[string, string[], Record<string, string>]>([
    ['one', ['X-Trace: 7'], { 'x-trace': '7' }],
    ['a colon in the value', ['X-Url: http://a:1'], { 'x-url': 'http://a:1' }],
    ['no space', ['X-Trace:7'], { 'x-trace': '7' }],
    ['an empty value', ['X-Trace:'], { 'x-trace': '' }],
    ['the later of two', ['X-Trace: 1', 'x-trace: 2'], { 'x-trace': '2' }],
  ])('reads %s', async (_, flags, headers) => {
    expect(await readHeaders(flags, fakeContext())).toEqual(headers);
  });

  it('reads a file with one header on each line, so that a secret is not on the command line', async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'headers'), 'X-A: 1\r\n\nX-B: 2\n');
    expect(await readHeaders(['@headers'], fakeContext({ cwd }))).toEqual({ 'x-a': '1', 'x-b': '2' });
  });

  it.each([
    ['no colon', 'X-Secret hush'],
    ['no name', ': hush'],
    ['a space in the name', 'X Secret: hush'],
    ['a character that no header carries', 'X-Secret: hush안녕'],
    ['a NUL', 'X-Secret: hush\u0000'],
    ['a line break', 'X-Secret: hush\r\nX-B: hush'],
    ['a line feed', 'X-A: a\nX-Secret: hush'],
    ['a line break at its end', 'X-Secret: hush\n'],
    ['a return', 'X-Secret: hush\rX-B: hush'],
  ])('refuses %s without showing the value', async (_, flag) => {
    const failure = await readHeaders([flag], fakeContext()).catch((error: Error) => error);
    expect(failure).toMatchObject({ kind: 'usage', message: expect.not.stringContaining('hush') });
  });
});

describe('credentials', () => {
  it.each([
    'authorization',
    'api-key',
    'x-api-key',
    'cookie',
    'x-auth-token',
    'Proxy-Authorization',
    'x-amz-signature',
  ])('%s is one', (name) => {
    expect(isCredential(name)).toBe(true);
  });

  it.each(['content-type', 'x-trace', 'openai-organization', 'accept'])('%s is none', (name) => {
    expect(isCredential(name)).toBe(false);
  });
});
