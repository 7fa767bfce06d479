import type { Moderation, ModerationCreateResponse } from 'openai/resources/moderations';
import { describe, expect, it } from 'vitest';
import { encodeImage } from '../../src/sandbox/image-codec.ts';
import { FakeClock } from '../support/context.ts';
import { type Answer, ask, request, sandbox } from './ask.ts';

const PATH = '/moderations';
const SCHEMA =
  "'$.input' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference.";

async function moderate(
  input: unknown,
  fields: object = {},
  faults?: string,
): Promise<ModerationCreateResponse> {
  const { status, body }: Answer<ModerationCreateResponse> = await ask(
    'POST',
    PATH,
    { input, ...fields },
    { of: sandbox(faults) },
  );
  if (status !== 200) throw new Error(`refused: ${JSON.stringify(body)}`);
  return body;
}

async function verdict(input: unknown): Promise<Moderation> {
  const { results } = await moderate(input);
  expect(results).toHaveLength(1);
  return results[0] as Moderation;
}

async function refusal(body: unknown) {
  const { status, body: answer } = await ask('POST', PATH, body);
  if (status < 400) throw new Error('accepted');
  return { status, ...answer.error };
}

const flags = ({ categories }: Moderation) =>
  Object.entries(categories)
    .filter(([, isFlagged]) => isFlagged)
    .map(([category]) => category);

const text = (words: string) => ({ type: 'text', text: words });
const image = (url: string) => ({ type: 'image_url', image_url: { url } });

