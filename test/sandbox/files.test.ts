import type { FileObject } from 'openai/resources/files';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../support/context.ts';
import { ask, request, sandbox } from './ask.ts';
import { content, FILES, linesOf, refused, upload, uploadForm } from './ask-batches.ts';
import { askForm, fileOf, formOf } from './ask-images.ts';

const TEXT = linesOf('a', 'b', 'c');
const invalid = { type: 'invalid_request_error', param: null, code: null };

describe('a file', () => {
  it('is told, given back byte by byte, and deleted', async () => {
    const of = sandbox();
    const file = await upload(TEXT, of);
    expect(file).toMatchObject({
      object: 'file',
      bytes: Buffer.byteLength(TEXT),
      filename: 'input.jsonl',
      purpose: 'batch',
      status: 'processed',
    });
    expect(file.expires_at).toBe(file.created_at + 30 * 86_400);
    const path = `${FILES}/${file.id}`;
    expect((await ask<FileObject>('GET', path, undefined, { of })).body).toEqual(file);
    const response = await content(file.id, of);
    expect(response.headers.get('content-length')).toBe(String(Buffer.byteLength(TEXT)));
    expect(await response.text()).toBe(TEXT);
    const deleted = await ask<object>('DELETE', path, undefined, { of });
    expect(deleted.body).toEqual({ id: file.id, object: 'file', deleted: true });
    const gone = { ...invalid, status: 404, message: `No such File object: ${file.id}`, param: 'id' };
    expect(refused(await ask('GET', path, undefined, { of }))).toEqual(gone);
    expect(refused(await ask('DELETE', path, undefined, { of }))).toEqual(gone);
    expect((await content(file.id, of)).status).toBe(404);
  });

  it('has the same id in every sandbox, and another when it comes again', async () => {
    const of = sandbox();
    const first = await upload(TEXT, of);
    expect(first.id).toMatch(/^file-[0-9a-f]{24}$/);
    expect((await upload(TEXT, sandbox())).id).toBe(first.id);
    const second = await upload(TEXT, of);
    expect(second.id).not.toBe(first.id);
    await ask('DELETE', `${FILES}/${second.id}`, undefined, { of });
    expect([first.id, second.id]).not.toContain((await upload(TEXT, of)).id);
  });

  it('is kept as long as is asked', async () => {
    const clock = new FakeClock({ leap: true });
    const of = sandbox(undefined, { clock });
    const file = await upload(TEXT, of, {
      'expires_after[anchor]': 'created_at',
      'expires_after[seconds]': '3600',
    });
    expect(file.expires_at).toBe(file.created_at + 3600);
    expect((await content(file.id, of)).status).toBe(200);
    await new Promise<void>((resolve) => clock.timer(3_600_000, resolve));
    expect((await content(file.id, of)).status).toBe(404);
  });

  it('may be for something else, and may be empty', async () => {
    const of = sandbox();
    const file = await upload('', of, {
      purpose: 'user_data',
      file: fileOf(Buffer.from(''), 'text/plain', 'a.txt'),
    });
    expect(file).toMatchObject({ bytes: 0, purpose: 'user_data', filename: 'a.txt' });
    expect(file.expires_at).toBeUndefined();
    const refusal = await content(file.id, of);
    expect(refusal.status).toBe(400);
    expect(await refusal.text()).toContain('Not allowed to download files of purpose: user_data');
  });

  it('comes in pieces where it is larger than memory should hold', async () => {
    const of = sandbox();
    const bytes = Buffer.alloc(3 * 1024 ** 2, 'abcdefg\n');
    const { id } = await upload(bytes.toString(), of);
    const response = await content(id, of);
    expect(response.headers.get('content-length')).toBe(String(bytes.length));
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);
  });

  it.each([
    ['no file', { file: undefined }, 400, "Missing required parameter: 'file'.", 'file'],
    ['no purpose', { purpose: undefined }, 400, "Missing required parameter: 'purpose'.", 'purpose'],
    ['a wrong purpose', { purpose: 'fun' }, 400, /^Invalid value: 'fun'\. Supported values are: /, 'purpose'],
    ['a text in place of a file', { file: 'x' }, 400, /^Invalid type for 'file': expected a file/, 'file'],
    ['a field that there is not', { name: 'x' }, 400, "Unknown parameter: 'name'.", 'name'],
    [
      'a short life',
      { 'expires_after[anchor]': 'created_at', 'expires_after[seconds]': '60' },
      400,
      /below minimum value\. Expected a value >= 3600/,
      'expires_after.seconds',
    ],
    [
      'half a life',
      { 'expires_after[seconds]': '3600' },
      400,
      /'expires_after\.anchor'/,
      'expires_after.anchor',
    ],
    [
      'another name',
      { file: fileOf(Buffer.from(TEXT), 'text/plain', 'input.txt') },
      400,
      'Invalid file format for Batch API. Must be .jsonl',
      null,
    ],
  ])('with %s is refused', async (_, fields, status, message, param) => {
    const answer = await askForm(FILES, uploadForm(TEXT, fields));
    expect(refused(answer)).toMatchObject({ status, param, type: 'invalid_request_error' });
    if (typeof message === 'string') expect(answer.body.error.message).toBe(message);
    else expect(answer.body.error.message).toMatch(message);
  });

  // Reading a form of this size takes seconds.
  it('is refused above 200 MB', async () => {
    const file = new File([new Uint8Array(200 * 1024 ** 2 + 1)], 'input.jsonl');
    const response = await sandbox().answer(
      request('POST', FILES, undefined, { body: formOf({ purpose: 'batch', file }) }),
    );
    const { error } = JSON.parse(await response.text());
    expect([response.status, error.message]).toEqual([
      413,
      'The batch input file is larger than the 209715200 maximum',
    ]);
  }, 60_000);

  it('is no JSON', async () => {
    const { status, body } = await ask('POST', FILES, { purpose: 'batch' });
    expect([status, body.error.code]).toEqual([400, 'unsupported_content_type']);
  });
});

describe('a fault', () => {
  it.each(['429', '500', '503', 'quota'])('of status strikes files: %s', async (fault) => {
    const of = sandbox(`${fault}x2`);
    expect((await askForm(FILES, uploadForm(TEXT), of)).status).toBeGreaterThanOrEqual(429);
    expect((await ask('GET', `${FILES}/x`, undefined, { of })).status).toBeGreaterThanOrEqual(429);
    expect((await upload(TEXT, of)).bytes).toBe(TEXT.length);
  });

  it('cuts a download after so many lines', async () => {
    const of = sandbox('cut@2');
    const { id } = await upload(TEXT, of);
    const text = await (await content(id, of)).text();
    expect(text).toBe(linesOf('a', 'b'));
  });

  it('loses the connection in a download', async () => {
    const of = sandbox('reset@1');
    const { id } = await upload(TEXT, of);
    const response = await content(id, of);
    await expect(response.text()).rejects.toThrow('terminated');
  });

  it('garbles a download', async () => {
    const of = sandbox('garbled@1');
    const { id } = await upload(TEXT, of);
    const lines = (await (await content(id, of)).text()).trimEnd().split('\n');
    expect(lines).toHaveLength(4);
    expect(() => JSON.parse(lines[1] ?? '')).toThrow(SyntaxError);
    expect(JSON.parse(lines[3] ?? '')).toMatchObject({ custom_id: '3' });
  });
});
