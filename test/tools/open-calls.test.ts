import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { ChatMessage } from '../../src/api/completions.ts';
import { answersTo, openCalls } from '../../src/tools/open-calls.ts';
import type { ToolCall } from '../../src/tools/tool.ts';
import { fakeContext } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';

const called = (id: string, name = 'weather'): ToolCall & { type: 'function'; function: object } => ({
  id,
  type: 'function',
  function: { name, arguments: '{}' },
});
const asked = (...calls: readonly ToolCall[]) =>
  ({ role: 'assistant', content: null, tool_calls: calls }) as unknown as ChatMessage;
const user: ChatMessage = { role: 'user', content: 'hello' };
const result = (id: string, content = 'x'): ChatMessage => ({ role: 'tool', tool_call_id: id, content });

describe('the open calls of a conversation', () => {
  const [a, b] = [called('a'), called('b')];
  it.each<[string, ChatMessage[], string[]]>([
    ['none where nothing was said', [], []],
    ['none where nothing was asked for', [user], []],
    ['those of the last message', [user, asked(a, b)], ['a', 'b']],
    ['those that have no result yet', [user, asked(a, b), result('a')], ['b']],
    ['none once all are answered', [user, asked(a, b), result('b'), result('a')], []],
    [
      'none once something else was said',
      [user, asked(a), result('a'), { role: 'assistant', content: 'so' }],
      [],
    ],
  ])('are %s', (_, messages, ids) => {
    expect(openCalls(messages).map(({ id }) => id)).toEqual(ids);
  });
});

describe('their answers', () => {
  const calls = [called('a'), called('b', 'now')];
  const nobody = async () => undefined;

  async function answers(results: readonly string[], options: Partial<Parameters<typeof answersTo>[1]> = {}) {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'out.txt'), 'rain\n');
    await writeFile(join(cwd, 'bad.txt'), Buffer.from([0xff]));
    return answersTo(
      calls,
      { results, run: nobody, isPassedOver: false, ...options },
      fakeContext({ cwd, stdin: 'sun\n' }),
    );
  }

  it('are what the user gives, in the order of the calls', async () => {
    expect(await answers(['b=', 'a=@out.txt'])).toEqual([result('a', 'rain'), result('b', '')]);
    expect(await answers(['a=x=@y', 'b=@-'])).toEqual([result('a', 'x=@y'), result('b', 'sun')]);
  });

  it('are what the tools say that may be run, for the rest', async () => {
    const run = vi.fn(async () => [result('b', 'noon')]);
    expect(await answers(['a=@@home'], { run })).toEqual([result('a', '@home'), result('b', 'noon')]);
    expect(run).toHaveBeenCalledExactlyOnceWith([calls[1]]);
  });

  it('say that nobody wanted them, where something else is said', async () => {
    const run = vi.fn(nobody);
    const content = 'The tool was not run: the user went on without it.';
    expect(await answers([], { run, isPassedOver: true })).toEqual([
      result('a', content),
      result('b', content),
    ]);
    expect(run).not.toHaveBeenCalled();
  });

  it.each([
    [
      'a call that there is not',
      ['c=x'],
      '--tool-result c: no such call waits for a result',
      'these do: a (weather), b (now)',
    ],
    ['a call twice', ['a=x', 'a=y'], '--tool-result: there are two for a', undefined],
    ['no call', ['=x'], '--tool-result =x is not ID=TEXT', 'ID=@file reads it from a file'],
    ['no text', ['a'], '--tool-result a is not ID=TEXT', 'ID=@file reads it from a file'],
    ['no file', ['a=@none', 'b=x'], 'cannot read --tool-result a @none: no such file', undefined],
    [
      'a file of bytes',
      ['a=@bad.txt', 'b=x'],
      '--tool-result a @bad.txt is not UTF-8 text: byte 1 is 0xff',
      expect.anything(),
    ],
    ['too few', ['a=x'], 'a call has no result: b (now)', '--tool-result b=@FILE gives it'],
    ['none', [], 'calls have no result: a (weather), b (now)', '--tool-result a=@FILE gives it'],
  ])('for %s are refused', async (_, results, message, hint) => {
    await expect(answers(results)).rejects.toMatchObject({ kind: 'usage', message, hint });
  });

  it('for a conversation that waits for none are refused', async () => {
    const nothing = answersTo([], { results: ['a=x'], run: nobody, isPassedOver: false }, fakeContext());
    await expect(nothing).rejects.toMatchObject({
      message: '--tool-result a: no such call waits for a result',
      hint: 'results follow the calls: -c goes on with the last conversation, --messages with one of a file',
    });
  });
});
