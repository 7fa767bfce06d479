import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { chatChunks, errorAnswer, eventStream, stubApi } from '../support/api.ts';
import { FakeClock } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { oai } from '../support/oai.ts';
import { person } from '../support/person.ts';
import { answer, messagesOf, models, silence } from './talk.ts';

const PROMPT = 'gpt-6-luna>';

describe('a session', () => {
  it('opens at a terminal with nothing to ask, and goes on until Ctrl-D', async () => {
    const api = stubApi(answer('Hello you.'), answer('Fine.'));
    const { terminal, type, shows, done } = await person(['chat'], { fetch: api.fetch });
    await shows(PROMPT);
    await type('hi\r');
    await shows('Hello you.');
    await type('how are you?\r');
    await shows('Fine.');
    expect(terminal.lines).toEqual([`${PROMPT} hi`, 'Hello you.', `${PROMPT} how are you?`, 'Fine.', PROMPT]);
    await type('\u0004');
    expect(await done).toBe(0);
    expect(terminal.isOpen).toBe(false);
    expect(await messagesOf(api.requests)).toEqual([
      ['user: hi'],
      ['user: hi', 'assistant: Hello you.', 'user: how are you?'],
    ]);
  });

  it.each(['/exit', '/quit', '/bye'])('ends with %s', async (word) => {
    const { type, shows, done } = await person(['chat']);
    await shows(PROMPT);
    await type(`${word}\r`);
    expect(await done).toBe(0);
  });

  it('asks what the command line says first, and the flags hold', async () => {
    const api = stubApi(answer('Eins.'), answer('Zwei.'));
    const argv = ['chat', '-i', '-s', 'German', '-t', '0.5', '-m', 'gpt-4o', 'one'];
    const { type, shows } = await person(argv, { fetch: api.fetch });
    await shows('Eins.');
    await type('two\r');
    await shows('Zwei.');
    const [first, second] = api.requests;
    expect(await first?.json()).toMatchObject({ model: 'gpt-4o', temperature: 0.5, stream: true });
    expect(await messagesOf(second === undefined ? [] : [second])).toEqual([
      ['system: German', 'user: one', 'assistant: Eins.', 'user: two'],
    ]);
  });

  it('says at once what would fail with every question', async () => {
    const { done, terminal } = await person(['chat', '-t', '0', '--reasoning-effort', 'high']);
    expect(await done).toBe(2);
    expect(terminal.lines.join(' ')).toContain('gpt-6-luna takes --temperature only without reasoning');
  });

  it.each([
    ['--events'],
    ['--logprobs'],
    ['--top-logprobs', '2'],
    ['-0'],
    ['--separator', 'x'],
    ['--each'],
    ['-o', 'x'],
  ])('does not go with %s', async (...flags) => {
    const { done, terminal } = await person(['chat', '-i', ...flags]);
    expect(await done).toBe(2);
    expect(terminal.lines.join(' ')).toContain(
      flags[0]?.replace('--top', '-').replace('--each', '--rows') ?? '',
    );
  });

  it('is not opened where nobody would see it', async () => {
    const { code, stderr } = await oai(['chat'], { stdinTTY: true });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'oai: no prompt\n     give it as words, or pipe it in; --help shows how\n',
    });
  });
});

