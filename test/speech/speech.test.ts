import { describe, expect, it } from 'vitest';
import { connect } from '../../src/api/client.ts';
import { speakParts } from '../../src/speech/speech.ts';
import { fakeContext } from '../support/context.ts';
import { settle } from '../support/oai.ts';

/** Speaks parts, each of which is a digit and sounds like that digit twice. */
async function speaking(count: number) {
  const asked: string[] = [];
  const fetch: typeof globalThis.fetch = async (_, init) => {
    const { input } = JSON.parse(String(init?.body)) as { input: string };
    asked.push(input);
    return new Response(input.repeat(2), { headers: { 'content-type': 'audio/pcm' } });
  };
  const context = fakeContext({ env: { OPENAI_API_KEY: 'sk-test-0123456789' }, fetch });
  const api = await connect({}, context);
  const requests = Array.from({ length: count }, (_, index) => ({
    model: 'm',
    voice: 'coral',
    response_format: 'pcm' as const,
    input: String(index),
  }));
  async function* first() {
    yield Buffer.from('00');
  }
  return { asked, joined: speakParts(requests, first(), 'pcm', api, context) };
}

describe('the parts of a speech', () => {
  it('are fetched ahead, three at a time, as they are listened to', async () => {
    const { asked, joined } = await speaking(8);
    const pieces = joined.bytes[Symbol.asyncIterator]();
    const heard: [string, string][] = [];
    for (let next = await pieces.next(); next.done !== true; next = await pieces.next()) {
      await settle(20);
      heard.push([Buffer.from(next.value).toString(), asked.join('')]);
    }
    expect(heard).toEqual([
      ['00', '123'],
      ['11', '1234'],
      ['22', '12345'],
      ['33', '123456'],
      ['44', '1234567'],
      ['55', '1234567'],
      ['66', '1234567'],
      ['77', '1234567'],
    ]);
  });

  it('are fetched by nobody where there is one', async () => {
    const { asked, joined } = await speaking(1);
    const heard: string[] = [];
    for await (const piece of joined.bytes) heard.push(Buffer.from(piece).toString());
    expect({ heard, asked }).toEqual({ heard: ['00'], asked: [] });
  });
});
