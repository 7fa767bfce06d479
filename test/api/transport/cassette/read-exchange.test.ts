import { describe, expect, it } from 'vitest';
import { printExchange } from '../../../../src/api/transport/cassette/exchange.ts';
import { readExchange } from '../../../../src/api/transport/cassette/read-exchange.ts';
import { Failure } from '../../../../src/errors.ts';

const request = { method: 'POST', path: '/chat/completions', json: { model: 'm' } };
const response = { status: 200, json: { ok: true } };
const whole = { oai_cassette: 1, request, response };

function problem(text: string): string {
  try {
    readExchange(text, 'tapes/x.json');
  } catch (error) {
    if (error instanceof Failure && error.kind === 'usage') return error.message;
    throw error;
  }
  return '';
}

describe('a file of a cassette', () => {
  it('may be written by hand: little is needed', () => {
    expect(readExchange(JSON.stringify(whole), 'x')).toEqual(whole);
    const events = [{ data: {} }, { data: '[DONE]' }, { text: ': x\n\n' }];
    expect(problem(JSON.stringify({ ...whole, response: { status: 200, events } }))).toBe('');
    expect(problem(JSON.stringify({ ...whole, response: { status: 204 } }))).toBe('');
    expect(problem(JSON.stringify({ ...whole, request: { method: 'GET', url: 'https://a.test/b' } }))).toBe(
      '',
    );
  });

  it.each<[string, string]>([
    ['', 'it is no JSON'],
    ['{"oai_cassette": 1,\n "request": {"method" "POST"}}', 'it is no JSON, from line 2 on'],
    ['[]', 'it is no file of a cassette: oai_cassette is missing'],
    ['{"name":"package"}', 'it is no file of a cassette: oai_cassette is missing'],
    ['{"oai_cassette":2}', 'oai_cassette is 2, and this version of oai reads 1'],
    ['{"oai_cassette":"1"}', 'oai_cassette is "1", and this version of oai reads 1'],
    ['{"oai_cassette":1}', 'request is missing'],
  ])('%s is refused', (text, reason) => {
    expect(problem(text)).toBe(`tapes/x.json: ${reason}`);
  });

  it.each<[object, string]>([
    [{ ...request, method: undefined }, 'request.method is missing'],
    [{ ...request, path: undefined }, 'request needs a path, or else a url'],
    [{ ...request, url: 'https://a.test/' }, 'request needs a path, or else a url'],
    [{ ...request, path: 'chat' }, 'request.path is no text that begins with /'],
    [{ method: 'GET', url: 'cat.png' }, 'request.url is no URL'],
    [{ ...request, base_url: 1 }, 'request.base_url is no text'],
    [{ ...request, text: 'x' }, 'request has both json and text'],
    [
      { method: 'POST', path: '/x', form: { a: 'b' } },
      'request.form is no list of parts with a name and a value or a sha256',
    ],
    [
      { method: 'POST', path: '/x', form: [{ name: 'a' }] },
      'request.form is no list of parts with a name and a value or a sha256',
    ],
  ])('the request %j is refused', (bad, reason) => {
    expect(problem(JSON.stringify({ ...whole, request: bad }))).toBe(`tapes/x.json: ${reason}`);
  });

  it.each<[unknown, string]>([
    [undefined, 'response is missing'],
    [{ json: {} }, 'response.status is missing'],
    [{ status: '200' }, 'response.status "200" is not from 200 to 599'],
    [{ status: 100 }, 'response.status 100 is not from 200 to 599'],
    [{ status: 200.5 }, 'response.status 200.5 is not from 200 to 599'],
    [{ ...response, headers: [] }, 'response.headers holds what is no header'],
    [{ ...response, headers: { a: 1 } }, 'response.headers holds what is no header'],
    [{ ...response, headers: { 'a b': 'c' } }, 'response.headers holds what is no header'],
    [{ ...response, headers: { a: 'b\nc' } }, 'response.headers holds what is no header'],
    [{ ...response, ms: -1 }, 'response.ms is no time in ms'],
    [{ ...response, events: [] }, 'response has both json and events'],
    [{ status: 200, text: 1 }, 'response.text is no text'],
    [{ status: 200, events: {} }, 'response.events is no list'],
    [{ status: 200, events: [{ data: 1 }, {}] }, 'response.events[1] has no data and no text, or both'],
    [{ status: 200, events: [{ data: 1, text: '' }] }, 'response.events[0] has no data and no text, or both'],
    [
      { status: 200, events: [{ data: 1, ms: 'soon' }] },
      'response.events[0] has no data and no text, or both',
    ],
    [{ status: 200, file: '../../.ssh/id_rsa' }, 'response.file is not the name of a file beside'],
    [{ status: 200, file: '/etc/passwd' }, 'response.file is not the name of a file beside'],
    [{ status: 200, file: '..' }, 'response.file is not the name of a file beside'],
    [{ status: 200, file: '' }, 'response.file is not the name of a file beside'],
    [{ status: 200, file: 1 }, 'response.file is not the name of a file beside'],
  ])('the answer %j is refused', (bad, reason) => {
    expect(problem(JSON.stringify({ ...whole, response: bad }))).toBe(`tapes/x.json: ${reason}`);
  });
});

describe('the text of an exchange', () => {
  const recorded = Date.parse('2026-11-21T12:00:00Z');

  it('is what is read again, whatever is in it', () => {
    const events = [
      { ms: 1, data: { a: '\n    "events": []', b: [1, -2.5e-7] } },
      { ms: 2, text: '$& [key]' },
    ];
    for (const answer of [
      { status: 200, headers: {}, ms: 1, events },
      {
        status: 200,
        headers: {},
        ms: 1,
        json: { events: [], vector: [0.1, -1e21, 3], nested: [[1], [2]], text: '[\n 1\n ]' },
      },
      { status: 200, headers: {}, ms: 1, text: 'a\u2028b\ud800' },
    ]) {
      const exchange = { request: { ...request, json: { events: [] } }, response: answer };
      const text = printExchange(exchange, recorded, new Set());
      expect(readExchange(text, 'x')).toEqual({
        oai_cassette: 1,
        recorded: '2026-11-21T12:00:00.000Z',
        ...exchange,
      });
    }
  });

  it('has a line for each event and each vector', () => {
    const streamed = {
      status: 200,
      events: [
        { ms: 1, data: { a: [1, 2] } },
        { ms: 2, data: '[DONE]' },
      ],
    };
    expect(printExchange({ request, response: streamed }, recorded, new Set())).toContain(
      '"events": [\n      {"ms":1,"data":{"a":[1,2]}},\n      {"ms":2,"data":"[DONE]"}\n    ]\n',
    );
    const vector = { status: 200, json: { embedding: [0.25, -1e-7, 3] } };
    expect(printExchange({ request, response: vector }, recorded, new Set())).toContain(
      '"embedding": [0.25, -1e-7, 3]\n',
    );
  });

  it('has no key in it', () => {
    const response = { status: 401, json: { error: { message: 'Incorrect key: hush-hush-hush' } } };
    const text = printExchange({ request, response }, recorded, new Set(['hush-hush-hush']));
    expect(text).toContain('"message": "Incorrect key: [key]"');
  });
});
