import { describe, expect, it } from 'vitest';
import { eventsWithoutKeys } from '../../../../src/api/transport/cassette/events-without-keys.ts';

const SECRETS = new Set(['a-token-of-mine']);
const FIRST = 'sk-proj-Zz9QwErTy1';
const SECOND = '234567890AbCdEf';

/** The data of events after keys were taken out of it. */
function clean(...data: readonly unknown[]): unknown[] {
  const events = eventsWithoutKeys(
    data.map((data, ms) => ({ ms, data })),
    SECRETS,
  );
  expect(events.map(({ ms }) => ms)).toEqual(data.map((_, ms) => ms));
  return events.map((event) => ('data' in event ? event.data : undefined));
}

const chat = (delta: object, index = 0) => ({ choices: [{ index, delta }] });
const text = (text: string) => ({ choices: [{ index: 0, text }] });
const output = (delta: string, item_id = 'msg_1') => ({
  type: 'response.output_text.delta',
  item_id,
  delta,
});
const call = (index: number, args: string) =>
  chat({ tool_calls: [{ index, function: { arguments: args } }] });

describe('a key that is cut at the borders of events', () => {
  it.each<[string, (text: string) => unknown]>([
    ['chat', (content) => chat({ content })],
    ['a refusal', (refusal) => chat({ refusal })],
    ['the arguments of a call', (args) => call(0, args)],
    ['completions', text],
    ['responses', output],
    ['transcripts', (delta) => ({ type: 'transcript.text.delta', delta })],
  ])('is left out of %s: one mark where it begins', (_, event) => {
    const told = clean(event(`It is ${FIRST}`), event(SECOND), event('g. Bye'));
    expect(told).toEqual([event('It is [key]'), event(''), event('. Bye')]);
  });

  it('is left out where a piece of it looks like a key by itself', () => {
    const piece = 'sk-AbCdEfGhIjKlMnOpQrStUvWx1234';
    expect(clean(text(piece), text('TheRest'))).toEqual([text('[key]'), text('')]);
  });

  it('is left out where it is a known one of any form, and twice', () => {
    const told = clean(text('a-token'), text('-of-mine, a-to'), text('ken-of-'), text('mine!'));
    expect(told).toEqual([text('[key]'), text(', [key]'), text(''), text('!')]);
  });

  it('is left out of each choice and each call by itself', () => {
    const told = clean(
      chat({ content: 'a-token' }),
      chat({ content: 'other' }, 1),
      chat({ content: '-of-mine' }),
    );
    expect(told).toEqual([chat({ content: '[key]' }), chat({ content: 'other' }, 1), chat({ content: '' })]);
    expect(clean(call(0, 'a-token'), call(1, '{}'), call(0, '-of-mine'))).toEqual([
      call(0, '[key]'),
      call(1, '{}'),
      call(0, ''),
    ]);
  });

  it('is left out of the probabilities of its tokens', () => {
    const logprobs = { content: [{ token: 'a-token', logprob: -0.1 }] };
    const piece = (content: string) => ({ choices: [{ index: 0, delta: { content }, logprobs }] });
    const told = clean(piece('ok'), piece('a-token'), piece('-of-mine'));
    expect(told[0]).toEqual(piece('ok'));
    expect(JSON.stringify(told.slice(1))).not.toContain('token');
  });
});

describe('what is no key', () => {
  it.each<[string, readonly unknown[]]>([
    ['words', [text('sk-'), text('learn')]],
    ['the texts of two items', [output('a-token'), output('-of-mine', 'msg_2')]],
    ['a key that is told after another text', [chat({ content: 'a-token' }), chat({ refusal: '-of-mine' })]],
    [
      'sound',
      [
        { type: 'response.audio.delta', delta: 'a-token' },
        { type: 'response.audio.delta', delta: '-of-mine' },
      ],
    ],
    ['no objects', ['[DONE]', null, [1]]],
    ['events of another form', [{ choices: 'none' }, { choices: [null, 1] }, { delta: 3 }]],
  ])('is left as it is: %s', (_, data) => {
    expect(clean(...data)).toEqual(data);
  });

  it('is left as it is: what is no event with data', () => {
    const events = [{ ms: 1, text: ': still here\n\n' }];
    expect(eventsWithoutKeys(events, SECRETS)).toEqual(events);
  });
});
