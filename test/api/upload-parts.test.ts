import { createHash } from 'node:crypto';
import { appendFile, mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Stopped } from '../../src/errors.ts';
import { run as runMain } from '../../src/main.ts';
import { sandbox } from '../sandbox/ask.ts';
import { fakeContext, HurriedClock } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { oai, settle } from '../support/oai.ts';
import { type NetworkOptions, sandboxNetwork } from '../support/sandbox-network.ts';

const TEXT = Array.from({ length: 10 }, (_, place) => String(place).repeat(10)).join('');
const PARTS = /^POST \/uploads\/[^/]+\/parts$/;
const COMPLETE = /^POST \/uploads\/[^/]+\/complete$/;
const CANCEL = /^POST \/uploads\/[^/]+\/cancel$/;
const UPLOAD = ['files', 'upload', 'big.txt', '--purpose', 'fine-tune', '--no-lint', '--part-size', '10'];

/** A folder with a file of ten parts, and an API that remembers. */
async function place(argv: readonly string[] = UPLOAD) {
  const cwd = await temporaryFolder();
  const file = join(cwd, 'big.txt');
  await writeFile(file, TEXT);
  const clock = new HurriedClock({ now: Date.now() });
  const of = sandbox(undefined, { clock });
  let look: NetworkOptions['before'];
  const network = sandboxNetwork(of, { before: (method, path) => look?.(method, path) });
  const options = { fetch: network.fetch, cwd, home: cwd, clock };
  const run = (more: readonly string[] = [], other: Parameters<typeof oai>[1] = {}) =>
    oai([...argv, ...more], { ...options, ...other });
  const content = async (id: string) => (await oai(['files', 'content', id.trim()], options)).stdout;
  const states = join(cwd, '.cache', 'oai', 'uploads');
  const meanwhile = (next: NetworkOptions['before']) => {
    look = next;
  };
  /** A run that gets through with so many parts, and no more. It has written down those that are there: `all`. */
  const cut = async (count: number, all = count, other: Parameters<typeof oai>[1] = {}) => {
    let seen = 0;
    look = async (method, path) => {
      seen += PARTS.test(`${method} ${path}`) ? 1 : 0;
      if (seen <= count) return undefined;
      while ((await partsIn(states)) < all) await settle(1);
      throw new TypeError('fetch failed');
    };
    const result = await run(['--retries', '0'], other);
    look = undefined;
    return result;
  };
  return { cwd, file, clock, options, run, cut, content, states, meanwhile, ...network };
}

/** How many parts are written down as sent. */
async function partsIn(states: string): Promise<number> {
  const names = (await readdir(states).catch(() => [])).filter((name) => name.endsWith('.jsonl'));
  const texts = await Promise.all(names.map((name) => readFile(join(states, name), 'utf8')));
  return texts.join('\n').match(/"partId"/g)?.length ?? 0;
}