describe('a turn that fails', () => {
  it('is said in one line, keeps the question, and is asked again by /retry', async () => {
    const refused = errorAnswer(400, { message: 'no such thing', code: 'bad' });
    const api = stubApi(refused, answer('Now.'));
    const { terminal, type, shows } = await person(['chat'], { fetch: api.fetch });
    await shows(PROMPT);
    await type('what?\r');
    await shows('no such thing');
    expect(terminal.lines.slice(1, -1)).toHaveLength(1);
    expect(terminal.lines[1]).toContain('/retry asks again');
    await type('/retry\r');
    await shows('Now.');
    expect(await messagesOf(api.requests)).toEqual([['user: what?'], ['user: what?']]);
  });

  it('is left out of what is sent next', async () => {
    const api = stubApi(errorAnswer(400, { message: 'no' }), answer('Yes.'));
    const { type, shows } = await person(['chat'], { fetch: api.fetch });
    await shows(PROMPT);
    await type('bad\rgood\r');
    await shows('Yes.');
    expect(await messagesOf(api.requests)).toEqual([['user: bad'], ['user: good']]);
  });

  it('that was cut keeps what came, and goes on from there', async () => {
    const cut = eventStream(chatChunks('Half ', 'of').slice(0, 2), { done: false });
    const api = stubApi(cut, answer('The rest.'));
    const { type, shows } = await person(['chat'], { fetch: api.fetch });
    await shows(PROMPT);
    await type('tell\r');
    await shows('was cut');
    await type('go on\r');
    await shows('The rest.');
    expect((await messagesOf(api.requests))[1]).toEqual(['user: tell', 'assistant: Half of', 'user: go on']);
  });

  it('/retry of an answer asks for another', async () => {
    const api = stubApi(answer('One.'), answer('Two.'), answer('Three.'));
    const { type, shows } = await person(['chat'], { fetch: api.fetch });
    await shows(PROMPT);
    await type('a\rb\r/retry\r');
    await shows('Three.');
    expect((await messagesOf(api.requests)).slice(1)).toEqual([
      ['user: a', 'assistant: One.', 'user: b'],
      ['user: a', 'assistant: One.', 'user: b'],
    ]);
  });

  it('/edit brings the question back, and what is sent takes its place', async () => {
    const api = stubApi(answer('One.'), answer('Two.'), answer('Three.'));
    const { terminal, type, shows } = await person(['chat'], { fetch: api.fetch });
    await shows(PROMPT);
    await type('a\rcolour of sky\r');
    await shows('Two.');
    await type('/edit\r');
    await type('?\r');
    await shows('Three.');
    expect(terminal.lines).toContain(`${PROMPT} colour of sky?`);
    expect((await messagesOf(api.requests))[2]).toEqual([
      'user: a',
      'assistant: One.',
      'user: colour of sky?',
    ]);
  });

  it('/edit that is given up changes nothing', async () => {
    const api = stubApi(answer('One.'), answer('Two.'));
    const { type, shows, terminal } = await person(['chat'], { fetch: api.fetch });
    await shows(PROMPT);
    await type('first\r');
    await shows('One.');
    await type('/edit\r');
    await type('\u0003');
    expect(terminal.lines.at(-1)).toBe(PROMPT);
    await type('second\r');
    await shows('Two.');
    expect((await messagesOf(api.requests))[1]).toEqual(['user: first', 'assistant: One.', 'user: second']);
  });

  it.each(['/retry', '/edit', '/last', '/copy', '/json'])(
    '%s has nothing to do before a question',
    async (command) => {
      const { type, shows } = await person(['chat']);
      await shows(PROMPT);
      await type(`${command}\r`);
      await shows(/last|copy/.test(command) ? 'there is no answer yet' : 'nothing has been asked yet');
    },
  );
});

describe('Ctrl-C while an answer streams', () => {
  it('stops it at once, and keeps what came', async () => {
    let send: (text: string) => void = () => {};
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        send = (text) => controller.enqueue(Buffer.from(text));
      },
    });
    const [first] = chatChunks('Beginning of');
    const streaming = new Response(body, { headers: { 'content-type': 'text/event-stream' } });
    const api = stubApi(streaming, answer('Other.'));
    const { terminal, type, shows } = await person(['chat'], { fetch: api.fetch });
    await shows(PROMPT);
    await type('tell\r');
    send(`data: ${JSON.stringify(first)}\n\n`);
    // A word may become longer: the last one is held back.
    await shows('Beginning');
    await type('typed ahead');
    await type('\u0003');
    await shows('interrupted: what came is kept');
    expect(terminal.lines).toEqual([
      `${PROMPT} tell`,
      'Beginning of',
      'oai: interrupted: what came is kept',
      PROMPT,
    ]);
    await type('next\r');
    await shows('Other.');
    expect((await messagesOf(api.requests))[1]).toEqual([
      'user: tell',
      'assistant: Beginning of',
      'user: next',
    ]);
  });

  it('before the first word leaves the question to be asked again', async () => {
    const api = stubApi(silence, answer('Now.'));
    const { type, shows } = await person(['chat'], { fetch: api.fetch });
    await shows(PROMPT);
    await type('tell\r');
    await type('\u0003');
    await shows('interrupted: /retry asks again');
    await type('/retry\r');
    await shows('Now.');
  });
});

