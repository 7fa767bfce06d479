import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { errorAnswer, eventStream, jsonAnswer } from '../support/api.ts';
import { CapturedOutput, FakeClock } from '../support/context.ts';
import { spoken } from '../support/heard.ts';
import { settle } from '../support/oai.ts';
import { desk, longDesk, never, server, tooLong, transcribe } from './desk.ts';

const WORDS = ['', 'One.', 'Two.', 'Three.', 'Four.'];
const done = (text: string) => eventStream([{ type: 'transcript.text.done', text }], { done: false });
const corrupted = () => errorAnswer(400, { message: 'corrupted' });

/** How long something may take to come, in ms. */
const PATIENCE_MS = 4000;

async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  while (!condition()) {
    if (Date.now() > end) throw new Error('it never came to that');
    await settle(1);
  }
}

describe('a recording in parts', () => {
  it('asks for the part that is streamed before the others', async () => {
    const api = server(({ part, form }) => {
      if (part === 0) return tooLong();
      const text = WORDS[part] ?? '';
      return form.get('stream') === 'true' ? done(text) : jsonAnswer({ text });
    });
    const { code, stdout } = await transcribe(['long.wav', '-j', '1'], {
      cwd: await longDesk(),
      fetch: api.fetch,
    });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'One. Two. Three.\n' });
    expect(api.parts()).toEqual([0, 1, 2, 3]);
    expect(api.asked.map(({ form }) => form.get('stream'))).toEqual(['true', 'true', null, null]);
  });

  it('holds its place for as long as a stream lasts', async () => {
    let goOn = () => {};
    const api = server(({ part }) => {
      if (part === 0) return tooLong();
      if (part > 1) return jsonAnswer({ text: WORDS[part] });
      const encode = (event: object) => new TextEncoder().encode(`data: ${JSON.stringify(event)}\n\n`);
      const body = new ReadableStream({
        start(stream) {
          stream.enqueue(encode({ type: 'transcript.text.delta', delta: 'One' }));
          goOn = () => {
            stream.enqueue(encode({ type: 'transcript.text.done', text: 'One.' }));
            stream.close();
          };
        },
      });
      return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
    });
    const stdout = new CapturedOutput();
    const run = transcribe(['long.wav', '-j', '1'], { cwd: await longDesk(), fetch: api.fetch, stdout });
    await stdout.shows('One');
    await settle(20);
    expect(api.parts()).toEqual([0, 1]);
    goOn();
    expect((await run).stdout).toBe('One Two. Three.\n');
  });

  it.each([[[]], [['--no-stream']]])(
    'does not wait for the others when its first part fails: %j',
    async (flags) => {
      const api = server((asked) => {
        if (asked.part === 0) return tooLong();
        return asked.part === 1 ? until(() => api.parts().includes(2)).then(corrupted) : never(asked);
      });
      const { code, stdout, stderr } = await transcribe(['long.wav', '-j', '2', ...flags], {
        cwd: await longDesk(),
        fetch: api.fetch,
      });
      expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
      expect(stderr).toBe('oai: part 1 of 3 of long.wav: corrupted (request req_stub)\n');
      await settle();
      // Two that are sent at once arrive in any order.
      expect(api.parts().sort()).toEqual([0, 1, 2]);
      expect(api.asked.find(({ part }) => part === 2)?.signal.aborted).toBe(true);
    },
  );

  it('ends what comes after a part that failed, and shows what comes before', async () => {
    let answer = () => {};
    const first = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const api = server(async (asked) => {
      if (asked.part === 0) return tooLong(3);
      if (asked.part === 2) return until(() => api.parts().includes(3)).then(corrupted);
      if (asked.part > 2) return never(asked);
      await first;
      return jsonAnswer({ text: 'One.' });
    });
    const argv = ['long.wav', '--no-stream', '-j', '3'];
    const run = transcribe(argv, { cwd: await longDesk(), fetch: api.fetch });
    // The first may be heard of last.
    await until(
      () => api.parts().includes(1) && api.asked.some(({ part, signal }) => part === 3 && signal.aborted),
    );
    expect(api.asked.find(({ part }) => part === 1)?.signal.aborted).toBe(false);
    answer();
    const { code, stdout } = await run;
    expect({ code, stdout }).toEqual({ code: 4, stdout: 'One.\n' });
    // The fourth was never sent.
    expect(api.parts().sort()).toEqual([0, 1, 2, 3]);
  });

  it('has a time of its own for each request', async () => {
    const clock = new FakeClock();
    const api = server(({ part }) => {
      if (part === 0) return tooLong();
      clock.advance(8000);
      return jsonAnswer({ text: WORDS[part] });
    });
    const argv = ['long.wav', '--no-stream', '-j', '1', '--timeout', '10s'];
    const { code, stdout } = await transcribe(argv, { cwd: await longDesk(), fetch: api.fetch, clock });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'One. Two. Three.\n' });
  });

  it('has a time that ends', async () => {
    const clock = new FakeClock();
    const api = server((asked) => {
      clock.advance(11_000);
      return never(asked);
    });
    const argv = ['talk.wav', '--no-stream', '--timeout', '10s'];
    const { code, stderr } = await transcribe(argv, { cwd: await desk('talk.wav'), fetch: api.fetch, clock });
    expect(code).toBe(6);
    expect(stderr).toMatch(/^oai: api\.openai\.com did not finish within 10s/);
  });

  it('does not count the time of a slow reader', async () => {
    const clock = new FakeClock();
    class SlowOutput extends CapturedOutput {
      override write(data: string | Uint8Array): undefined {
        super.write(data);
        return settle(200).then(() => clock.advance(20_000)) as unknown as undefined;
      }
    }
    const pieces = ['One', ' and', ' two'].map((delta) => ({ type: 'transcript.text.delta', delta }));
    const end = { type: 'transcript.text.done', text: 'One and two' };
    const encoder = new TextEncoder();
    const body = new ReadableStream({
      async start(stream) {
        for (const event of [...pieces, end]) {
          stream.enqueue(encoder.encode(`data: ${JSON.stringify(event)}\n\n`));
          await settle(20);
        }
        stream.close();
      },
    });
    const api = server(() => new Response(body, { headers: { 'content-type': 'text/event-stream' } }));
    const { code, context } = await transcribe(['talk.wav', '--timeout', '10s'], {
      cwd: await desk('talk.wav'),
      fetch: api.fetch,
      clock,
      stdout: new SlowOutput(),
    });
    expect({ code, stdout: context.stdout.text }).toEqual({ code: 0, stdout: 'One and two\n' });
  });

  it('calls the speakers of a streamed part as those of the others', async () => {
    const segment = (start: number) => ({
      type: 'transcript.text.segment',
      id: 'seg_001',
      start,
      end: start + 1,
      text: 'Hi.',
      speaker: 'A',
    });
    const api = server(({ part, form }) => {
      if (part === 0) return tooLong(7);
      if (form.get('stream') === null) return jsonAnswer({ text: 'Hi.', segments: [segment(0.5)] });
      return eventStream([segment(0.5), { type: 'transcript.text.done', text: 'Hi.' }], { done: false });
    });
    const cwd = await longDesk();
    const text = await transcribe(['long.wav', '--diarize'], { cwd, fetch: api.fetch });
    expect(text.stdout).toBe('A-1: Hi.\nA-2: Hi.\n');
    const argv = ['long.wav', '--diarize', '--json', '--stream'];
    const { stdout } = await transcribe(argv, { cwd, fetch: api.fetch });
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines[0]).toMatchObject({ speaker: 'A-1', start: 0.5 });
    expect(lines.at(-1).segments[0].speaker).toBe('A-2');
    expect(lines.at(-1).segments[0].start).toBeGreaterThan(3);
  });

  it.each([
    ['JSON', ['--json'], '{"text":"One."}\n'],
    ['JSON Lines', ['--json', '--stream'], '{"type":"transcript.text.done","text":"One."}\n'],
    ['text', [], 'One.\n'],
  ])('gives what came before a failure as %s', async (_, flags, expected) => {
    const api = server(({ part, form }) => {
      if (part === 0) return tooLong();
      if (part === 2) return corrupted();
      return form.get('stream') === 'true' ? done('One.') : jsonAnswer({ text: 'One.' });
    });
    const { code, stdout, stderr } = await transcribe(['long.wav', '-j', '1', ...flags], {
      cwd: await longDesk(),
      fetch: api.fetch,
    });
    expect({ code, stdout }).toEqual({ code: 4, stdout: expected });
    expect(stderr).toContain('part 2 of 3 of long.wav: corrupted');
  });

  it('is not split anew once a part of it was shown', async () => {
    const api = server(({ part }) => {
      if (part === 0) return tooLong();
      return part === 1 ? jsonAnswer({ text: 'One.' }) : tooLong(3);
    });
    const argv = ['long.wav', '--no-stream', '-j', '1'];
    const { code, stdout } = await transcribe(argv, { cwd: await longDesk(), fetch: api.fetch });
    expect({ code, stdout }).toEqual({ code: 4, stdout: 'One.\n' });
    expect(api.parts()).toEqual([0, 1, 2]);
  });

  it('is split where a server says that it is too large, if it is larger than OpenAI takes', async () => {
    const cwd = await desk('small.wav');
    const header = (await spoken('Hello.', 'wav')).subarray(0, 44);
    const size = 26 * 1024 * 1024;
    header.writeUInt32LE(size - 8, 4);
    header.writeUInt32LE(size - 44, 40);
    await writeFile(join(cwd, 'large.wav'), header);
    await truncate(join(cwd, 'large.wav'), size);
    const api = server(({ part }) =>
      part === 0 ? errorAnswer(413, { message: 'too large' }) : jsonAnswer({ text: WORDS[part] }),
    );
    const options = { cwd, fetch: api.fetch };
    const argv = ['--base-url', 'http://localhost:9/v1', '--no-stream', '-j', '1'];
    expect(await transcribe(['large.wav', ...argv], options)).toMatchObject({
      code: 0,
      stdout: 'One. Two.\n',
    });
    expect(await transcribe(['small.wav', ...argv], options)).toMatchObject({ code: 4, stdout: '' });
    expect(api.parts()).toEqual([0, 1, 2, 0]);
  });

  it('names its parts after the file', async () => {
    const api = server(({ part }) => (part === 0 ? tooLong() : jsonAnswer({ text: 'x' })));
    await transcribe(['long.wav', '--no-stream', '-j', '1'], { cwd: await longDesk(), fetch: api.fetch });
    expect(api.asked.map(({ file }) => file)).toEqual([
      'long.wav',
      'long-001.wav',
      'long-002.wav',
      'long-003.wav',
    ]);
  });
});