describe('an upload in parts', () => {
  it('is the file, with its checksum compared, and leaves nothing behind', async () => {
    const { run, content, count, states } = await place();
    const { code, stdout, stderr } = await run(['--json', '--verbose']);
    expect(code).toBe(0);
    const { id, bytes, filename, purpose } = JSON.parse(stdout);
    expect({ bytes, filename, purpose }).toEqual({ bytes: 100, filename: 'big.txt', purpose: 'fine-tune' });
    expect(await content(id)).toBe(TEXT);
    expect(count(PARTS)).toBe(10);
    expect(stderr).toContain(createHash('md5').update(TEXT).digest('hex'));
    expect(await readdir(states)).toEqual([]);
  });

  it('has a last part that is shorter, and is one request where it fits into a part', async () => {
    const { run, content, count } = await place();
    expect(await content((await run(['--part-size', '99'])).stdout)).toBe(TEXT);
    expect(count(PARTS)).toBe(2);
    await run(['--part-size', '100']);
    expect([count(PARTS), count('POST /files')]).toEqual([2, 1]);
  });

  it('goes on where it was cut, and sends only what is missing', async () => {
    const { run, cut, content, count, states } = await place();
    const first = await cut(6);
    expect(first).toMatchObject({ code: 6, stdout: '' });
    const [, sent] =
      /(\d) of 10 parts are sent; within 60 min the same command sends the rest\n$/.exec(first.stderr) ?? [];
    expect(Number(sent)).toBe(6);
    const [name = ''] = await readdir(states);
    expect((await stat(join(states, name))).mode & 0o777).toBe(0o600);
    const rest = await run();
    expect(rest.stderr).toBe('oai: going on with big.txt: 6 of 10 parts were sent before\n');
    expect(rest.code).toBe(0);
    expect(count(PARTS)).toBe(10);
    expect(count('POST /uploads')).toBe(1);
    expect(await content(rest.stdout)).toBe(TEXT);
    expect(await readdir(states)).toEqual([]);
  });

  it('goes on after a kill in the middle of writing down what was sent', async () => {
    const { run, cut, content, count, states } = await place();
    await cut(6);
    const [name = ''] = await readdir(states);
    await appendFile(join(states, name), '\n{"place":9,"part');
    await cut(2, 8);
    const rest = await run();
    expect(rest.stderr).toContain('8 of 10 parts were sent before');
    expect(count(PARTS)).toBe(10);
    expect(await content(rest.stdout)).toBe(TEXT);
  });

  it('begins anew where its state is garbled', async () => {
    const { run, cut, count, states } = await place();
    await cut(6);
    const [name = ''] = await readdir(states);
    await writeFile(join(states, name), '{"id":"upload_');
    expect(await run()).toMatchObject({ code: 0, stderr: '' });
    expect(count('POST /uploads')).toBe(2);
  });

  it('begins anew, with a word, where the file has changed', async () => {
    const { run, cut, file, content, count } = await place();
    await cut(6);
    await writeFile(file, TEXT.toUpperCase().replaceAll('1', 'x'));
    await utimes(file, new Date(), new Date(Date.now() + 5000));
    const { code, stdout, stderr } = await run();
    expect(code).toBe(0);
    expect(stderr).toBe('oai: big.txt has changed since parts of it were sent: it is begun anew\n');
    expect(count(PARTS)).toBe(16);
    expect(await content(stdout)).toBe(TEXT.replaceAll('1', 'x'));
  });

  it('begins anew where it has expired, or the API has forgotten it', async () => {
    const { run, cut, clock, count } = await place();
    await cut(6);
    clock.advance(3_550_000);
    expect((await cut(6)).stderr).toMatch(
      /^oai: the upload of big\.txt that was begun has expired: it is begun anew\n/,
    );
    const other = sandboxNetwork(sandbox(undefined, { clock }));
    const { code, stderr } = await run([], { fetch: other.fetch });
    expect(code).toBe(0);
    expect(stderr).toMatch(/the API takes no more of the upload upload_\w+: big\.txt is begun anew\n$/);
    const taken = other.exchanges.filter(({ path, status }) => path.endsWith('/parts') && status === 200);
    expect([count('POST /uploads'), taken.length]).toEqual([2, 10]);
  });

  it('is another one for another purpose, name or server', async () => {
    const { run, cut, count } = await place();
    await cut(6);
    expect(await run(['--name', 'other.txt'])).toMatchObject({ code: 0, stderr: '' });
    expect(await run(['--expires-after', '2h'])).toMatchObject({ code: 0, stderr: '' });
    expect(await run(['--base-url', 'https://other.test/v1', '--header', 'authorization: x'])).toMatchObject({
      code: 0,
      stderr: '',
    });
    expect(count('POST /uploads')).toBe(4);
  });

  it('of stdin goes on with the same bytes', async () => {
    const argv = [
      'files',
      'upload',
      '-',
      '--name',
      'a.txt',
      '--purpose',
      'fine-tune',
      '--no-lint',
      '--part-size',
      '10',
    ];
    const { run, cut, content, count } = await place(argv);
    await cut(6, 6, { stdin: [TEXT] });
    const { stdout, stderr } = await run([], { stdin: [TEXT] });
    expect(stderr).toBe('oai: going on with stdin: 6 of 10 parts were sent before\n');
    expect(count(PARTS)).toBe(10);
    expect(await content(stdout)).toBe(TEXT);
  });

  it('is refused, and not registered, where the file changes meanwhile', async () => {
    const { run, file, count, states, meanwhile, options } = await place();
    for (const change of [
      () => appendFile(file, 'more'),
      () => writeFile(file, 'less'),
      () => utimes(file, new Date(), new Date(Date.now() + 9000)),
    ]) {
      await writeFile(file, TEXT);
      let isChanged = false;
      meanwhile(async (method, path) => {
        if (PARTS.test(`${method} ${path}`) && !isChanged) {
          isChanged = true;
          await change();
        }
        return undefined;
      });
      const { code, stdout, stderr } = await run();
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toBe(
        'oai: big.txt changed while it was sent: nothing of it was registered\n' +
          '     once nobody writes it, the same command begins anew\n',
      );
    }
    expect([count(CANCEL), count(COMPLETE)]).toEqual([3, 0]);
    expect(await readdir(states)).toEqual([]);
    expect((await oai(['files', 'list'], options)).stdout).toBe('');
  });

  it('in one request is refused, too, where the file changes meanwhile', async () => {
    const { file, options } = await place();
    // The body is read here: the file changes after its first bytes.
    const fetch: typeof globalThis.fetch = async (_, init) => {
      const reader = new Response(init?.body).body?.getReader();
      await reader?.read();
      await appendFile(file, 'more');
      for (;;) if ((await reader?.read())?.done !== false) break;
      return Response.json({ id: 'file-1', filename: 'big.txt' });
    };
    const { code, stdout, stderr } = await oai(['files', 'upload', 'big.txt'], { ...options, fetch });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('big.txt changed while it was sent: nothing of it was registered');
  });

  it('tells how to go on where it is stopped', async () => {
    const { meanwhile, options } = await place();
    const context = fakeContext({ ...options, env: { OPENAI_API_KEY: 'sk-test-0123456789' } });
    let seen = 0;
    meanwhile((method, path) => {
      seen += PARTS.test(`${method} ${path}`) ? 1 : 0;
      if (seen < 8) return undefined;
      context.stop(new Stopped('SIGINT'));
      return new Promise(() => {});
    });
    expect(await runMain([...UPLOAD], context)).toBe(130);
    expect(context.stderr.text).toMatch(
      /^oai: \d of 10 parts are sent; within 60 min the same command sends the rest\n$/,
    );
  });

  it('is not sent by two runs at once', async () => {
    const { run, cut, states } = await place();
    await cut(6);
    const [name = ''] = await readdir(states);
    await writeFile(join(states, `${name}.lock`), '77\n');
    expect(await run([], { running: [77] })).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^oai: another run is sending big\.txt\n/),
    });
    // It was killed.
    expect((await run()).code).toBe(0);
  });

  it('takes the answer to an earlier completion that was lost', async () => {
    const { run, count, options } = await place();
    let lost = 0;
    const { fetch } = options;
    const losing: typeof globalThis.fetch = async (input, init) => {
      const answer = await fetch(input, init);
      if (!COMPLETE.test(`POST ${new URL(String(input)).pathname.replace('/v1', '')}`) || lost > 0)
        return answer;
      lost += 1;
      throw new TypeError('fetch failed');
    };
    const { code, stdout } = await run([], { fetch: losing });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^file-/);
    expect(count(COMPLETE)).toBe(2);
    expect((await oai(['files', 'list'], options)).stdout.trim().split('\n')).toHaveLength(1);
  });

  it('says where the parts arrived as others, and begins anew', async () => {
    const { run, states, options } = await place();
    const { fetch } = options;
    const garbling: typeof globalThis.fetch = (input, init) => {
      if (!String(input).endsWith('/complete')) return fetch(input, init);
      const body = JSON.parse(String(init?.body));
      return fetch(input, {
        ...init,
        body: JSON.stringify({ ...body, part_ids: body.part_ids.toReversed() }),
      });
    };
    const { code, stdout, stderr } = await run([], { fetch: garbling });
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
    expect(stderr).toMatch(/^oai: The MD5 checksum of the parts is \w+, but \w+ was expected\./);
    expect(await readdir(states)).toEqual([]);
    expect((await run()).code).toBe(0);
  });

  it('goes on without a home, and in one that cannot be written, with a word', async () => {
    const { run, cwd } = await place();
    expect(await run([], { home: undefined })).toMatchObject({ code: 0, stderr: '' });
    await writeFile(join(cwd, 'no-folder'), '');
    expect(await run([], { home: join(cwd, 'no-folder') })).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(
        /oai: a cut upload of big\.txt will begin anew, as what was sent cannot be kept: a part of the path/,
      ),
    });
  });

  it('takes away what earlier runs have left for good', async () => {
    const { run, clock, states } = await place();
    await mkdir(states, { recursive: true });
    await writeFile(join(states, 'old.jsonl'), '');
    await utimes(join(states, 'old.jsonl'), new Date(), new Date(clock.now() - 3 * 3_600_000));
    await writeFile(join(states, 'new.jsonl'), '');
    await run();
    expect(await readdir(states)).toEqual(['new.jsonl']);
  });

  it('says what server takes no parts', async () => {
    const { run, meanwhile } = await place();
    meanwhile((_, path) => (path === '/uploads' ? new Response('{}', { status: 404 }) : undefined));
    const { code, stderr } = await run([
      '--base-url',
      'https://other.test/v1',
      '--header',
      'authorization: x',
    ]);
    expect(code).toBe(4);
    expect(stderr).toMatch(/ {5}this server takes no files in parts/);
  });

  it('never writes the key into its state', async () => {
    const { cut, states } = await place();
    await cut(6);
    const [name = ''] = await readdir(states);
    const text = await readFile(join(states, name), 'utf8');
    expect(text).toContain('upload_');
    expect(text).not.toContain('sk-test');
  });

  it('ends where it takes longer than the hour', async () => {
    const { run, clock, meanwhile } = await place();
    let seen = 0;
    meanwhile((method, path) => {
      seen += PARTS.test(`${method} ${path}`) ? 1 : 0;
      if (seen === 5) clock.advance(3_600_000);
      return undefined;
    });
    expect(await run(['--timeout', '3h'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('big.txt was not sent within the hour that the API gives an upload'),
    });
  });
});