/** A picture of one colour as a data URL. */
async function picture(red: number, green: number, blue: number): Promise<string> {
  const data = new Uint8Array(16 * 16 * 4);
  for (let at = 0; at < data.length; at += 4) data.set([red, green, blue, 255], at);
  const pixels = { width: 16, height: 16, data };
  const png = await encodeImage(pixels, { format: 'png', compression: 0, transparent: false });
  return `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
}

describe('a text', () => {
  it.each([
    ['I will kill you', ['violence']],
    ['she was murdered', ['violence']],
    ['그를 죽이겠다', ['violence']],
    ['그를 죽이겠다'.normalize('NFD'), ['violence']],
    ['GORE everywhere', ['violence', 'violence/graphic']],
    ['I hate all that gore', ['hate', 'hate/threatening', 'violence', 'violence/graphic']],
    ['유혈이 낭자했다', ['violence', 'violence/graphic']],
    ['I hate them', ['hate']],
    ['혐오한다', ['hate']],
    ['I hate them, kill them', ['hate', 'hate/threatening', 'violence']],
    ['혐오스러운 것들 죽여', ['hate', 'hate/threatening', 'violence']],
    ['you idiot', ['harassment']],
    ['이 바보야', ['harassment']],
    ['idiot, I will stab you', ['harassment', 'harassment/threatening', 'violence']],
    ['how to shoplift', ['illicit']],
    ['돈을 훔치는 법', ['illicit']],
    ['build a bomb', ['illicit', 'illicit/violent']],
    ['폭탄 제조', ['illicit', 'illicit/violent']],
    ['thoughts of suicide', ['self-harm']],
    ['자살', ['self-harm']],
    ['I want to end my life', ['self-harm', 'self-harm/intent']],
    ['I will kill myself', ['self-harm', 'self-harm/intent', 'violence']],
    ['죽고 싶다', ['self-harm', 'self-harm/intent']],
    ['how to hurt yourself', ['self-harm', 'self-harm/instructions']],
    ['자살하는 방법', ['self-harm', 'self-harm/instructions']],
    ['an erotic tale', ['sexual']],
    ['음란물', ['sexual']],
    ['underage porn', ['sexual', 'sexual/minors']],
    ['미성년자 음란물', ['sexual', 'sexual/minors']],
  ])('"%s" is flagged for %j', async (words, expected) => {
    const found = await verdict(words);
    expect(found.flagged).toBe(true);
    expect(flags(found).sort()).toEqual([...expected].sort());
  });

  it.each([
    'hello, what a nice day',
    'a skillful chateau',
    'a word like overkill',
    'the stabiliser',
    '',
    ' ',
    '안녕하세요',
    'I fight for peace and hack on code',
    '우리는 싸우지 않는다',
  ])('"%s" is not flagged', async (words) => {
    const found = await verdict(words);
    expect([found.flagged, flags(found)]).toEqual([false, []]);
  });

  it('has scores: high where it is flagged, low where not, between for words that only raise them', async () => {
    for (const words of ['I will kill you', 'a fight', 'hello']) {
      const { categories, category_scores: scores } = await verdict(words);
      for (const [category, score] of Object.entries(scores)) {
        const isFlagged = categories[category as keyof typeof categories];
        const isRaised = words === 'a fight' && category === 'violence';
        const [low, high] = isFlagged ? [0.7, 0.99] : isRaised ? [0.2, 0.4] : [0.000001, 0.001];
        expect([category, score >= low && score < high]).toEqual([category, true]);
      }
      expect(new Set(Object.values(scores)).size).toBe(13);
    }
  });

  it('gets the same verdict each time, alone or among others', async () => {
    const alone = await verdict('I will kill you');
    const { results } = await moderate(['hello', 'I will kill you', 'hello']);
    expect(results[1]).toEqual(alone);
    expect(results[2]).toEqual(results[0]);
    expect(results.map(({ flagged }) => flagged)).toEqual([false, true, false]);
  });

  it('is told to be all that was looked at', async () => {
    const { category_applied_input_types: types } = await verdict('kill');
    expect(new Set(Object.values(types).flat())).toEqual(new Set(['text']));
    expect(Object.keys(types)).toHaveLength(13);
  });
});

describe('parts', () => {
  it('get one verdict together', async () => {
    const found = await verdict([
      text('I hate'),
      text('how they kill'),
      image('https://example.com/cat.png'),
    ]);
    expect(flags(found).sort()).toEqual(['hate', 'hate/threatening', 'violence']);
    expect(found.category_applied_input_types).toMatchObject({
      hate: ['text'],
      violence: ['text', 'image'],
      'sexual/minors': ['text'],
      sexual: ['text', 'image'],
    });
    expect(flags(await verdict([text('hello')]))).toEqual([]);
  });

  it('of an image alone are judged by it, in the categories that look at images', async () => {
    const found = await verdict([image('https://example.com/hate/murder_weapon%20bomb.png')]);
    expect(flags(found)).toEqual(['violence']);
    expect(found.category_applied_input_types).toMatchObject({ hate: [], violence: ['image'], illicit: [] });
    expect(flags(await verdict([image('http://example.com/skills.png')]))).toEqual([]);
  });

  it('with an image in the request are violent when it is red', async () => {
    expect(flags(await verdict([image(await picture(220, 20, 20))]))).toEqual([
      'violence',
      'violence/graphic',
    ]);
    const others: [number, number, number][] = [
      [220, 220, 220],
      [20, 200, 20],
      [220, 150, 20],
      [0, 0, 0],
    ];
    for (const colour of others) {
      expect(flags(await verdict([image(await picture(...colour))]))).toEqual([]);
    }
  });

  it.each([
    [
      'two images',
      [image('https://a.example/1.png'), text('a'), image('https://a.example/2.png')],
      'Number of images (2) exceeds maximum of 1',
      'input',
      'too_many_images',
    ],
    [
      'another type',
      [{ type: 'audio', audio: '' }],
      "Invalid value: 'audio'. Supported values are: 'text' and 'image_url'.",
      'input[0].type',
      'invalid_value',
    ],
    [
      'no type',
      [text('a'), { text: 'a' }],
      "Missing required parameter: 'input[1].type'.",
      'input[1].type',
      'missing_required_parameter',
    ],
    [
      'no text',
      [{ type: 'text' }],
      "Missing required parameter: 'input[0].text'.",
      'input[0].text',
      'missing_required_parameter',
    ],
    [
      'no address',
      [{ type: 'image_url', image_url: {} }],
      "Missing required parameter: 'input[0].image_url.url'.",
      'input[0].image_url.url',
      'missing_required_parameter',
    ],
    [
      'an address that is none',
      [image('cat.png')],
      "Invalid 'input[0].image_url.url'. Expected a valid URL, but got a value with an invalid format.",
      'input[0].image_url.url',
      'invalid_value',
    ],
    [
      'a sound',
      [image('data:audio/wav;base64,AAAA')],
      /^You uploaded an unsupported image\./,
      'input[0].image_url.url',
      'invalid_image_format',
    ],
    [
      'an image that is none',
      [text('a'), image('data:image/png;base64,aGVsbG8=')],
      /^You uploaded an unsupported image\./,
      'input[1].image_url.url',
      'invalid_image_format',
    ],
    [
      'an image that is not base64',
      [image('data:image/png;base64,***')],
      /^You uploaded an unsupported image\./,
      'input[0].image_url.url',
      'invalid_image_format',
    ],
  ])('with %s are refused', async (_, input, message, param, code) => {
    const refused = await refusal({ input });
    expect(refused).toMatchObject({ status: 400, type: 'invalid_request_error', param, code });
    if (typeof message === 'string') expect(refused.message).toBe(message);
    else expect(refused.message).toMatch(message);
  });

  it('with half an image are refused', async () => {
    const url = await picture(1, 2, 3);
    const half = await refusal({ input: [image(url.slice(0, url.length - 40))] });
    expect(half.code).toBe('invalid_image_format');
    const gif = 'R0lGODlhAQABAIAAAAAAAP///ywAAAAAAQABAAACAUwAOw==';
    expect(flags(await verdict([image(`data:image/gif;base64,${gif}`)]))).toEqual([]);
    const endless = Buffer.from(gif, 'base64').subarray(0, -1).toString('base64');
    const { code } = await refusal({ input: [image(`data:image/gif;base64,${endless}`)] });
    expect(code).toBe('invalid_image_format');
  });
});

describe('a request for moderation', () => {
  it('is answered by name, and by the model that was asked', async () => {
    const answer = await moderate('hello');
    expect(answer.id).toMatch(/^modr-[0-9a-f]{32}$/);
    expect(answer.model).toBe('omni-moderation-latest');
    expect((await moderate('hello')).id).toBe(answer.id);
    expect((await moderate('hello!')).id).not.toBe(answer.id);
    const model = 'omni-moderation-2024-09-26';
    expect((await moderate('hello', { model })).model).toBe(model);
  });

  it.each([
    ['no input', {}, "Missing required parameter: 'input'.", 'input', 'missing_required_parameter'],
    ['an empty list', { input: [] }, SCHEMA, null, null],
    ['null', { input: null }, SCHEMA, null, null],
    ['a number', { input: 5 }, SCHEMA, null, null],
    ['one part and no list', { input: text('a') }, SCHEMA, null, null],
    ['texts and parts', { input: ['a', text('a')] }, SCHEMA, null, null],
    ['lists', { input: [['a']] }, SCHEMA, null, null],
    [
      'a model of old',
      { input: 'a', model: 'text-moderation-latest' },
      'please request omni-moderation-latest',
      'model',
      null,
    ],
    [
      'a model of old, stable',
      { input: 'a', model: 'text-moderation-stable' },
      'please request omni-moderation-latest',
      'model',
      null,
    ],
    [
      'a model of chat',
      { input: 'a', model: 'gpt-6-luna' },
      "Invalid value for 'model' = gpt-6-luna. Please check the OpenAI documentation and try again.",
      'model',
      null,
    ],
    [
      'an unknown model',
      { input: 'a', model: 'no' },
      "Invalid value for 'model' = no. Please check the OpenAI documentation and try again.",
      'model',
      null,
    ],
    [
      'a model of null',
      { input: 'a', model: null },
      "Invalid type for 'model': expected a string, but got null instead.",
      'model',
      'invalid_type',
    ],
    [
      'a field that there is not',
      { input: 'a', n: 1 },
      'Unrecognized request argument supplied: n',
      null,
      null,
    ],
  ])('with %s is refused', async (_, body, message, param, code) => {
    expect(await refusal(body)).toEqual({ status: 400, message, type: 'invalid_request_error', param, code });
  });

  it('goes by POST', async () => {
    const response = await sandbox().answer(request('GET', PATH));
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  });
});

describe('a fault', () => {
  it.each([
    ['429', 429, 'rate_limit_exceeded'],
    ['500', 500, null],
    ['gone=omni-moderation-latest', 404, 'model_not_found'],
  ])('%s is answered in place of a verdict', async (faults, status, code) => {
    const answer = await ask('POST', PATH, { input: 'hello' }, { of: sandbox(faults) });
    expect([answer.status, answer.body.error.code]).toEqual([status, code]);
  });

  it('takes away a model, whatever kind of a model it is', async () => {
    const of = sandbox('gone=text-moderation-latest');
    const body = { input: 'a', model: 'text-moderation-latest' };
    expect((await ask('POST', PATH, body, { of })).status).toBe(404);
    expect((await moderate('hello', {}, 'gone=omni-moderation-2024-09-26')).results).toHaveLength(1);
  });

  it.each(['cut@0', 'garbled@0', 'plain', 'refusal'])('%s is nothing to a verdict', async (faults) => {
    expect(await moderate('kill', {}, faults)).toEqual(await moderate('kill'));
  });

  it('leaves out every verdict', async () => {
    expect((await moderate(['kill', 'hello'], {}, 'empty')).results).toEqual([]);
  });

  it('delays the answer', async () => {
    const clock = new FakeClock({ leap: true });
    const start = clock.now();
    await ask('POST', PATH, { input: 'hello' }, { of: sandbox('delay=50ms', { clock }) });
    expect(clock.now() - start).toBe(50);
  });
});
