import { describe, expect, it } from 'vitest';
import { jsonAnswer } from '../support/api.ts';
import { FakeClock } from '../support/context.ts';
import { spoken } from '../support/heard.ts';
import { desk, marked, server, subtitles, translate } from './desk.ts';

const sound = () => spoken('Hello.', 'wav');

describe('a model that is passed over', () => {
  it.each<[string[], string, string]>([
    [
      ['--to', 'ko', '-m', 'whisper-1'],
      'whisper-1 translates into English, not into Korean',
      'to have it write down what is said: --transcribe-model whisper-1',
    ],
    [
      ['--via', 'chat', '-m', 'whisper-1'],
      'whisper-1 does not chat',
      'to have it write down what is said: --transcribe-model whisper-1',
    ],
    [
      ['--via', 'translations', '--transcribe-model', 'gpt-transcribe'],
      '--via translations takes no --transcribe-model',
      '--via chat does',
    ],
    [
      ['-m', 'whisper-1', '--transcribe-model', 'gpt-transcribe'],
      '-m whisper-1 takes no --transcribe-model',
      'leave -m out',
    ],
    [['-m', 'whisper-1', '--language', 'ko'], '-m whisper-1 takes no --language', 'leave -m out'],
    [
      ['--to', 'ko', '-f', 'srt', '--transcribe-model', 'gpt-4o-transcribe'],
      'gpt-4o-transcribe tells no times, which subtitles need',
      '--transcribe-model whisper-1 does',
    ],
    [
      ['--to', 'ko', '--transcribe-model', 'whisper-1', '--language', 'ko', '--language', 'en'],
      'whisper-1 takes one --language',
      '--transcribe-model gpt-transcribe takes several',
    ],
  ])('is an error: %j', async (flags, message, hint) => {
    const cwd = await desk({ 'a.wav': await sound(), 'b.wav': await sound() });
    const { code, stdout, stderr } = await translate(['a.wav', 'b.wav', ...flags], { cwd });
    expect({ code, stdout, stderr }).toEqual({
      code: 2,
      stdout: '',
      stderr: `oai: ${message}\n     ${hint}\n`,
    });
  });

  it('for writing down leads through chat', async () => {
    const cwd = await desk({ 'a.wav': await sound() });
    const api = server((asked) =>
      asked.path === '/chat/completions' ? marked(asked, 'EN ') : jsonAnswer({ text: 'Hi.' }),
    );
    const argv = ['a.wav', '--transcribe-model', 'gpt-4o-transcribe'];
    expect(await translate(argv, { cwd, fetch: api.fetch })).toMatchObject({ code: 0, stdout: 'EN Hi.\n' });
    expect(api.paths()).toEqual(['/audio/transcriptions', '/chat/completions']);
  });

  it('of the settings counts where it can do what is asked', async () => {
    const cwd = await desk({ 'a.txt': 'Hello.' });
    const api = server((asked) => marked(asked));
    const env = { OPENAI_API_KEY: 'sk-test-0123456789', OAI_MODEL: 'whisper-1' };
    expect((await translate(['a.txt', '--to', 'ko'], { cwd, fetch: api.fetch, env })).code).toBe(0);
  });
});

it('is told what is spoken by chat, where the settings name a whisper', async () => {
  const cwd = await desk({ 'a.wav': await sound() });
  const api = server((asked) =>
    asked.path === '/chat/completions' ? marked(asked, 'EN ') : jsonAnswer({ text: 'Hi.' }),
  );
  const env = { OPENAI_API_KEY: 'sk-test-0123456789', OAI_MODEL: 'whisper-1' };
  const argv = ['a.wav', '--language', 'ko'];
  const { code } = await translate(argv, { cwd, fetch: api.fetch, env });
  expect(code).toBe(0);
  expect(api.paths()).toEqual(['/audio/transcriptions', '/chat/completions']);
});

describe('times that no model gives any more', () => {
  const clock = () => new FakeClock({ now: Date.parse('2027-03-01') });

  it('do not matter to subtitles that have theirs', async () => {
    const cwd = await desk({ 'a.srt': subtitles(1) });
    const api = server((asked) => marked(asked));
    const argv = ['a.srt', '--to', 'ko', '-f', 'vtt'];
    expect((await translate(argv, { cwd, fetch: api.fetch, clock: clock() })).code).toBe(0);
  });

  it('are said to be missing once, before anything is paid for', async () => {
    const cwd = await desk({ 'a.srt': subtitles(1), 'b.wav': await sound(), 'c.wav': await sound() });
    const argv = ['a.srt', 'b.wav', 'c.wav', '--to', 'ko', '-f', 'vtt'];
    const { code, stdout, stderr } = await translate(argv, { cwd, clock: clock() });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.match(/has ended/g)).toHaveLength(1);
  });

  it('are pointed out with the flag of this command', async () => {
    const cwd = await desk({ 'a.wav': await sound() });
    const api = server(() => jsonAnswer({ text: 'Hi.' }));
    const argv = ['a.wav', '--to', 'ko', '-f', 'srt', '--base-url', 'http://localhost:9/v1'];
    const { code, stderr } = await translate(argv, { cwd, fetch: api.fetch });
    expect(code).toBe(8);
    expect(stderr).toContain('the answer has a text, but no times');
    expect(stderr).toContain('--transcribe-model');
    expect(stderr).not.toMatch(/ -m\b/);
  });
});
