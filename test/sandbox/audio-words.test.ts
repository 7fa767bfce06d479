import type { TranscriptionVerbose, TranscriptionWord } from 'openai/resources/audio/transcriptions';
import { describe, expect, it } from 'vitest';
import { encodeMp3 } from '../../src/audio/mp3-encoder.ts';
import { decodeMp3 } from '../support/decode-audio.ts';
import { ENGLISH, hear, KOREAN, RATE, speak, speakPcm, tone, wav } from './ask-audio.ts';

const textIn = async (bytes: Uint8Array) => (await hear(bytes)).text;

const TEXTS = {
  English: ENGLISH,
  Korean: KOREAN,
  Japanese: '吾輩は猫である。名前はまだ無い。「どこで生れたか」とんと見当がつかぬ。',
  emoji: 'Hi 👩‍👩‍👧‍👦 there 🎉🎉 — it’s ünïcödé, e\u0301 too; ok?',
  'a long word': `see https://example.com/${'path/'.repeat(30)}?a=b#c and ${'가나다'.repeat(20)}.`,
  'lines and spaces': 'One.\n\nTwo\tthree:  four\r\n- five\u00a0six\u3000seven',
  marks: '... “Well,” she said — (no) «oui» !!!',
  'one letter': 'a',
};

/** `text` over and over, up to so many characters. */
const long = (text: string, length: number) =>
  text
    .repeat(Math.ceil(length / text.length))
    .slice(0, length)
    .trim();

describe('what was spoken is heard again', () => {
  it.each(Object.entries(TEXTS))('%s, in every format', async (_, input) => {
    expect(await textIn(await speak({ input, response_format: 'wav' }))).toBe(input);
    expect(await textIn(wav(await speakPcm({ input })))).toBe(input);
    expect(await textIn(await speak({ input }))).toBe(input);
  });

  it.each([
    ['English', `${ENGLISH} `],
    ['Korean', `${KOREAN} `],
  ])('2,000 characters of %s', async (_, text) => {
    const input = long(text, 2000);
    expect(await textIn(await speak({ input, response_format: 'wav' }))).toBe(input);
    expect(await textIn(await speak({ input }))).toBe(input);
  });

  it.each([0.25, 4])('at speed %f', async (speed) => {
    for (const input of [ENGLISH, KOREAN]) {
      expect(await textIn(await speak({ input, speed, response_format: 'wav' }))).toBe(input);
      expect(await textIn(await speak({ input, speed }))).toBe(input);
    }
  });

  it('by every voice, each of which sounds different', async () => {
    const sounds = new Set<string>();
    for (const voice of ['alloy', 'ash', 'ballad', 'cedar', { id: 'voice_1234' }]) {
      const sound = await speakPcm({ input: 'slowly', voice });
      expect(await textIn(wav(sound))).toBe('slowly');
      sounds.add(sound.toString('base64'));
    }
    expect(sounds.size).toBe(5);
  });

  it('without the space around it, and nothing of a text of spaces', async () => {
    expect(await textIn(await speak({ input: ' \n two words\n' }))).toBe('two words');
    expect(await textIn(await speak({ input: ' \n ' }))).toBe('');
  });
});

