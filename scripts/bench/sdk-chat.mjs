// The yardstick of the bench: what somebody would write in ten lines on the SDK. node sdk-chat URL PROMPT
import OpenAI from 'openai';

async function chat(baseURL = '', content = '') {
  const client = new OpenAI({ baseURL, apiKey: 'none' });
  const messages = [/** @type {const} */ ({ role: 'user', content })];
  const stream = await client.chat.completions.create({ model: 'gpt-6-luna', messages, stream: true });
  for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta?.content ?? '');
}

chat(...process.argv.slice(2));