describe('commands', () => {
  it('an unknown one suggests the nearest, and nothing is sent', async () => {
    const api = stubApi();
    const { type, shows } = await person(['chat'], { fetch: api.fetch });
    await shows(PROMPT);
    await type('/modle\r');
    await shows('oai: there is no command /modle; did you mean /model?');
    expect(api.requests).toEqual([]);
  });

  it('// sends a leading slash', async () => {
    const api = stubApi(answer('A path.'));
    const { type, shows } = await person(['chat'], { fetch: api.fetch });
    await shows(PROMPT);
    await type('//etc?\r');
    await shows('A path.');
    expect(await messagesOf(api.requests)).toEqual([['user: /etc?']]);
  });

  it('/help lists every command, and says more of one', async () => {
    const { terminal, type, shows } = await person(['chat'], { rows: 60 });
    await shows(PROMPT);
    await type('/help\r');
    await shows('/exit');
    for (const name of ['help', 'model', 'system', 'set', 'retry', 'usage']) {
      expect(terminal.lines.some((line) => line.startsWith(`/${name}`))).toBe(true);
    }
    await shows('Ctrl-D');
    await type('/help set\r');
    await shows('frequency-penalty');
    await type('/help nonsense\r');
    await shows('there is no command /nonsense');
  });

  it('/model takes one that the server has, and keeps the old one otherwise', async () => {
    const api = stubApi(models('gpt-6-luna', 'gpt-6-sol'), models('gpt-6-luna', 'gpt-6-sol'), answer('Sun.'));
    const { type, shows } = await person(['chat'], { fetch: api.fetch });
    await shows(PROMPT);
    await type('/model gpt-6-lunar\r');
    await shows('oai: there is no model gpt-6-lunar; did you mean gpt-6-luna?');
    await shows('still gpt-6-luna');
    await type('/model gpt-6-sol\r');
    await shows('gpt-6-sol>');
    await type('hi\r');
    await shows('Sun.');
    expect(await api.requests[2]?.json()).toMatchObject({ model: 'gpt-6-sol' });
  });

  it('/model is taken at its word where the server lists none', async () => {
    const api = stubApi(errorAnswer(404, { message: 'not found' }));
    const { type, shows } = await person(['chat'], { fetch: api.fetch });
    await shows(PROMPT);
    await type('/model local-one\r');
    await shows('the server does not list its models: local-one is taken as it is');
    await shows('local-one>');
  });

  it('/system says what the model is to be, from now on', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'role.txt'), 'a pirate\n');
    const api = stubApi(answer('Arr.'), answer('Hello.'));
    const { type, shows } = await person(['chat', '-s', 'old'], { fetch: api.fetch, cwd: folder });
    await shows(PROMPT);
    await type('/system\r');
    await shows('old');
    await type('/system @role.txt\rhi\r');
    await shows('Arr.');
    await type('/system @nowhere.txt\r');
    await shows('cannot read /system @nowhere.txt: no such file');
    await type('/system -\rhi\r');
    await shows('Hello.');
    const [first, second] = await messagesOf(api.requests);
    expect(first?.[0]).toBe('system: a pirate');
    expect(second).toEqual(['user: hi', 'assistant: Arr.', 'user: hi']);
  });

  it('/set changes the requests, refuses what no flag takes, and unsets', async () => {
    const api = stubApi(answer('One.'), answer('Two.'));
    const { terminal, type, shows } = await person(['chat', '-m', 'gpt-4o'], { fetch: api.fetch, rows: 60 });
    await shows('gpt-4o>');
    await type('/set temperature hot\r');
    await shows('oai: temperature hot is not a number from 0 to 2');
    await type('/set temprature 1\r');
    await shows('there is no setting temprature; did you mean temperature?');
    await type('/set temperature 0.3\r/set stop END\r/set max_tokens 5\rhi\r');
    await shows('One.');
    expect(await api.requests[0]?.json()).toMatchObject({
      temperature: 0.3,
      stop: ['END'],
      max_completion_tokens: 5,
    });
    await type('/set\r');
    await shows('seed');
    expect(terminal.lines.find((line) => /^temperature/.test(line))).toMatch(/temperature +0\.3$/);
    await type('/set temperature -\rhi\r');
    await shows('Two.');
    expect(await api.requests[1]?.json()).not.toHaveProperty('temperature');
  });

  it('/set takes back what contradicts the rest', async () => {
    const { type, shows } = await person(['chat', '--reasoning-effort', 'high']);
    await shows(PROMPT);
    await type('/set store maybe\r');
    await shows('store is on or off, not maybe');
  });

  it('/file sends what is in a file; one that is not there is said', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'my question.md'), '/what is this?\n');
    await writeFile(join(folder, 'empty'), '\n');
    const api = stubApi(answer('A slash.'));
    const { type, shows } = await person(['chat', '--no-history'], {
      fetch: api.fetch,
      cwd: folder,
      home: '/nowhere',
    });
    await shows(PROMPT);
    await type('/file my\\ question.md\r');
    await shows('A slash.');
    expect(await messagesOf(api.requests)).toEqual([['user: /what is this?']]);
    await type('/file ~/nothing at all\r');
    await shows('/nowhere/nothing at all: no such file');
    await type('/file nothing\r');
    await shows('cannot read nothing: no such file');
    await type('/file empty\r');
    await shows('empty is empty');
    await type('/file\r');
    await shows('/file needs a path');
  });

  it('/new begins anew, with the same system prompt', async () => {
    const api = stubApi(answer('One.'), answer('Two.'));
    const { type, shows } = await person(['chat', '-s', 'brief'], { fetch: api.fetch });
    await shows(PROMPT);
    await type('a\r/new\rb\r');
    await shows('Two.');
    expect((await messagesOf(api.requests))[1]).toEqual(['system: brief', 'user: b']);
  });

  it('/clear does so on a clear screen', async () => {
    const api = stubApi(answer('One.'), answer('Two.'));
    const { terminal, type, shows } = await person(['chat'], { fetch: api.fetch });
    await shows(PROMPT);
    await type('a\r');
    await shows('One.');
    await type('/clear\r');
    expect(terminal.cursor).toEqual([0, PROMPT.length + 1]);
    await type('b\r');
    await shows('Two.');
    expect((await messagesOf(api.requests))[1]).toEqual(['user: b']);
  });

  it('/last shows the answer again, /json all of the exchange', async () => {
    const api = stubApi(answer('A **bold** word.'));
    const { terminal, type, shows } = await person(['chat'], { fetch: api.fetch, rows: 60 });
    await shows(PROMPT);
    await type('hi\r/last\r');
    await terminal.settled();
    expect(terminal.lines.filter((line) => line === 'A **bold** word.')).toHaveLength(2);
    await type('/json\r');
    await shows('"state": "answered"');
    await shows('"content": "A **bold** word."');
    await type('/json maybe\r');
    await shows('/json is on or off, not maybe');
  });

  it('/usage says what is sent, kept and spent', async () => {
    const usage = {
      prompt_tokens: 1200,
      completion_tokens: 34,
      total_tokens: 1234,
      prompt_tokens_details: { cached_tokens: 1024 },
      completion_tokens_details: { reasoning_tokens: 10 },
    };
    const api = stubApi(answer('One.', usage), answer('Two.'));
    const { terminal, type, shows } = await person(['chat'], { fetch: api.fetch, columns: 120 });
    await shows(PROMPT);
    await type('/usage\r');
    await shows('0 exchanges');
    await type('a\rb\r');
    await shows('Two.');
    await type('/usage\r');
    await shows('2 requests');
    expect(terminal.lines.at(-2)).toMatch(
      // The list of prices changes with its package.
      /^spent {4}2 requests: 1,200 tokens in \(1,024 cached\), 34 out \(10 reasoning\), \$0\.0\d+; of 1 the server did not say$/,
    );
    expect(terminal.lines.at(-3)).toBe('kept     2 exchanges in this session, none on disk');
    expect(terminal.lines.at(-4)).toMatch(/^sent {5}2 exchanges, about [\d,]+ of 1,050,000 tokens$/);
  });
});

