import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { lifecycleOf } from '../../src/api/models.ts';
import { createSandbox } from '../../src/sandbox/sandbox.ts';
import { FakeClock } from './context.ts';

/** The words in a file of sound, as the sandbox hears them. */
export async function heard(path: string): Promise<string> {
  const sandbox = createSandbox({ clock: new FakeClock(), lifecycleOf });
  const body = new FormData();
  body.set('file', new File([new Uint8Array(await readFile(path))], basename(path)));
  body.set('model', 'gpt-transcribe');
  const url = 'http://sandbox.invalid/v1/audio/transcriptions';
  const answer = await sandbox.answer(new Request(url, { method: 'POST', body }));
  const { text } = (await answer.json()) as { text: string };
  return text;
}

/** A text as sound, as the sandbox speaks it. */
export async function spoken(input: string, response_format = 'mp3'): Promise<Buffer<ArrayBuffer>> {
  const sandbox = createSandbox({ clock: new FakeClock(), lifecycleOf });
  const body = JSON.stringify({ model: 'gpt-4o-mini-tts', voice: 'coral', input, response_format });
  const headers = { 'content-type': 'application/json' };
  const url = 'http://sandbox.invalid/v1/audio/speech';
  const answer = await sandbox.answer(new Request(url, { method: 'POST', headers, body }));
  return Buffer.from(await answer.arrayBuffer());
}
