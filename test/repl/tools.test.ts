import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createSandbox } from '../../src/sandbox/sandbox.ts';
import { chatChunk, eventStream, stubApi } from '../support/api.ts';
import { FakeClock } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { oai } from '../support/oai.ts';
import { person } from '../support/person.ts';
import { answer, messagesOf } from './talk.ts';

const PROMPT = 'gpt-6-luna>';

/** An answer that asks for the weather. */
const asksForWeather = () =>
  eventStream([
    chatChunk({
      tool_calls: [
        {
          index: 0,
          id: 'call_1',
          type: 'function',
          function: { name: 'weather', arguments: '{"city":"Oslo"}' },
        },
      ],
    }),
    chatChunk({}, 'tool_calls'),
  ]);

/** A folder with a tool in it. */
async function toolFolder(script = 'echo "rain"'): Promise<string> {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'weather.sh'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const spec = {
    description: 'The weather',
    parameters: { type: 'object', properties: { city: { type: 'string' } } },
  };
  await writeFile(join(folder, 'weather.sh.json'), JSON.stringify(spec));
  return folder;
}

const env = { OPENAI_API_KEY: 'sk-test-0123456789', PATH: process.env['PATH'] ?? '' };
const TOOL = ['--tool', 'weather=./weather.sh'];

describe('tools in a session', () => {
  it('run between question and answer, and stay in what is said', async () => {
    const cwd = await toolFolder();
    const api = stubApi(asksForWeather(), answer('Take a coat.'), answer('Yes.'));
    const { type, shows } = await person(['chat', ...TOOL, '--yes'], { fetch: api.fetch, cwd, env });
    await shows(PROMPT);
    await type('/tools\r');
    await shows('weather  The weather');
    await type('a coat?\r');
    await shows('Take a coat.');
    await type('sure?\r');
    await shows('Yes.');
    expect((await messagesOf(api.requests)).at(-1)).toEqual([
      'user: a coat?',
      'assistant: null',
      'tool: rain',
      'assistant: Take a coat.',
      'user: sure?',
    ]);
  });

  it('are not told of while they are off', async () => {
    const cwd = await toolFolder();
    const api = stubApi(answer('A.'), answer('B.'));
    const { type, shows } = await person(['chat', ...TOOL, '--yes'], { fetch: api.fetch, cwd, env });
    await shows(PROMPT);
    await type('/tools off\r/tools\r');
    await shows('no tools');
    await type('one\r');
    await shows('A.');
    await type('/tools on\rtwo\r');
    await shows('B.');
    expect(await api.requests[0]?.json()).not.toHaveProperty('tools');
    expect(await api.requests[1]?.json()).toMatchObject({ tools: [{ function: { name: 'weather' } }] });
    await type('/tools perhaps\r');
    await shows('/tools is on or off, not perhaps');
  });

  it('stay off where a setting contradicts them', async () => {
    const cwd = await toolFolder();
    const api = stubApi(answer('Still here.'));
    const { code, stdout, stderr } = await oai(['chat', '-i', ...TOOL, '--yes'], {
      stdin: '/tools off\n/set reasoning-effort high\n/tools on\ngood\n',
      fetch: api.fetch,
      cwd,
      env,
    });
    expect(stderr).toContain('1 line of the script failed');
    expect({ code, stdout }).toEqual({ code: 2, stdout: 'Still here.\n' });
    expect(await api.requests[0]?.json()).not.toHaveProperty('tools');
  });

  it('that nobody allowed are said so; the next question goes without their calls', async () => {
    const cwd = await toolFolder();
    const api = stubApi(asksForWeather(), answer('B.'));
    const script = 'one\ntwo\n';
    const { code, stdout, stderr } = await oai(['chat', '-i', ...TOOL], {
      stdin: script,
      fetch: api.fetch,
      cwd,
      env,
    });
    expect(code).toBe(10);
    expect(stdout).toBe('B.\n');
    expect(stderr).toContain('the model asks for tools that nobody allowed: weather');
    expect((await messagesOf(api.requests))[1]).toEqual(['user: two']);
  });

  it('end with Ctrl-C, and the session goes on', async () => {
    const cwd = await toolFolder('echo started > started; exec sleep 60');
    const api = stubApi(asksForWeather(), answer('B.'));
    const { type, shows, terminal } = await person(['chat', ...TOOL, '--yes'], {
      fetch: api.fetch,
      cwd,
      env,
    });
    await shows(PROMPT);
    await type('one\r');
    while (!(await readdir(cwd)).includes('started')) await terminal.settled();
    await type('\u0003');
    await shows('interrupted');
    await type('two\r');
    await shows('B.');
    expect((await messagesOf(api.requests))[1]).toEqual(['user: two']);
  });

  it('that take any text are streamed by the way that is set, whenever it is', async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'sql.sh'), '#!/bin/sh\ncat\n', { mode: 0o755 });
    await writeFile(join(cwd, 'sql.sh.json'), JSON.stringify({ type: 'custom', custom: {} }));
    const streams: boolean[] = [];
    const sandbox = createSandbox({ clock: new FakeClock(), lifecycleOf: () => undefined });
    const fetch: typeof globalThis.fetch = async (input, init) => {
      const request = new Request(input, init);
      if (request.method === 'POST') streams.push(JSON.parse(await request.clone().text()).stream === true);
      return sandbox.answer(request);
    };
    const script = 'one\n/set via responses\ntwo\n/set via completions\nthree\n';
    const argv = ['chat', '-i', '--tool', 'sql=./sql.sh', '--yes'];
    expect(await oai(argv, { stdin: script, fetch, cwd, env })).toMatchObject({ code: 0 });
    expect(streams).toEqual([false, true, false]);
  });

  it('there are none of', async () => {
    const { type, shows } = await person(['chat']);
    await shows(PROMPT);
    await type('/tools\r');
    await shows('no tools');
    await type('/tools off\r');
    await shows('there are no tools');
  });
});

