// An API that answers a chat after 50 ms and bears 64 at once, and embeds at once. Prints its base URL.
import { createServer } from 'node:http';

const ANSWER_MS = 50;
const AT_ONCE = 64;
const NUMBERS = 256;

const json = { 'content-type': 'application/json' };
const message = { role: 'assistant', content: 'ok', refusal: null };
const chat = JSON.stringify({
  id: 'x',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message, finish_reason: 'stop', logprobs: null }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
});
const refusal = JSON.stringify({
  error: { message: 'too many', type: 'rate_limit_error', code: 'rate_limit_exceeded' },
});
const vector = Buffer.alloc(NUMBERS * 4, 1).toString('base64');

let underWay = 0;
const server = createServer((request, response) => {
  /** @type {Buffer[]} */
  const pieces = [];
  request.on('data', (piece) => pieces.push(piece));
  request.on('end', () => {
    if (request.url?.endsWith('/embeddings')) {
      const { input } = JSON.parse(Buffer.concat(pieces).toString());
      const data = input.map((/** @type {string} */ _, /** @type {number} */ index) => ({
        object: 'embedding',
        index,
        embedding: vector,
      }));
      response.writeHead(200, json).end(JSON.stringify({ object: 'list', model: 'm', data }));
    } else if (underWay >= AT_ONCE) {
      response.writeHead(429, json).end(refusal);
    } else {
      underWay += 1;
      setTimeout(() => {
        underWay -= 1;
        response.writeHead(200, json).end(chat);
      }, ANSWER_MS);
    }
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object') console.log(`http://127.0.0.1:${address?.port}/v1`);
});
