import { describe, expect, it } from 'vitest';
import { readWavHeader } from '../../src/audio/wav.ts';
import { hearAudio } from '../../src/sandbox/audio-decode.ts';
import { textOf, transcriptOf } from '../../src/sandbox/transcript.ts';
import { wav } from '../audio/sounds.ts';
import { FakeClock } from '../support/context.ts';
import { chat, hello, refusalOf, sandbox, say, stream } from './ask.ts';

const spokenHello = (fields: object = {}, format = 'wav') =>
  hello({
    model: 'gpt-audio-mini',
    modalities: ['text', 'audio'],
    audio: { voice: 'coral', format },
    ...fields,
  });

async function words(bytes: Buffer, kind: 'wav' | 'mp3'): Promise<string | undefined> {
  const heard = await hearAudio(bytes, kind, new AbortController().signal);
  return heard && textOf(transcriptOf(heard).words);
}

describe('a spoken answer', () => {
  it.each(['wav', 'mp3'] as const)('says its words in a %s', async (format) => {
    const { choices, usage } = await chat(spokenHello({}, format));
    const { content, audio } = choices[0]?.message ?? {};
    expect(content).toBeNull();
    expect(audio?.transcript).toBe('You said: hello');
    expect(await words(Buffer.from(audio?.data ?? '', 'base64'), format)).toBe('You said: hello');
    const { audio_tokens: said, text_tokens: written } = {
      text_tokens: 0,
      ...usage?.completion_tokens_details,
    };
    expect(said).toBe(20);
    expect(usage?.completion_tokens).toBe(Number(said) + written);
  });

  it('lasts an hour', async () => {
    const clock = new FakeClock({ leap: true });
    const of = sandbox(undefined, { clock });
    const { choices } = await chat(spokenHello(), of);
    expect(choices[0]?.message.audio?.expires_at).toBe(Math.floor(clock.now() / 1000) + 3600);
  });

  it('is streamed as pcm16, the words ahead of the sound', async () => {
    const { chunks, isDone } = await stream(
      spokenHello({ stream_options: { include_usage: true } }, 'pcm16'),
    );
    expect(isDone).toBe(true);
    const audio = chunks.flatMap(({ choices }) => choices.flatMap(({ delta }) => delta.audio ?? []));
    expect(audio[0]?.id).toMatch(/^audio_/);
    expect(audio.map(({ transcript = '' }) => transcript).join('')).toBe('You said: hello');
    const pcm = Buffer.concat(audio.map(({ data = '' }) => Buffer.from(data, 'base64')));
    expect(await words(wav(pcm, { rate: 24_000 }), 'wav')).toBe('You said: hello');
    expect(audio.at(-1)).toEqual({ expires_at: expect.any(Number) });
    expect(
      chunks.flatMap(({ choices }) => choices).every(({ delta }) => (delta.content ?? null) === null),
    ).toBe(true);
    expect(chunks.at(-1)?.usage?.completion_tokens_details?.audio_tokens).toBe(20);
  });

  it('breaks off where a stream is cut', async () => {
    const { chunks, isDone } = await stream(spokenHello({}, 'pcm16'), sandbox('cut@4'));
    expect(isDone).toBe(false);
    const audio = chunks.flatMap(({ choices }) => choices.flatMap(({ delta }) => delta.audio ?? []));
    expect(audio.some(({ data }) => data !== undefined)).toBe(true);
    expect(audio.some(({ expires_at }) => expires_at !== undefined)).toBe(false);
  });

  it('is cut with its transcript at the limit of tokens', async () => {
    const { choices } = await chat(spokenHello({ max_completion_tokens: 3 }));
    expect(choices[0]?.finish_reason).toBe('length');
    expect(choices[0]?.message.audio?.transcript).toBe('You said:');
  });

  it('is a WAV of 24 kHz', async () => {
    const { choices } = await chat(spokenHello());
    const header = readWavHeader(Buffer.from(choices[0]?.message.audio?.data ?? '', 'base64'));
    expect(header).toMatchObject({ format: { sampleRate: 24_000, channels: 1, bitsPerSample: 16 } });
  });

  it('is written where the model refuses', async () => {
    const { choices } = await chat(spokenHello(), sandbox('refusal'));
    expect(choices[0]?.message.refusal).toContain("can't help");
    expect(choices[0]?.message.audio).toBeUndefined();
  });
});

describe('a conversation with spoken answers', () => {
  const followUp = (id: string) =>
    spokenHello({
      messages: [
        { role: 'user', content: 'hello' },
        { role: 'assistant', audio: { id } },
        { role: 'user', content: 'and again?' },
      ],
    });

  it('refers to them while they last', async () => {
    const clock = new FakeClock({ leap: true });
    const of = sandbox(undefined, { clock });
    const id = (await chat(spokenHello(), of)).choices[0]?.message.audio?.id ?? '';
    const { choices } = await chat(followUp(id), sandbox(undefined, { clock }));
    expect(choices[0]?.message.audio?.transcript).toBe('You said: and again?\nBefore that: “hello”');
    const later = new FakeClock({ leap: true, now: clock.now() + 3_600_000 });
    const answer = await sandbox(undefined, { clock: later }).answer(
      new Request('http://sandbox.invalid/v1/chat/completions', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(followUp(id)),
      }),
    );
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('has expired');
  });

  it('refuses what never was', async () => {
    expect((await refusalOf(followUp('audio_x'))).message).toContain("audio with id 'audio_x' not found");
  });
});

describe('what is refused of speech', () => {
  it.each([
    [
      'no audio parameters',
      spokenHello({ audio: undefined }),
      'audio',
      "Missing required parameter: 'audio'.",
    ],
    [
      'a voice unheard of',
      spokenHello({ audio: { voice: 'bob', format: 'wav' } }),
      'audio.voice',
      "Invalid value: 'bob'.",
    ],
    ['a format that cannot be made here', spokenHello({}, 'flac'), 'audio.format', "does not support 'flac'"],
    [
      'a stream of another format',
      { ...spokenHello(), stream: true },
      'audio.format',
      "'wav' when stream=true. Supported values are: 'pcm16'.",
    ],
    [
      'a model that does not speak',
      spokenHello({ model: 'gpt-4o' }),
      'modalities',
      "does not support 'audio'",
    ],
    [
      'no sound at all',
      hello({ model: 'gpt-audio-mini' }),
      'model',
      'either input content or output modality contain audio',
    ],
    [
      'an earlier sound, to a model that hears none',
      hello({
        messages: [
          { role: 'assistant', audio: { id: 'audio_x' } },
          { role: 'user', content: 'x' },
        ],
      }),
      'messages[0].audio',
      'Unsupported parameter',
    ],
  ])('%s', async (_, body, param, message) => {
    const refusal = await refusalOf(body);
    expect(refusal).toMatchObject({ status: 400, param });
    expect(refusal.message).toContain(message);
  });

  it('speaks all the same in the words of a whole answer', async () => {
    expect(await say(spokenHello())).toBeNull();
  });
});
