// As sdk-chat, with a text from stdin before the prompt. node sdk-chat-stdin URL PROMPT < TEXT
import { text } from 'node:stream/consumers';
import OpenAI from 'openai';

async function chat(baseURL = '', prompt = '') {
  const client = new OpenAI({ baseURL, apiKey: 'none' });
  const messages = [
    /** @type {const} */ ({ role: 'user', content: `${await text(process.stdin)}\n\n${prompt}` }),
  ];
  const stream = await client.chat.completions.create({ model: 'gpt-6-luna', messages, stream: true });
  for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta?.content ?? '');
}

chat(...process.argv.slice(2));
