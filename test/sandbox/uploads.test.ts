import { createHash } from 'node:crypto';
import type { FileObject } from 'openai/resources/files';
import type { Upload, UploadPart } from 'openai/resources/uploads';
import { describe, expect, it } from 'vitest';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { FakeClock } from '../support/context.ts';
import { type Answer, ask, type ErrorAnswer, sandbox } from './ask.ts';
import { content, FILES, refused } from './ask-batches.ts';
import { askForm, fileOf, formOf } from './ask-images.ts';

const UPLOADS = '/uploads';
const BYTES = Buffer.from('0123456789');
const MD5 = createHash('md5').update(BYTES).digest('hex');
const asked = { filename: 'a.jsonl', purpose: 'fine-tune', bytes: BYTES.length, mime_type: 'text/jsonl' };

async function begin(of: Sandbox, fields: object = {}): Promise<Upload> {
  return (await ask<Upload>('POST', UPLOADS, { ...asked, ...fields }, { of })).body;
}

function send(of: Sandbox, { id }: Upload, bytes: Uint8Array, fields: object = {}) {
  const data = fileOf(Buffer.from(bytes), 'application/octet-stream', 'part');
  return askForm<UploadPart>(`${UPLOADS}/${id}/parts`, formOf({ data, ...fields }), of);
}

async function sent(of: Sandbox, upload: Upload, bytes: Uint8Array): Promise<string> {
  return (await send(of, upload, bytes)).body.id;
}

/** What a refusal says. */
function refusalOf(answer: Answer<unknown>): { readonly message: string; readonly status: number } {
  return refused(answer as Answer<ErrorAnswer>) as { message: string; status: number };
}

function complete(of: Sandbox, { id }: Upload, body: object) {
  return ask<Upload>('POST', `${UPLOADS}/${id}/complete`, body, { of });
}

