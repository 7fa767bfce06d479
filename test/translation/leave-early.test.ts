import { describe, expect, it } from 'vitest';
import { connect } from '../../src/api/client.ts';
import { Slots } from '../../src/bulk/slots.ts';
import { readLanguage } from '../../src/transcripts/language.ts';
import { translatedText } from '../../src/translation/translated-text.ts';
import { translatedTexts } from '../../src/translation/translated-texts.ts';
import { streamedTranslation, type Translator } from '../../src/translation/translator.ts';
import { chatChunk } from '../support/api.ts';
import { fakeContext } from '../support/context.ts';
import { settle } from '../support/oai.ts';
import { type Asked, marked, server } from './desk.ts';

async function translatorFor(fetch: typeof globalThis.fetch, slots: Slots): Promise<Translator> {
  const context = fakeContext({ env: { OPENAI_API_KEY: 'sk-test-0123456789' }, fetch });
  const api = await connect({}, context);
  const to = readLanguage('ko', '--to');
  return { api, context, slots, model: 'gpt-6-luna', to, about: undefined, params: {} };
}

/** An answer that has begun and never ends. */
function begun({ signal }: Asked): Response {
  const body = new ReadableStream({
    start(stream) {
      const event = `data: ${JSON.stringify(chatChunk({ content: 'KO' }))}\n\n`;
      stream.enqueue(new TextEncoder().encode(event));
      signal.addEventListener('abort', () => stream.error(signal.reason), { once: true });
    },
  });
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
}

/** Whether there is a place for work. */
async function hasPlace(slots: Slots): Promise<boolean> {
  const place = slots.take();
  return Promise.race([place.then(() => true), settle(20).then(() => false)]);
}

describe('one who takes no more', () => {
  it('of a stream ends it, and leaves its place', async () => {
    const api = server(begun);
    const slots = new Slots(1);
    const pieces = translatedText('Hello.', await translatorFor(api.fetch, slots));
    expect(await pieces.next()).toEqual({ done: false, value: 'KO' });
    expect(api.asked[0]?.signal.aborted).toBe(false);
    await pieces.return(undefined);
    expect(api.asked[0]?.signal.aborted).toBe(true);
    expect(await hasPlace(slots)).toBe(true);
  });

  it('of an answer closes it', async () => {
    const api = server(begun);
    const translator = await translatorFor(api.fetch, new Slots(1));
    const pieces = streamedTranslation('Hello.', translator, new AbortController().signal);
    await pieces.next();
    await pieces.return(undefined);
    expect(api.asked[0]?.signal.aborted).toBe(true);
  });

  it('of texts leaves the rest unasked', async () => {
    const api = server((asked) => marked(asked));
    const texts = Array.from({ length: 200 }, (_, index) => `Line ${index}.`);
    const stream = translatedTexts(texts, await translatorFor(api.fetch, new Slots(1)));
    expect(await stream.next()).toEqual({ done: false, value: 'KO Line 0.' });
    await stream.return(undefined);
    const { length } = api.asked;
    await settle(20);
    expect(length).toBeLessThan(5);
    expect(api.asked.length).toBe(length);
  });
});
