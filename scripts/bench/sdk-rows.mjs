// A loop on the SDK, 64 at once, the results in order. node sdk-rows URL FILE
import { readFile } from 'node:fs/promises';
import OpenAI from 'openai';

const AT_ONCE = 64;

async function ask(baseURL = '', path = '') {
  const client = new OpenAI({ baseURL, apiKey: 'none' });
  const rows = (await readFile(path, 'utf8')).trimEnd().split('\n');
  /** @type {(string | null | undefined)[]} */
  const results = [];
  let next = 0;
  const worker = async () => {
    while (next < rows.length) {
      const index = next++;
      const messages = [/** @type {const} */ ({ role: 'user', content: rows[index] ?? '' })];
      const answer = await client.chat.completions.create({ model: 'm', messages });
      results[index] = answer.choices[0]?.message.content;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  process.stdout.write(`${results.map((result) => JSON.stringify(result)).join('\n')}\n`);
}

ask(...process.argv.slice(2));