describe('what was spoken is heard after', () => {
  const samplesOf = (pcm: Buffer) =>
    Array.from({ length: pcm.length / 2 }, (_, at) => pcm.readInt16LE(at * 2));
  const each = (
    samples: readonly number[],
    size: number,
    write: (to: Buffer, value: number, at: number) => void,
  ) => {
    const bytes = Buffer.alloc(samples.length * size);
    for (const [index, value] of samples.entries()) write(bytes, value, index * size);
    return bytes;
  };
  /** By the nearest lower sample: crude, but it keeps the tones. */
  const resampled = (samples: readonly number[], rate: number) =>
    Array.from({ length: Math.floor((samples.length * rate) / RATE) }, (_, index) => {
      const place = (index * RATE) / rate;
      const [from, share] = [Math.floor(place), place % 1];
      return (samples[from] ?? 0) * (1 - share) + (samples[from + 1] ?? 0) * share;
    });

  it.each([16_000, 22_050, 44_100, 48_000])('a change to %i Hz', async (rate) => {
    const samples = resampled(samplesOf(await speakPcm()), rate);
    const data = each(samples, 2, (to, value, at) => to.writeInt16LE(Math.round(value), at));
    expect(await textIn(wav(data, { rate }))).toBe(ENGLISH);
  });

  it.each([
    [
      '8 bits',
      { bits: 8 },
      1,
      (to: Buffer, value: number, at: number) => to.writeUInt8((value >> 8) + 128, at),
    ],
    [
      '24 bits',
      { bits: 24 },
      3,
      (to: Buffer, value: number, at: number) => to.writeIntLE(value * 256, at, 3),
    ],
    [
      '32 bits',
      { bits: 32 },
      4,
      (to: Buffer, value: number, at: number) => to.writeInt32LE(value * 65_536, at),
    ],
    [
      'floating point',
      { bits: 32, tag: 3 },
      4,
      (to: Buffer, value: number, at: number) => to.writeFloatLE(value / 0x8000, at),
    ],
    [
      'two channels',
      { channels: 2 },
      4,
      (to: Buffer, value: number, at: number) => to.writeInt16LE(value, at + 2),
    ],
  ])('a change to %s', async (_, options, size, write) => {
    const data = each(samplesOf(await speakPcm()), size, write);
    expect(await textIn(wav(data, options))).toBe(ENGLISH);
  });

  it.each([0.1, 4])('it became %f times as loud', async (factor) => {
    const louder = (to: Buffer, value: number, at: number) => to.writeInt16LE(Math.round(value * factor), at);
    expect(await textIn(wav(each(samplesOf(await speakPcm()), 2, louder)))).toBe(ENGLISH);
  });

  it('LAME twice', async () => {
    const { samples } = await decodeMp3(await speak({ input: KOREAN }));
    const pcm = each([...samples], 2, (to, value, at) => to.writeInt16LE(Math.round(value * 0x7fff), at));
    async function* pieces() {
      yield pcm;
    }
    const again: Uint8Array[] = [];
    for await (const piece of encodeMp3(pieces(), RATE)) again.push(piece);
    expect(await textIn(Buffer.concat(again))).toBe(KOREAN);
  });
});

/** Words with their times. */
async function wordsIn(bytes: Uint8Array): Promise<readonly TranscriptionWord[]> {
  const { words = [], duration } = await hear<TranscriptionVerbose>(bytes, {
    response_format: 'verbose_json',
    'timestamp_granularities[]': 'word',
  });
  for (const [index, { start, end }] of words.entries()) {
    expect(start).toBeGreaterThanOrEqual(words[index - 1]?.end ?? 0);
    expect(end).toBeGreaterThan(start);
    expect(end).toBeLessThanOrEqual(duration);
  }
  return words;
}

const shifted = (words: readonly TranscriptionWord[], by: number) =>
  words.map(({ word, start, end }) => ({
    word,
    start: expect.closeTo(start + by, 2),
    end: expect.closeTo(end + by, 2),
  }));