describe('a conversation that becomes too long', () => {
  const long = 'word '.repeat(4000);

  it('is sent without its oldest exchanges, and says so once', async () => {
    const api = stubApi(...Array.from({ length: 6 }, (_, n) => answer(`Answer ${n}.`)));
    // 8,192 tokens (the price list of `@pydantic/genai-prices`).
    const { terminal, type, shows } = await person(['chat', '-m', 'gpt-4'], { fetch: api.fetch });
    await shows('gpt-4>');
    for (let n = 0; n < 6; n++) {
      await terminal.paste(`${n} ${long.slice(0, 5000)}`);
      await type('\r');
      await shows(`Answer ${n}.`);
    }
    const sent = await messagesOf(api.requests);
    const starts = sent.map((messages) => messages[0]?.slice(0, 8));
    expect(starts[0]).toBe('user: 0 ');
    expect(starts.at(-1)).not.toBe('user: 0 ');
    expect(sent.at(-1)?.at(-1)).toMatch(/^user: 5/);
    const notices = terminal.lines.filter((line) => line.includes('too long to be sent whole'));
    expect(notices).toHaveLength(1);
    await type('/usage\r');
    await shows('kept     6 exchanges in this session');
    expect(terminal.lines.join('\n')).toMatch(/the oldest \d no longer/);
  });

  it('is sent again without half of them when the server says that it is too much', async () => {
    const tooMuch = () =>
      errorAnswer(400, {
        message: "This model's maximum context length is 100",
        code: 'context_length_exceeded',
      });
    const api = stubApi(answer('A.'), answer('B.'), tooMuch(), answer('C.'));
    const { type, shows } = await person(['chat', '-m', 'unknown-one'], { fetch: api.fetch });
    await shows('unknown-one>');
    await type('a\rb\rc\r');
    await shows('C.');
    expect((await messagesOf(api.requests)).at(-1)).toEqual(['user: b', 'assistant: B.', 'user: c']);
    await shows('too long to be sent whole');
  });
});

