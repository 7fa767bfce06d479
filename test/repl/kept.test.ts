import { existsSync, readFileSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { chatChunks, errorAnswer, eventStream, stubApi } from '../support/api.ts';
import { temporaryFolder } from '../support/folder.ts';
import { png } from '../support/images.ts';
import { oai } from '../support/oai.ts';
import { person } from '../support/person.ts';
import { answer, messagesOf } from './talk.ts';

const PROMPT = 'gpt-6-luna';

/** What history has, as `oai history export` gives it. */
async function kept(home: string): Promise<string[]> {
  const { stdout } = await oai(['history', 'list', '--json'], { home });
  return (JSON.parse(stdout) as { name: string | null; title: string }[]).map(
    ({ name, title }) => name ?? title,
  );
}

async function leave(one: Awaited<ReturnType<typeof person>>): Promise<void> {
  await one.type('\u0004');
  expect(await one.done).toBe(0);
}

describe('a session is kept', () => {
  it('and goes on with -c: in another session, or in a shell', async () => {
    const home = await temporaryFolder();
    const api = stubApi(answer('Eins.'), answer('Zwei.'), answer('Drei.'));
    const first = await person(['chat', '-s', 'German'], { home, fetch: api.fetch });
    await first.shows(PROMPT);
    await first.type('one\r');
    await first.shows('Eins.');
    await leave(first);
    const second = await person(['chat', '-c'], { home, fetch: api.fetch });
    await second.shows('going on with "one"');
    await second.type('two\r');
    await second.shows('Zwei.');
    await leave(second);
    await oai(['chat', '-c', 'three'], { home, fetch: api.fetch });
    const said = ['system: German', 'user: one', 'assistant: Eins.', 'user: two'];
    expect((await messagesOf(api.requests)).slice(1)).toEqual([
      said,
      [...said, 'assistant: Zwei.', 'user: three'],
    ]);
    expect(await kept(home)).toEqual(['one']);
  });

  it('before the answer begins: a killed one leaves its question, and -c asks it again', async () => {
    const home = await temporaryFolder();
    let stop = () => {};
    const never = ({ signal }: Request) =>
      new Promise<Response>((_, reject) => {
        stop = () => reject(signal.reason);
        signal.addEventListener('abort', stop);
      });
    const api = stubApi(never, answer('Now.'), answer('Then.'));
    const first = await person(['chat'], { home, fetch: api.fetch });
    await first.shows(PROMPT);
    await first.type('what?\r');
    while (api.requests.length === 0) await first.terminal.settled();
    expect(await kept(home)).toEqual(['what?']);
    const second = await person(['chat', '-c'], { home, fetch: api.fetch });
    await second.shows('the last question got no answer: /retry asks it again');
    await second.type('/retry\r');
    await second.shows('Now.');
    await second.type('and then?\r');
    await second.shows('Then.');
    expect((await messagesOf(api.requests)).slice(1)).toEqual([
      ['user: what?'],
      ['user: what?', 'assistant: Now.', 'user: and then?'],
    ]);
    await first.type('\u0003');
    await first.shows('interrupted');
  });

  it('with an answer that was cut as far as it came', async () => {
    const home = await temporaryFolder();
    const cut = eventStream(chatChunks('Half').slice(0, 1), { done: false });
    const api = stubApi(cut, answer('On.'));
    const first = await person(['chat'], { home, fetch: api.fetch });
    await first.shows(PROMPT);
    await first.type('tell\r');
    await first.shows('was cut');
    await leave(first);
    const second = await person(['chat', '-c', '-i', 'go on'], { home, fetch: api.fetch });
    await second.shows('On.');
    expect((await messagesOf(api.requests))[1]).toEqual(['user: tell', 'assistant: Half', 'user: go on']);
  });

  it('without what /retry and /edit took the place of', async () => {
    const home = await temporaryFolder();
    const api = stubApi(answer('A.'), answer('B.'), answer('C.'), answer('D.'));
    const first = await person(['chat'], { home, fetch: api.fetch });
    await first.shows(PROMPT);
    await first.type('one\r/retry\r');
    await first.shows('B.');
    await first.type('/edit\r');
    await first.type('?\r');
    await first.shows('C.');
    await leave(first);
    await oai(['chat', '-c', 'two'], { home, fetch: api.fetch });
    expect((await messagesOf(api.requests))[3]).toEqual(['user: one?', 'assistant: C.', 'user: two']);
  });

  it('/retry in a fork leaves the conversation alone from which it was made', async () => {
    const home = await temporaryFolder();
    const api = stubApi(answer('A.'), answer('B.'), answer('C.'), answer('D.'));
    const ask = (...argv: string[]) => oai(['chat', ...argv], { home, fetch: api.fetch });
    await ask('--conversation', 'first', '--create', 'one');
    const fork = await person(['chat', '--conversation', 'first', '--fork'], { home, fetch: api.fetch });
    await fork.shows(PROMPT);
    await fork.type('/retry\r');
    await fork.shows('B.');
    await leave(fork);
    await ask('--conversation', 'first', 'two');
    await ask('--conversation', 'first', 'three');
    expect((await messagesOf(api.requests)).slice(1)).toEqual([
      ['user: one'],
      ['user: one', 'assistant: A.', 'user: two'],
      ['user: one', 'assistant: A.', 'user: two', 'assistant: C.', 'user: three'],
    ]);
    expect((await kept(home)).length).toBe(2);
  });

  it('with the answer that /retry or /edit found, when they come to nothing', async () => {
    const home = await temporaryFolder();
    const no = () => errorAnswer(400, { message: 'not now' });
    const api = stubApi(answer('A.'), no(), no(), no(), answer('B.'));
    const first = await person(['chat'], { home, fetch: api.fetch });
    await first.shows(PROMPT);
    await first.type('one\r/retry\r');
    await first.shows('not now');
    await first.type('/last\r/edit\r');
    await first.type('!\r');
    while (api.requests.length < 3) await first.terminal.settled();
    // What was sent last is asked again, and still in the place of the first.
    await first.type('/retry\r');
    while (api.requests.length < 4) await first.terminal.settled();
    await leave(first);
    await oai(['chat', '-c', 'two'], { home, fetch: api.fetch });
    const requests = await messagesOf(api.requests);
    expect(requests.slice(1)).toEqual([
      ['user: one'],
      ['user: one!'],
      ['user: one!'],
      ['user: one', 'assistant: A.', 'user: two'],
    ]);
  });

  it('with what /retry found, until another answer has taken its place', async () => {
    const home = await temporaryFolder();
    const api = stubApi(
      answer('A.'),
      errorAnswer(400, { message: 'not now' }),
      answer('B.'),
      answer('C.'),
      answer('D.'),
    );
    const first = await person(['chat'], { home, fetch: api.fetch });
    await first.shows(PROMPT);
    await first.type('one\r/retry\r');
    await first.shows('not now');
    await first.type('/retry\r');
    await first.shows('B.');
    await first.type('two\r');
    await first.shows('C.');
    await leave(first);
    await oai(['chat', '-c', 'three'], { home, fetch: api.fetch });
    const said = ['user: one', 'assistant: B.', 'user: two'];
    expect((await messagesOf(api.requests)).slice(3)).toEqual([
      said,
      [...said, 'assistant: C.', 'user: three'],
    ]);
  });

  it('not with --no-history, nor what is typed', async () => {
    const home = await temporaryFolder();
    const api = stubApi(answer('A.'));
    const one = await person(['chat', '--no-history'], { home, fetch: api.fetch });
    await one.shows(PROMPT);
    await one.type('secret\r');
    await one.shows('A.');
    await one.type('/save x\r');
    await one.shows('this conversation is not kept');
    await leave(one);
    expect(existsSync(join(home, '.local/share/oai'))).toBe(false);
  });

  it('and what was typed is there again, for this user alone', async () => {
    const home = await temporaryFolder();
    const api = stubApi(answer('A.'), answer('B.'));
    const first = await person(['chat'], { home, fetch: api.fetch });
    await first.shows(PROMPT);
    await first.type('one 한글\r');
    await first.shows('A.');
    await first.terminal.paste('/etc\nis a folder');
    await first.type('\u0003my key is sk-test-0123456789\r');
    await first.shows('B.');
    await first.type('/help help\r');
    await leave(first);
    const path = join(home, '.local/share/oai/chat-input.jsonl');
    expect(readFileSync(path, 'utf8')).toBe('"one 한글"\n"/help help"\n');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const second = await person(['chat'], { home });
    await second.shows(`${PROMPT}>`);
    await second.type('\u001b[A\u001b[A');
    expect(second.terminal.lines.at(-1)).toBe(`${PROMPT}> one 한글`);
  });
});

describe('conversations', () => {
  it('/save names one, /list shows them, /load goes on with another', async () => {
    const home = await temporaryFolder();
    const api = stubApi(answer('A.'), answer('B.'), answer('C.'));
    const { type, shows, terminal } = await person(['chat', '-s', 'brief'], { home, fetch: api.fetch });
    await shows(PROMPT);
    await type('about cats\r');
    await shows('A.');
    await type('/save cats\r');
    await shows(`${PROMPT} · cats>`);
    await type('/new\rabout dogs\r');
    await shows('B.');
    await shows('· about dogs>');
    await type('/list\r');
    await shows('just now');
    expect(
      terminal.lines.filter((line) => line.includes('just now')).map((line) => line.split(/ {2,}/).at(-1)),
    ).toEqual(['about dogs', 'cats']);
    await type('/load cats\r');
    await shows('going on with cats');
    await type('more\r');
    await shows('C.');
    expect((await messagesOf(api.requests))[2]).toEqual([
      'system: brief',
      'user: about cats',
      'assistant: A.',
      'user: more',
    ]);
  });

  it('/load of one that is not there keeps the one that is', async () => {
    const home = await temporaryFolder();
    const api = stubApi(answer('A.'), answer('B.'));
    const { type, shows } = await person(['chat'], { home, fetch: api.fetch });
    await shows(PROMPT);
    await type('/load nothing\r');
    await shows('there is no conversation');
    await type('/load\r');
    await shows('no conversation is kept yet');
    await type('one\r/save numbers\r/load nombers\r');
    await shows('numbers');
    await type('two\r');
    await shows('B.');
    expect((await messagesOf(api.requests))[1]).toEqual(['user: one', 'assistant: A.', 'user: two']);
  });

  it('/save before the first question names what is to come; a name that is taken is refused', async () => {
    const home = await temporaryFolder();
    const api = stubApi(answer('A.'));
    const { type, shows } = await person(['chat'], { home, fetch: api.fetch });
    await shows(PROMPT);
    await type('/save trip\r');
    await shows('this conversation will be trip');
    await type('where?\r');
    await shows('A.');
    await shows(`${PROMPT} · trip>`);
    await type('/new\r/save trip\r');
    await shows('there is a conversation trip already');
    await type('/save\r');
    await shows('/save needs a name');
    expect(await kept(home)).toEqual(['trip']);
  });

  it('/usage says where it is kept', async () => {
    const home = await temporaryFolder();
    const api = stubApi(answer('A.'));
    const { type, shows, terminal } = await person(['chat', '--conversation', 'c', '--create'], {
      home,
      fetch: api.fetch,
    });
    await shows(PROMPT);
    await type('one\r/usage\r');
    await shows('spent');
    expect(terminal.lines.join('\n')).toMatch(/kept {5}1 exchange in c \([0-9a-f]{10}\)/);
  });
});

describe('attachments', () => {
  it('go along with the next question, and that one alone', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'a b.txt'), 'hello\n');
    await writeFile(join(folder, 'dot.png'), png(4, 4));
    const api = stubApi(answer('I see.'), answer('Nothing.'));
    const { type, shows } = await person(['chat', '-a', 'dot.png'], { fetch: api.fetch, cwd: folder });
    await shows(`${PROMPT} · +1>`);
    await type('/attach a\\ b.txt\r');
    await shows(`${PROMPT} · +2>`);
    await type('/attach\r');
    await shows('2  a b.txt');
    await type('what?\r');
    await shows('I see.');
    await type('and now?\r');
    await shows('Nothing.');
    const body = (await api.requests[0]?.clone().json()) as { messages: { content: unknown }[] };
    expect(body.messages[0]?.content).toMatchObject([
      { type: 'image_url', image_url: { url: expect.stringMatching(/^data:image\/png;base64,/) } },
      { type: 'text', text: 'a b.txt:\n```\nhello\n```' },
      { type: 'text', text: 'what?' },
    ]);
    expect((await messagesOf(api.requests))[1]?.at(-1)).toBe('user: and now?');
  });

  it('go along with what is in a file, too', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'a.txt'), 'hello\n');
    await writeFile(join(folder, 'question.txt'), 'what?\n');
    const api = stubApi(answer('I see.'));
    const { type, shows, terminal } = await person(['chat', '-a', 'a.txt'], {
      fetch: api.fetch,
      cwd: folder,
    });
    await shows(`${PROMPT} · +1>`);
    await type('/file question.txt\r');
    await shows('I see.');
    const body = (await api.requests[0]?.clone().json()) as { messages: { content: unknown }[] };
    expect(JSON.stringify(body.messages[0]?.content)).toMatch(/hello.*what\?/);
    await terminal.settled();
    expect(terminal.lines.at(-1)).not.toContain('+1');
  });

  it('that are not there, or too large, are said, and nothing is attached', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'empty.png'), '');
    await writeFile(
      join(folder, 'large.pdf'),
      Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(51 * 1024 * 1024)]),
    );
    const { type, shows } = await person(['chat'], { cwd: folder });
    await shows(PROMPT);
    await type('/attach missing.png\r');
    await shows('cannot read missing.png: no such file');
    await type('/attach empty.png\r');
    await shows('empty.png is empty');
    await type('/attach large.pdf\r');
    await shows('large.pdf');
    await type('/attach -\r');
    await shows('stdin cannot be attached here');
    await type("/attach it's\r");
    await shows('a quote does not end');
    await type('/attach\r');
    await shows('nothing is attached');
  });

  it('/detach leaves out one, by name or number, or all', async () => {
    const folder = await temporaryFolder();
    for (const name of ['a.txt', 'b.txt', 'c.txt']) await writeFile(join(folder, name), name);
    const { type, shows, terminal } = await person(['chat'], { cwd: folder });
    await shows(PROMPT);
    await type('/detach\r');
    await shows('nothing is attached');
    await type('/attach a.txt b.txt c.txt\r');
    await shows('· +3>');
    await type('/detach b.txt\r');
    await type('/detach 1\r');
    await shows('· +1>');
    await type('/detach b.txt\r');
    await shows('b.txt is not attached');
    await type('/detach\r');
    await terminal.settled();
    expect(terminal.lines.at(-1)).toBe(`${PROMPT}>`);
  });
});

it('a question that failed is asked again with what was attached', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'a.txt'), 'hello');
  const api = stubApi(errorAnswer(400, { message: 'not now' }), answer('Now.'));
  const { type, shows } = await person(['chat', '-a', 'a.txt'], { fetch: api.fetch, cwd: folder });
  await shows('+1>');
  await type('what?\r');
  await shows('not now');
  await type('/retry\r');
  await shows('Now.');
  const [first, second] = await messagesOf(api.requests);
  expect(second).toEqual(first);
});