describe('an upload', () => {
  it('becomes a file of its parts, in the order that is asked for', async () => {
    const of = sandbox();
    const upload = await begin(of);
    expect(upload).toMatchObject({ object: 'upload', status: 'pending', bytes: 10, filename: 'a.jsonl' });
    expect(upload.expires_at).toBe(upload.created_at + 3600);
    const [last, first] = await Promise.all([
      sent(of, upload, BYTES.subarray(4)),
      sent(of, upload, BYTES.subarray(0, 4)),
    ]);
    const { body } = await complete(of, upload, { part_ids: [first, last], md5: MD5 });
    expect(body).toMatchObject({
      status: 'completed',
      file: { bytes: 10, filename: 'a.jsonl', purpose: 'fine-tune' },
    });
    const id = body.file?.id ?? '';
    expect(await (await content(id, of)).text()).toBe(BYTES.toString());
    expect((await ask<FileObject>('GET', `${FILES}/${id}`, undefined, { of })).body).toEqual(body.file);
  });

  it('is cancelled, and takes nothing more', async () => {
    const of = sandbox();
    const upload = await begin(of);
    const part = await sent(of, upload, BYTES);
    const path = `${UPLOADS}/${upload.id}/cancel`;
    expect((await ask<Upload>('POST', path, undefined, { of })).body.status).toBe('cancelled');
    const words = (verb: string) => `Cannot ${verb} an upload with status 'cancelled'.`;
    expect(refusalOf(await send(of, upload, BYTES)).message).toBe(words('add a part to'));
    expect(refusalOf(await complete(of, upload, { part_ids: [part] })).message).toBe(words('complete'));
    expect(refusalOf(await ask('POST', path, undefined, { of })).message).toBe(words('cancel'));
  });

  it('ends after an hour', async () => {
    const clock = new FakeClock({ leap: true });
    const of = sandbox(undefined, { clock });
    const upload = await begin(of);
    await new Promise<void>((resolve) => clock.timer(3_600_000, resolve));
    expect(refusalOf(await send(of, upload, BYTES)).message).toBe(
      "Cannot add a part to an upload with status 'expired'.",
    );
  });

  it.each([
    ['without a name', { filename: undefined }, "Missing required parameter: 'filename'."],
    ['without a purpose', { purpose: undefined }, "Missing required parameter: 'purpose'."],
    ['of no bytes', { bytes: 0 }, /'bytes': integer below minimum value/],
    ['of more than 8 GB', { bytes: 8 * 1024 ** 3 + 1 }, /'bytes': integer above maximum value/],
    ['of a batch of another kind', { purpose: 'batch', filename: 'a.txt' }, /Must be \.jsonl/],
    ['with what there is not', { parts: 2 }, "Unknown parameter: 'parts'."],
  ])('%s is refused', async (_, fields, message) => {
    const answer = await ask('POST', UPLOADS, { ...asked, ...fields });
    expect(refusalOf(answer).message).toEqual(
      typeof message === 'string' ? message : expect.stringMatching(message),
    );
  });

  it('is completed with all of its bytes and no others', async () => {
    const of = sandbox();
    const upload = await begin(of);
    const half = await sent(of, upload, BYTES.subarray(0, 5));
    const refusal = async (body: object) => refusalOf(await complete(of, upload, body)).message;
    expect(await refusal({ part_ids: [half] })).toBe(
      'The parts have 5 bytes in total, but the upload was created for 10 bytes.',
    );
    expect(await refusal({ part_ids: [half, 'part_x'] })).toBe(
      `No part found with id 'part_x' in upload '${upload.id}'.`,
    );
    expect(await refusal({ part_ids: [half, half], md5: MD5 })).toMatch(/^The MD5 checksum of the parts is /);
    expect(await refusal({ md5: MD5 })).toBe("Missing required parameter: 'part_ids'.");
    expect((await ask<{ data: [] }>('GET', FILES, undefined, { of })).body.data).toEqual([]);
  });

  it('that there is not is refused, and so is a part that is too large, or none', async () => {
    const of = sandbox();
    const upload = await begin(of, { bytes: 65 * 1024 ** 2 });
    expect(refusalOf(await send(of, { ...upload, id: 'upload_x' }, BYTES))).toMatchObject({
      status: 404,
      message: 'No such Upload object: upload_x',
    });
    expect(refusalOf(await askForm(`${UPLOADS}/${upload.id}/parts`, formOf({ x: '1' }), of)).message).toBe(
      "Unknown parameter: 'x'.",
    );
    const large = await send(of, upload, new Uint8Array(64 * 1024 ** 2 + 1));
    expect(refusalOf(large).message).toMatch(/^Invalid 'data': file too large/);
  }, 60_000);
});

describe('the list of files', () => {
  it('has pages, an order and a purpose', async () => {
    const clock = new FakeClock({ leap: true });
    const of = sandbox(undefined, { clock });
    const ids: string[] = [];
    for (const purpose of ['fine-tune', 'user_data', 'fine-tune']) {
      const file = fileOf(Buffer.from(`${ids.length}`), 'text/plain', 'a.jsonl');
      ids.push((await askForm<FileObject>(FILES, formOf({ purpose, file }), of)).body.id);
    }
    const list = async (query: string) =>
      (await ask<{ data: FileObject[]; has_more: boolean }>('GET', `${FILES}${query}`, undefined, { of }))
        .body;
    const idsOf = ({ data }: { data: FileObject[] }) => data.map(({ id }) => id);
    const [one = '', two = '', three = ''] = ids;
    expect(idsOf(await list(''))).toEqual([three, two, one]);
    expect(idsOf(await list('?order=asc&purpose=fine-tune'))).toEqual([one, three]);
    const page = await list(`?limit=1&after=${three}`);
    expect([idsOf(page), page.has_more]).toEqual([[two], true]);
    const { body } = await ask('GET', `${FILES}?limit=0`, undefined, { of });
    expect(body.error.message).toMatch(/'limit': integer below minimum/);
  });
});
