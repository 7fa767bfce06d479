// A loop on the SDK, 2,048 texts in a request, the vectors to stdout. node sdk-embed URL FILE
import { readFile } from 'node:fs/promises';
import OpenAI from 'openai';

const PACK = 2048;

async function embed(baseURL = '', path = '') {
  const client = new OpenAI({ baseURL, apiKey: 'none' });
  const rows = (await readFile(path, 'utf8')).trimEnd().split('\n');
  for (let at = 0; at < rows.length; at += PACK) {
    const input = rows.slice(at, at + PACK);
    const { data } = await client.embeddings.create({ model: 'm', input, dimensions: 256 });
    for (const { embedding } of data) process.stdout.write(Buffer.from(Float32Array.from(embedding).buffer));
  }
}

embed(...process.argv.slice(2));
