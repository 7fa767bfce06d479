import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { requestOf } from '../support/chat-request.ts';
import { temporaryFolder } from '../support/folder.ts';
import { oai } from '../support/oai.ts';

const user = (content: string) => ({ role: 'user', content });

/** A folder with one file of messages. */
async function folderWith(text: string, name = 'm.json'): Promise<string> {
  const cwd = await temporaryFolder();
  await writeFile(join(cwd, name), text);
  return cwd;
}

describe('messages before the question', () => {
  it('are sent in the order of their flags', async () => {
    const cwd = await folderWith('[{"role":"user","content":"four"},{"role":"assistant","content":"five"}]');
    const flags = ['--message', 'user:one', '-s', 'two', '--developer', 'three', '--messages', 'm.json'];
    expect(
      await requestOf(['chat', ...flags, '--message', 'assistant/ann:six', 'seven'], { cwd }),
    ).toMatchObject({
      messages: [
        user('one'),
        { role: 'system', content: 'two' },
        { role: 'developer', content: 'three' },
        user('four'),
        { role: 'assistant', content: 'five' },
        { role: 'assistant', name: 'ann', content: 'six' },
        user('seven'),
      ],
    });
  });

  it('are what is asked, when the last one is a question and there is no prompt', async () => {
    expect(await requestOf(['chat', '--message', 'user:hi'])).toMatchObject({ messages: [user('hi')] });
  });

  it('come with what is piped in, which is the question', async () => {
    const argv = ['chat', '--message', 'user:a', '--message', 'assistant:b'];
    expect(await requestOf(argv, { stdin: 'c\n' })).toMatchObject({
      messages: [user('a'), { role: 'assistant', content: 'b' }, user('c')],
    });
  });

  it.each([
    ['a JSON array', '[{"role":"user","content":"hi"}]\n'],
    ['an array with a byte order mark', '\ufeff[{"role":"user","content":"hi"}]'],
    ['JSON Lines', '{"role":"user","content":"hi"}\n\n'],
    ['one message, indented', '{\n "messages": [\n  {"role":"user","content":"hi"}\n ]\n}\n'],
  ])('are read from %s', async (_, text) => {
    const cwd = await folderWith(text);
    expect(await requestOf(['chat', '--messages', 'm.json'], { cwd })).toMatchObject({
      messages: [user('hi')],
    });
  });

  it('are read from stdin, and leave it to nobody else', async () => {
    const stdin = '{"role":"user","content":"hi"}';
    expect(await requestOf(['chat', '--messages', '-', 'and?'], { stdin })).toMatchObject({
      messages: [user('hi'), user('and?')],
    });
  });

  it('keep what they hold beside role and content', async () => {
    const call = { id: 'c1', type: 'function', function: { name: 'look', arguments: '{}' } };
    const messages = [
      user('look'),
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: 'c1', content: 'a cat' },
    ];
    const cwd = await folderWith(JSON.stringify(messages));
    const flags = ['--param', 'tools=[{"type":"function","function":{"name":"look"}}]'];
    expect(await requestOf(['chat', '--messages', 'm.json', ...flags], { cwd })).toMatchObject({ messages });
  });

  it('take a text from a file, after the role', async () => {
    const cwd = await folderWith('from the file\n', 'a.md');
    expect(await requestOf(['chat', '--message', 'user:@a.md'], { cwd })).toMatchObject({
      messages: [user('from the file')],
    });
  });

  it('go before each row', async () => {
    const { code, stdout } = await oai(['chat', '--sandbox', '--each', '--message', 'user:sea'], {
      stdin: 'sky\n',
    });
    expect({ code, result: JSON.parse(stdout).result }).toEqual({
      code: 0,
      result: 'You said: sky\nBefore that: “sea”',
    });
  });

  it('go before the question of structured as well', async () => {
    const words = [
      'structured',
      '--dry-run',
      '--fields',
      'name',
      '--message',
      'user:a',
      '--developer',
      'b',
      'c',
    ];
    const { stdout } = await oai(words);
    const body = JSON.parse(/<<'JSON'\n(.*)\nJSON/s.exec(stdout)?.[1] ?? '');
    expect(body.messages).toEqual([user('a'), { role: 'developer', content: 'b' }, user('c')]);
  });
});

describe('bad messages', () => {
  const roles = 'the roles are system, developer, user, assistant';

  it.each([
    ['no colon', 'hi there', `--message hi there is not of the form role:text\n     ${roles}`],
    ['no role', ':hi', `--message :hi has no role:  is none\n     ${roles}`],
    ['another role', 'usr:hi', `--message usr:hi has no role: usr is none\n     ${roles}`],
    ['a tool', 'tool:hi', `--message tool:hi has no role: tool is none\n     ${roles}`],
    [
      'a bad name',
      'user/Ann Lee:hi',
      '--message user/Ann Lee: a name is of letters, digits, _ and -\n     role/name:text, such as user/ann:hello',
    ],
  ])('have %s', async (_, message, words) => {
    const { code, stderr } = await oai(['chat', '--message', message, 'hi']);
    expect({ code, stderr }).toEqual({ code: 2, stderr: `oai: ${words}\n` });
  });

  const all = 'the roles are system, developer, user, assistant, tool, function';
  const forms = 'a JSON array of messages, or a message on each line: {"role":"user","content":"…"}';

  it.each([
    ['nothing', '', 'm.json holds no messages: it is empty'],
    ['an empty list', '[]', 'm.json holds no messages'],
    ['a broken line', '{"role":"user","content":"a"}\n{"role":', 'm.json, line 2 is no JSON: '],
    [
      'a broken array',
      '[\n{"role":"user"},\n{"role" "x"}\n]',
      'm.json is no JSON: line 3, column 9: unexpected text',
    ],
    ['no role', '[{"content":"a"}]', `m.json, message 1 has no role\n     ${all}`],
    ['a strange role', '[{"role":"bot","content":"a"}]', `m.json, message 1: "bot" is no role\n     ${all}`],
    [
      'no content',
      '{"role":"user"}',
      'm.json, line 1 has no content\n     content is a text, or a list of parts',
    ],
    ['a number', '[1]', 'm.json, message 1 is no object with a role and a content'],
    ['a tool without its call', '[{"role":"tool","content":"a"}]', 'm.json, message 1 has no tool_call_id'],
    ['prose', 'hello', 'm.json, line 1 is no JSON: '],
  ])('are a file of %s', async (_, text, words) => {
    const cwd = await folderWith(text);
    const { code, stderr } = await oai(['chat', '--messages', 'm.json'], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain(`oai: --messages ${words}`);
    if (words.includes('no JSON: ')) expect(stderr).toContain(forms);
  });

  it('are a file that is not there', async () => {
    const { code, stderr } = await oai(['chat', '--messages', 'none.json'], { cwd: await temporaryFolder() });
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--messages none.json'),
    });
  });

  it('want stdin for two things', async () => {
    const { code, stderr } = await oai(['chat', '--messages', '-', '-s', '@-', 'hi'], { stdin: '[]' });
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('stdin') });
  });

  it('await no answer, and there is no prompt', async () => {
    const { code, stderr } = await oai(['chat', '--message', 'assistant:hi']);
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('no prompt') });
  });
});