describe('a stream', () => {
  it('that fails before anything came keeps nothing', async () => {
    // Its first event says nothing, and then it breaks off.
    const api = server(() => eventStream(['null'], { done: false }));
    const { code, stderr } = await transcribe(['talk.wav', '--retries', '0'], {
      cwd: await desk('talk.wav'),
      fetch: api.fetch,
    });
    expect(code).toBe(6);
    expect(stderr).not.toContain('what arrived is kept');
  });

  it('tells a text of speakers that nobody tells apart, and that it is so', async () => {
    const api = server(() => jsonAnswer({ text: 'Hi. Hello.' }));
    const cwd = await desk('talk.wav');
    const { code, stdout, stderr } = await transcribe(['talk.wav', '--diarize', '--no-stream'], {
      cwd,
      fetch: api.fetch,
    });
    expect({ code, stdout }).toEqual({ code: 8, stdout: 'Hi. Hello.\n' });
    expect(stderr).toMatch(/^oai: the answer has a text, but does not say who speaks\n/);
  });

  it('shows the words of a speaker whose turn was cut', async () => {
    const events = [
      { type: 'transcript.text.delta', delta: 'Hi.', segment_id: 'seg_001' },
      { type: 'transcript.text.segment', id: 'seg_001', start: 0, end: 1, text: 'Hi.', speaker: 'A' },
      { type: 'transcript.text.delta', delta: 'Hel', segment_id: 'seg_002' },
    ];
    const api = server(() => eventStream(events, { done: false }));
    const { code, stdout } = await transcribe(['talk.wav', '--diarize'], {
      cwd: await desk('talk.wav'),
      fetch: api.fetch,
    });
    expect({ code, stdout }).toEqual({ code: 6, stdout: 'A: Hi.\nHel\n' });
  });
});