it('a role holds for the session, and its place for every question', async () => {
  const home = await temporaryFolder();
  await mkdir(join(home, '.config/oai/roles'), { recursive: true });
  await writeFile(
    join(home, '.config/oai/roles/echo.md'),
    '---\ntemperature: 0.5\n---\nSay "{{input}}" again.\n',
  );
  const api = stubApi(answer('A.'), answer('B.'), answer('C.'));
  const argv = ['chat', '-r', 'echo', '-m', 'gpt-4o', '--no-history'];
  const { type, shows } = await person(argv, { fetch: api.fetch, home });
  await shows('gpt-4o>');
  await type('one\r');
  await shows('A.');
  await type('two\r');
  await shows('B.');
  await type('/edit\r');
  await shows('> two');
  await type('\u0003');
  await writeFile(join(home, 'three.txt'), 'three\n');
  await type('/file ~/three.txt\r');
  await shows('C.');
  expect(await api.requests[0]?.clone().json()).toMatchObject({ temperature: 0.5 });
  expect((await messagesOf(api.requests))[1]).toEqual([
    'user: Say "one" again.',
    'assistant: A.',
    'user: Say "two" again.',
  ]);
  expect((await messagesOf(api.requests))[2]?.at(-1)).toBe('user: Say "three" again.');
});

describe('what is said aloud', () => {
  it('is asked for again once its file has a place, with what was attached', async () => {
    const cwd = join(await temporaryFolder(), 'here');
    await mkdir(cwd);
    const file = join(cwd, '../a.txt');
    await writeFile(file, 'attached');
    const { type, shows } = await person(['chat', '--sandbox', '--audio', 'coral'], { cwd });
    await shows('gpt-audio-mini>');
    await rm(cwd, { recursive: true });
    await type(`/attach ${file}\rhello\r`);
    await shows('the working directory is gone');
    await mkdir(cwd);
    await type('/retry\r');
    await shows('saved as a-txt-attached-hello.wav');
  });

  it('is saved turn by turn, and played on request', async () => {
    const cwd = await temporaryFolder();
    const player = join(cwd, 'bin');
    await mkdir(player);
    await writeFile(join(player, 'ffplay'), `#!/bin/sh\ncat > '${cwd}/played'\n`, { mode: 0o755 });
    const { type, shows, terminal } = await person(['chat', '--sandbox', '--audio', 'coral'], {
      cwd,
      env: { PATH: `${player}:/bin:/usr/bin` },
    });
    await shows('gpt-audio-mini>');
    await type('/play\r');
    await shows('no answer was said yet');
    await type('hello\r');
    await shows('saved as hello.wav');
    await type('hello\r');
    await shows('saved as hello-2.wav');
    await type('/play\r');
    while (!(await readdir(cwd)).includes('played')) await terminal.settled();
    expect((await readdir(cwd)).filter((name) => name.endsWith('.wav'))).toEqual([
      'hello-2.wav',
      'hello.wav',
    ]);
  });
});