describe('Tab', () => {
  it('completes commands, their words, models and paths', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'notes of mine.txt'), '');
    await writeFile(join(folder, '.hidden'), '');
    const api = stubApi(models('gpt-6-luna', 'gpt-image-2', 'other'));
    const { terminal, type, shows } = await person(['chat'], { fetch: api.fetch, cwd: folder });
    await shows(PROMPT);
    const completed = async (keys: string) => {
      await type(`\u0015${keys}\t`);
      await new Promise((resolve) => setImmediate(resolve));
      await terminal.settled();
      return terminal.lines.filter((line) => line.startsWith(PROMPT)).at(-1);
    };
    expect(await completed('/us')).toBe(`${PROMPT} /usage`);
    expect(await completed('/model oth')).toBe(`${PROMPT} /model other`);
    expect(await completed('/model gpt')).toBe(`${PROMPT} /model gpt-6-luna`);
    expect(await completed('/json o')).toBe(`${PROMPT} /json o`);
    expect(terminal.lines.slice(-2)).toEqual(['  on', '  off']);
    expect(await completed('/set freq')).toBe(`${PROMPT} /set frequency-penalty`);
    expect(await completed('/file no')).toBe(`${PROMPT} /file notes\\ of\\ mine.txt`);
    expect(await completed('look at ./no')).toBe(`${PROMPT} look at ./notes\\ of\\ mine.txt`);
    expect(await completed('no')).toBe(`${PROMPT} no`);
  });

  it('waits no longer than a moment for a server that lists nothing', async () => {
    const clock = new FakeClock();
    const api = stubApi(silence);
    const { type, shows, terminal } = await person(['chat'], { fetch: api.fetch, clock });
    await shows(PROMPT);
    await type('/model \t');
    await type('x');
    clock.advance(5000);
    await shows('/model x');
    expect(terminal.lines.at(-1)).toBe(`${PROMPT} /model x`);
  });
});
