import { describe, expect, it } from 'vitest';
import type { Choice } from '../../src/chat/answer.ts';
import { verdict } from '../../src/chat/verdict.ts';
import { wholeChoices } from '../../src/chat/whole.ts';

const choice = (more: Partial<Choice>): Choice => ({
  text: 'Hi.',
  refusal: '',
  toolCalls: [],
  finishReason: 'stop',
  logprobs: [],
  ...more,
});
const call = { id: '1', type: 'function', function: { name: 'look', arguments: '{}' } } as const;

describe('a verdict', () => {
  it.each<[string, Partial<Choice>, string | undefined, string | undefined]>([
    ['a good answer', {}, undefined, undefined],
    ['a refusal', { refusal: 'No.' }, 'verdict', undefined],
    ['a filter', { finishReason: 'content_filter' }, 'verdict', undefined],
    ['no text', { text: '' }, 'incomplete', undefined],
    ['tools', { toolCalls: [call] }, 'tools', 'ask again'],
    ['a cut', { finishReason: 'length' }, 'incomplete', 'ask for less'],
  ])('of %s has the ways out of its command', (_, more, kind, hint) => {
    const failure = verdict([choice(more)], false, { tools: 'ask again', cut: 'ask for less' });
    expect([failure?.kind, failure?.hint]).toEqual([kind, hint]);
  });

  it('of no answer is that it is empty', () => {
    expect(verdict([], false)?.message).toBe('the answer is empty');
  });

  it('of a cut that was asked for is none', () => {
    expect(verdict([choice({ finishReason: 'length' })], true)).toBeUndefined();
    expect(verdict([choice({ finishReason: 'length', text: '' })], true)?.kind).toBe('incomplete');
  });

  it('of chat says where the calls are', () => {
    expect(verdict([choice({ toolCalls: [call] })], false)?.hint).toBe(
      'the calls are on stdout as JSON: run them and come back with --tool-result',
    );
  });
});

describe('a whole answer', () => {
  it('has its choices in the form of a stream', () => {
    const legacy = { name: 'look', arguments: '{}' };
    const message = { role: 'assistant', content: [{ type: 'text', text: 'Hi.' }], function_call: legacy };
    const answer = { choices: [{ index: 0, message, finish_reason: 'stop', logprobs: null }] };
    expect(wholeChoices(answer as never)).toEqual([
      {
        text: 'Hi.',
        refusal: '',
        finishReason: 'stop',
        logprobs: [],
        toolCalls: [{ id: '', type: 'function', function: legacy }],
      },
    ]);
  });
});
