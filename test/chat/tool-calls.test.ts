import { describe, expect, it } from 'vitest';
import type { ChatChunk } from '../../src/api/completions.ts';
import { Answer } from '../../src/chat/answer.ts';
import { identified } from '../../src/chat/tool-calls.ts';
import type { ToolCall } from '../../src/tools/tool.ts';
import { chatChunk } from '../support/api.ts';

/** A piece of a call, with an `id` where one is told. */
const piece = (index: number | undefined, id: string | undefined, name: string | undefined, args = '') => ({
  ...(index !== undefined && { index }),
  ...(id !== undefined && { id }),
  function: { ...(name !== undefined && { name }), arguments: args },
});

/** The calls of an answer that came in these pieces. */
function streamed(...pieces: readonly object[]): readonly ToolCall[] {
  const answer = new Answer(1);
  for (const one of pieces) answer.add(chatChunk({ tool_calls: [one] }) as ChatChunk);
  return answer.choices[0]?.toolCalls ?? [];
}

const call = (id: string, name: string, args: string) => ({
  id,
  type: 'function',
  function: { name, arguments: args },
});

describe('calls that come in pieces', () => {
  it.each<[string, readonly object[]]>([
    [
      'at places of their own',
      [
        piece(0, 'a', 'now', '{'),
        piece(1, 'b', 'day', '['),
        piece(0, undefined, undefined, '}'),
        piece(1, undefined, undefined, ']'),
      ],
    ],
    [
      'at one place, under ids of their own',
      [
        piece(0, 'a', 'now', '{'),
        piece(0, undefined, undefined, '}'),
        piece(0, 'b', 'day', '['),
        piece(0, undefined, undefined, ']'),
      ],
    ],
    ['whole, without a place', [piece(undefined, 'a', 'now', '{}'), piece(undefined, 'b', 'day', '[]')]],
    [
      'with their id and name in each piece',
      [
        piece(0, 'a', 'now', '{'),
        piece(0, 'a', 'now', '}'),
        piece(1, 'b', 'day', '['),
        piece(1, 'b', 'day', ']'),
      ],
    ],
    [
      'with an id of its own for each piece',
      [
        piece(0, 'a', 'now', '{'),
        piece(0, 'x', undefined, '}'),
        piece(1, 'b', 'day', '['),
        piece(1, 'y', undefined, ']'),
      ],
    ],
    ['far apart', [piece(0, 'a', 'now', '{}'), piece(4_000_000_000, 'b', 'day', '[]')]],
  ])('are told apart: %s', (_, pieces) => {
    expect(streamed(...pieces)).toEqual([call('a', 'now', '{}'), call('b', 'day', '[]')]);
  });

  it('may be those of custom tools', () => {
    const custom = (id: string, name: string) => ({
      index: 0,
      id,
      type: 'custom',
      custom: { name, input: 'x' },
    });
    expect(streamed(custom('a', 'one'), custom('b', 'two'))).toEqual([
      { id: 'a', type: 'custom', custom: { name: 'one', input: 'x' } },
      { id: 'b', type: 'custom', custom: { name: 'two', input: 'x' } },
    ]);
  });
});

describe('calls that are to be answered', () => {
  const unnamed = { type: 'function', function: { name: 'now', arguments: '{}' } };

  it.each<[string, readonly object[]]>([
    ['without an id', [unnamed, unnamed]],
    [
      'with null',
      [
        { ...unnamed, id: null },
        { ...unnamed, id: null },
      ],
    ],
    [
      'with an empty one',
      [
        { ...unnamed, id: '' },
        { ...unnamed, id: '' },
      ],
    ],
  ])('get one: %s', (_, calls) => {
    expect(identified(calls as ToolCall[], 3)).toEqual([
      { ...unnamed, id: 'call_3_0' },
      { ...unnamed, id: 'call_3_1' },
    ]);
  });

  it('keep their own, but for one that there is already', () => {
    const calls = ['a', 'a', 'b'].map((id) => call(id, 'now', '{}'));
    expect(identified(calls as ToolCall[], 1).map(({ id }) => id)).toEqual(['a', 'call_1_1', 'b']);
  });
});
