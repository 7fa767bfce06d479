import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import { preferenceRow, rowsOf } from '../sandbox/ask-finetune.ts';
import { pathWithOai, runBin, startCommand } from './bin.ts';
import { temporaryFolder } from './folder.ts';
import { spoken } from './heard.ts';
import { image as imageOf, png } from './images.ts';
import { pdf } from './pdf.ts';

let laidOut: Promise<string> | undefined;

/** A folder with what the examples read: a copy of one that is laid out once. */
export async function desk(): Promise<string> {
  laidOut ??= layOut().catch((error: unknown) => {
    laidOut = undefined;
    throw error;
  });
  const cwd = await temporaryFolder();
  await cp(await laidOut, cwd, { recursive: true, preserveTimestamps: true });
  return cwd;
}

async function layOut(): Promise<string> {
  const cwd = await mkdtemp(join(tmpdir(), 'oai-desk-'));
  await writeFile(join(cwd, 'reviewer.md'), 'Be brief.\n');
  await writeFile(join(cwd, 'main.c'), 'int main() { return 0; }\n');
  for (const name of ['room.png', 'logo.png', 'corgi.png', 'cat.png', 'plan.png', 'photo.png'])
    await writeFile(join(cwd, name), png(640, 640));
  await writeFile(join(cwd, 'room.jpg'), await imageOf('jpeg', 64, 48));
  await writeFile(join(cwd, 'invoice.pdf'), pdf('Invoice 7', 'Total 60'));
  await writeFile(join(cwd, 'hole.png'), png(640, 640, { alpha: true }));
  await writeFile(join(cwd, 'chapter.txt'), 'It was a dark and stormy night.\n');
  const sound = await spoken('Good morning. Siobhan is late.');
  await mkdir(join(cwd, 'recordings'));
  await mkdir(join(cwd, 'more', 'may'), { recursive: true });
  for (const name of ['talk', 'meeting', 'interview', 'recordings/one', 'recordings/two', 'more/may/one']) {
    await writeFile(join(cwd, `${name}.mp3`), sound);
  }
  await writeFile(join(cwd, 'call.wav'), await spoken('Siobhan speaking.', 'wav'));
  await writeFile(join(cwd, 'question.wav'), await spoken('What is the time?', 'wav'));
  await writeFile(join(cwd, 'talk.wav'), await spoken('Good morning. Siobhan is late.', 'wav'));
  await writeFile(
    join(cwd, 'ann.wav'),
    await spoken('Good morning, this is Ann, who speaks for as long as it takes.', 'wav'),
  );
  await writeFile(join(cwd, 'movie.srt'), '1\n00:00:01,000 --> 00:00:02,000\nGood morning.\n');
  await writeFile(join(cwd, 'comment.txt'), 'What a fine day.\n');
  await writeFile(join(cwd, 'publish'), '#!/bin/sh\necho published\n', { mode: 0o755 });
  await writeFile(join(cwd, 'mail-us'), '#!/bin/sh\necho sent\n', { mode: 0o755 });
  const body = { model: 'gpt-6-luna', messages: [{ role: 'user', content: 'hi' }] };
  await writeFile(join(cwd, 'body.json'), JSON.stringify(body));
  await writeFile(join(cwd, 'story.txt'), 'It was a dark and stormy night.\n');
  await writeFile(join(cwd, 'weather.sh'), '#!/bin/sh\ncat\n', { mode: 0o755 });
  await writeFile(join(cwd, 'weather.sh.json'), '{"properties":{"city":{"type":"string"}}}');
  for (const name of ['texts.txt', 'lines.txt', 'text.txt'])
    await writeFile(join(cwd, name), 'one\ntwo\nthree\n');
  await writeFile(join(cwd, 'letter.txt'), 'Good morning.\n');
  await writeFile(join(cwd, 'cv.txt'), 'Ann is 30.\n');
  await writeFile(join(cwd, 'nightly.sh'), '#!/bin/sh\noai chat "what is new?"\n', { mode: 0o755 });
  await writeFile(join(cwd, 'script.md'), 'It fails:\n\n```sh\nls ---\n```\n');
  await writeFile(join(cwd, 'people.txt'), 'Ann and Bob.\n');
  await writeFile(join(cwd, 'invoice.txt'), 'Two chairs, 30 each.\n');
  await writeFile(join(cwd, 'in.jsonl'), '{"title":"a","text":"good"}\n{"title":"b","text":"bad"}\n');
  const requests = ['a', 'b'].map((id) => ({
    custom_id: id,
    method: 'POST',
    url: '/v1/chat/completions',
    body,
  }));
  await writeFile(join(cwd, 'requests.jsonl'), requests.map((row) => `${JSON.stringify(row)}\n`).join(''));
  await writeFile(join(cwd, 'queue.csv'), 'id,comment\n1,Hello\n2,"Well, well"\n');
  const invoice = { type: 'object', properties: { total: { type: 'number' } } };
  await writeFile(join(cwd, 'invoice.json'), JSON.stringify(invoice));
  const weather = {
    name: 'weather',
    parameters: { type: 'object', properties: { city: { type: 'string' } } },
  };
  await writeFile(join(cwd, 'tools.json'), JSON.stringify([{ type: 'function', function: weather }]));
  const person = { type: 'object', properties: { name: { type: 'string' } } };
  await writeFile(join(cwd, 'person.json'), JSON.stringify(person));
  await writeFile(join(cwd, 'train.jsonl'), rowsOf(10));
  await writeFile(join(cwd, 'pairs.jsonl'), rowsOf(10, preferenceRow));
  await mkdir(join(cwd, 'notes'));
  await writeFile(join(cwd, 'notes', 'cats.md'), 'Cats sleep on the sofa by the window.\n');
  const { code } = await runBin(['index', 'add', 'notes', '--db', 'notes.db', '--sandbox'], { cwd });
  expect(code).toBe(0);
  await keepConversations(join(cwd, 'home'));
  // With a change that is not committed.
  for (const words of ['init -q .', 'add reviewer.md']) {
    const git = await startCommand('git', words.split(' '), { cwd });
    expect((await git.done).code).toBe(0);
  }
  await writeFile(join(cwd, 'reviewer.md'), 'Be brief and kind.\n');
  return cwd;
}

/** Two conversations that are kept. */
async function keepConversations(home: string): Promise<void> {
  for (const words of [
    ['--conversation', 'cats', 'where do cats sleep?'],
    ['-c', 'hello there'],
  ]) {
    const { code } = await runBin(['chat', '--sandbox', '--create', ...words], { env: { OAI_HOME: home } });
    expect(code).toBe(0);
  }
}

afterAll(async () => {
  if (laidOut !== undefined) await rm(await laidOut, { recursive: true, force: true });
});

/** Programs of other people that examples name: what stands in for them here, as shell. */
const OTHERS: Readonly<Record<string, string>> = {
  aplay: 'cat > /dev/null',
  mpv: 'cat > /dev/null',
  open: 'cat > /dev/null',
  ffmpeg: 'cat talk.mp3',
  arecord: 'cat question.wav',
  pass: 'echo sk-from-pass',
};

/** A PATH with `oai`, and with stand-ins for what examples name beside it. */
export async function deskPath(): Promise<string> {
  const folder = await temporaryFolder();
  for (const [name, script] of Object.entries(OTHERS))
    await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return `${folder}:${await pathWithOai()}`;
}
