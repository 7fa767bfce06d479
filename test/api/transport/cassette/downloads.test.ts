import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connect } from '../../../../src/api/client.ts';
import { download } from '../../../../src/api/download.ts';
import { connectionError, stubApi } from '../../../support/api.ts';
import { fakeContext } from '../../../support/context.ts';
import { temporaryFolder } from '../../../support/folder.ts';

const LINK = 'https://files.test/cat.png?sig=hush-hush-hush';
const resolve = async () => [{ address: '93.184.216.34', family: 4 }];
const noNames = () => Promise.reject(new Error('a name was looked up'));

const file = (text: string, headers: Record<string, string> = {}, status = 200) =>
  new Response(text, { status, headers: { 'content-type': 'image/png', ...headers } });

async function fetched(cwd: string, flags: object, answers: Response[], link = LINK): Promise<string> {
  const context = fakeContext({
    cwd,
    env: { OPENAI_API_KEY: 'sk-test-0123456789' },
    fetch: stubApi(...answers).fetch,
  });
  const api = await connect(flags, context);
  const replays = 'replay' in flags;
  const options = { limit: 1000, typed: true };
  const { bytes, type } = await download(link, api, context, options, replays ? noNames : resolve);
  return `${type} ${Buffer.from(bytes).toString()}`;
}

const record = { record: 'tapes' };
const replay = { replay: 'tapes' };

describe('a download', () => {
  it('is recorded, without its signature, and replayed without so much as a look at its name', async () => {
    const cwd = await temporaryFolder();
    expect(await fetched(cwd, record, [file('cat')])).toBe('image/png cat');
    const names = (await readdir(join(cwd, 'tapes'))).sort();
    expect(names).toEqual([
      expect.stringMatching(/^get-files-test-cat-png-[0-9a-f]{12}\.json$/),
      expect.stringMatching(/^get-files-test-cat-png-[0-9a-f]{12}\.png$/),
    ]);
    const exchange = await readFile(join(cwd, 'tapes', names[0] ?? ''), 'utf8');
    expect(exchange).toContain('"url": "https://files.test/cat.png"');
    expect(exchange).not.toContain('hush');
    expect(await fetched(cwd, replay, [])).toBe('image/png cat');
    await expect(fetched(cwd, replay, [], `${LINK}2`)).rejects.toThrow('tapes holds no answer to this GET');
  });

  it('goes through its redirects', async () => {
    const cwd = await temporaryFolder();
    const away = new Response(null, { status: 302, headers: { location: 'https://cdn.test/x' } });
    expect(await fetched(cwd, record, [away, file('cat')])).toBe('image/png cat');
    expect(await fetched(cwd, replay, [])).toBe('image/png cat');
  });

  it('that was lost in the middle is lost there again, and goes on as it did', async () => {
    const cwd = await temporaryFolder();
    const lost = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(Buffer.from('ca')),
      pull: (controller) => controller.error(connectionError('ECONNRESET')),
    });
    const head = { 'content-type': 'image/png', 'content-length': '3', etag: '"1"' };
    const rest = file('t', { 'content-range': 'bytes 2-2/3', etag: '"1"' }, 206);
    expect(await fetched(cwd, record, [new Response(lost, { headers: head }), rest])).toBe('image/png cat');
    expect(await fetched(cwd, replay, [])).toBe('image/png cat');
  });

  it('is not of the cache', async () => {
    const cwd = await temporaryFolder();
    expect(await fetched(cwd, { cache: true }, [file('cat')])).toBe('image/png cat');
    expect(await fetched(cwd, { cache: true }, [file('dog')])).toBe('image/png dog');
  });
});