describe('words have times', () => {
  it('that are those of a person who speaks', async () => {
    const pcm = await speakPcm({ input: 'One two, three. Four' });
    const words = await wordsIn(wav(pcm));
    expect(words.map(({ word }) => word)).toEqual(['One', 'two', 'three', 'Four']);
    // 15 characters a second, after a little silence.
    const starts = [0, 4, 9, 16].map((characters) => expect.closeTo(characters / 15 + 0.048, 2));
    expect(words.map(({ start }) => start)).toEqual(starts);
    expect(pcm.length / 2 / RATE).toBeCloseTo(20 / 15, 0);
    // A mark is a pause.
    expect((words[3]?.start ?? 0) - (words[2]?.end ?? 0)).toBeGreaterThan(0.12);
  });

  it('that are the same in MP3, but for what its encoder is late by', async () => {
    const words = await wordsIn(wav(await speakPcm({ input: KOREAN })));
    expect(words.length).toBe(10);
    // 576 samples of the encoder and 529 of the decoder.
    expect(await wordsIn(await speak({ input: KOREAN }))).toEqual(shifted(words, 1105 / RATE));
  });

  it('that begin where the sound is cut', async () => {
    const pcm = await speakPcm();
    const words = await wordsIn(wav(pcm));
    for (const seconds of [1, 2.5, 3.3337]) {
      const left = await wordsIn(wav(pcm.subarray(Math.round(seconds * RATE) * 2)));
      const whole = words.filter(({ start }) => start > seconds);
      expect(whole.length).toBeGreaterThan(3);
      expect(left).toEqual(shifted(whole, -seconds));
    }
  });

  it('that end where the sound is cut', async () => {
    const pcm = await speakPcm();
    const words = await wordsIn(wav(pcm));
    const until = words[4]?.end ?? 0;
    // In the middle of the hum of a word: its text has been said by then.
    const cut = await wordsIn(wav(pcm.subarray(0, Math.round((until - 0.02) * RATE) * 2)));
    expect(cut.map(({ word }) => word)).toEqual(words.slice(0, 5).map(({ word }) => word));
    expect(cut[4]?.end).toBeCloseTo(until - 0.02, 2);
  });

  it('and nothing is made up of what is left of a word, wherever the cut is', async () => {
    const all = ['seven', 'times', 'seven', 'words'];
    const pcm = await speakPcm({ input: all.join(' ') });
    for (let at = 5000; at < pcm.length - 5000; at += 1500) {
      const texts = [await textIn(wav(pcm.subarray(0, at))), await textIn(wav(pcm.subarray(at)))];
      const [before = [], after = []] = texts.map((text) => text.split(' ').filter((word) => word !== ''));
      expect(before).toEqual(all.slice(0, before.length));
      expect(after).toEqual(all.slice(all.length - after.length));
      // One word at most is lost.
      expect(before.length + after.length).toBeGreaterThan(2);
    }
  });

  it('that are those of whole words, also of long ones, and where no space tells them apart', async () => {
    const word = `${'extra'.repeat(20)}long`;
    const pcm = await speakPcm({ input: `${word} 私は猫です。` });
    const [first, second, ...rest] = await wordsIn(wav(pcm));
    expect(first?.word).toBe(word);
    expect((first?.end ?? 0) - (first?.start ?? 0)).toBeCloseTo(word.length / 15, 1);
    // Where it is cut it has been said as far as it was heard.
    const half = await textIn(wav(pcm.subarray(0, 5 * RATE * 2)));
    expect(word.startsWith(half)).toBe(true);
    expect(half.length / 15).toBeCloseTo(5, 0);
    // The rest of a word is no part of another one.
    const joined = Buffer.concat([await speakPcm({ input: 'Yes' }), pcm.subarray(5 * RATE * 2)]);
    const [yes, remainder] = await wordsIn(wav(joined));
    expect(yes?.word).toBe('Yes');
    expect(remainder?.word).toMatch(/^[extra]+long$/);
    expect(rest.length).toBeGreaterThan(1);
    expect([second, ...rest].map((one) => one?.word).join('')).toBe('私は猫です');
  });

  it('that go on over what was joined', async () => {
    const parts = ['First part. ', 'Second part, no space.', '\nThird?', '三番目。', '四番目。', 'end'];
    const pcm = await Promise.all(parts.map((input) => speakPcm({ input })));
    const joined = await hear<TranscriptionVerbose>(wav(Buffer.concat(pcm)), {
      response_format: 'verbose_json',
      'timestamp_granularities[]': 'word',
    });
    expect(joined.text).toBe('First part. Second part, no space.\nThird? 三番目。四番目。end');
    const lengths = pcm.map(({ length }) => length / 2 / RATE);
    const third = joined.words?.find(({ word }) => word === 'Third');
    expect(third?.start).toBeCloseTo((lengths[0] ?? 0) + (lengths[1] ?? 0) + 0.048, 3);
    expect(joined.duration).toBeCloseTo(
      lengths.reduce((sum, length) => sum + length, 0),
      3,
    );
  });

  it('and MP3s that were joined frame by frame are heard as one', async () => {
    const parts = [`${ENGLISH} `, KOREAN, 'The end.'];
    const joined = Buffer.concat(await Promise.all(parts.map((input) => speak({ input }))));
    expect(await textIn(joined)).toBe(`${ENGLISH} ${KOREAN} The end.`);
    const { seconds } = await decodeMp3(joined);
    expect(
      (await hear<TranscriptionVerbose>(joined, { response_format: 'verbose_json' })).duration,
    ).toBeCloseTo(seconds, 2);
  });
});

describe('sound that nobody spoke', () => {
  it.each([
    ['silence', tone(3, 0), ''],
    ['a silence with noise far below', tone(3, 0.0003), ''],
    ['a tone', tone(3, 0.3), '[sound of 3 seconds]'],
    ['a short tone', tone(0.4, 0.3), ''],
    ['the tone that a word begins with', tone(2, 0.1, 750), '[sound of 2 seconds]'],
  ])('%s', async (_, bytes, text) => {
    expect(await textIn(bytes)).toBe(text);
  });

  it('noise, in which there is nothing to find', async () => {
    let state = 1;
    const noise = Buffer.alloc(RATE * 4);
    for (let at = 0; at < noise.length; at += 2) {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
      noise.writeInt16LE((state >> 8) % 8000, at);
    }
    expect(await textIn(wav(noise))).toBe('[sound of 2 seconds]');
  });

  it('is passed over where there are words', async () => {
    const sound = tone(2, 0.2).subarray(44);
    expect(await textIn(wav(Buffer.concat([sound, await speakPcm(), sound])))).toBe(ENGLISH);
  });
});
