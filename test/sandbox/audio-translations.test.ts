import type { TranslationVerbose } from 'openai/resources/audio/translations';
import { describe, expect, it } from 'vitest';
import { sandbox } from './ask.ts';
import {
  audioForm,
  audioRefusal,
  ENGLISH,
  type Fields,
  hear,
  hearText,
  KOREAN,
  speak,
  TRANSCRIPTIONS,
  TRANSLATIONS,
  tone,
} from './ask-audio.ts';

const spoken = (input: string) => speak({ input, response_format: 'wav' });
const translate = async (bytes: Uint8Array, fields: Fields = {}, faults?: string) =>
  hear<TranslationVerbose>(bytes, fields, { of: sandbox(faults), path: TRANSLATIONS });

const korean = await spoken(KOREAN);

describe('a translation', () => {
  it.each([
    ['what is English as it is', ENGLISH, ENGLISH],
    ['words in Latin letters as they are', 'Déjà vu, naïve café № 7 🎉', 'Déjà vu, naïve café № 7 🎉'],
    [
      'Korean by what it is and how much',
      KOREAN,
      '[1 word of Korean], [1 word of Korean]. [4 words of Korean]! [4 words of Korean]?',
    ],
    [
      'both',
      'Hello 여러분 안녕 and 잘 가요, bye!',
      'Hello [2 words of Korean] and [2 words of Korean], bye!',
    ],
    ['Japanese', 'コーヒー。', '[1 word of Japanese].'],
    ['Chinese, and what follows without a space', '好。ok', '[1 word of Chinese]. ok'],
    ['other scripts', 'Привет мир! გამარჯობა.', '[2 words of Russian]! [1 word of another language].'],
  ])('gives %s', async (_, input, text) => {
    expect(await translate(await spoken(input))).toEqual({ text });
  });

  it('with the fault untranslated gives what was said, as the API is said to do with Korean', async () => {
    expect(await translate(korean, {}, 'untranslated')).toEqual({ text: KOREAN });
    const of = sandbox('untranslated');
    const srt = await hearText(korean, { response_format: 'srt' }, { of, path: TRANSLATIONS });
    expect(srt).toBe(await hearText(korean, { response_format: 'srt' }));
  });

  it('takes as long as what was said', async () => {
    const said = await hear<TranslationVerbose>(korean, { response_format: 'verbose_json' });
    const answer = await translate(korean, { response_format: 'verbose_json' });
    expect(answer).toMatchObject({ task: 'translate', language: 'english', duration: said.duration });
    expect(Object.keys(answer)).not.toContain('usage');
    expect(answer.segments?.map(({ text }) => text)).toEqual([
      '[1 word of Korean], [1 word of Korean].',
      ' [4 words of Korean]!',
      ' [4 words of Korean]?',
    ]);
    const times = ({ segments = [] }: TranslationVerbose) => segments.map(({ start, end }) => [start, end]);
    expect(times(answer)).toEqual(times(said));
  });

  it('comes as text and subtitles', async () => {
    const path = TRANSLATIONS;
    expect(await hearText(korean, { response_format: 'text' }, { path })).toMatch(
      /^\[1 word of Korean\], .*\?\n$/,
    );
    expect(await hearText(korean, { response_format: 'srt' }, { path })).toMatch(
      /^1\n00:00:00,048 --> 00:00:00,\d{3}\n\[1 word of Korean\], \[1 word of Korean\]\.\n\n2\n/,
    );
    expect(await hearText(korean, { response_format: 'vtt' }, { path })).toMatch(
      /^WEBVTT\n\n00:00\.048 --> /,
    );
  });

  it('of silence is nothing', async () => {
    expect(await translate(tone(1, 0))).toEqual({ text: '' });
    expect(await translate(korean, {}, 'empty')).toEqual({ text: '' });
  });

  it('is made with every field', async () => {
    const fields = { prompt: 'null', response_format: 'json', temperature: '0.2' };
    expect(await translate(await spoken('hello'), fields)).toEqual({ text: 'hello' });
  });

  it.each<[string, Fields, string | null, string | null, RegExp]>([
    ['no model', { model: undefined }, 'model', 'missing_required_parameter', /'model'/],
    [
      'another model of transcriptions',
      { model: 'gpt-transcribe' },
      'model',
      'invalid_value',
      /are: 'whisper-1'/,
    ],
    ['a model of chats', { model: 'gpt-6-luna' }, 'model', 'invalid_value', /are: 'whisper-1'/],
    ['a language', { language: 'en' }, 'language', 'unknown_parameter', /'language'/],
    ['a stream', { stream: 'true' }, 'stream', 'unknown_parameter', /'stream'/],
    ['speakers', { response_format: 'diarized_json' }, 'response_format', 'unsupported_value', /'vtt'/],
    [
      'words',
      { 'timestamp_granularities[]': 'word' },
      'timestamp_granularities[]',
      'unknown_parameter',
      /\[\]/,
    ],
    ['a temperature of 2', { temperature: '2' }, 'temperature', 'decimal_above_max_value', /<= 1/],
  ])('is refused with %s', async (_, fields, param, code, message) => {
    const refusal = await audioRefusal(audioForm(korean, fields), TRANSLATIONS);
    expect(refusal).toMatchObject({ status: 400, type: 'invalid_request_error', param, code });
    expect(refusal.message).toMatch(message);
  });

  it.each([
    ['a text file', Buffer.from('hello'), 400, 'file'],
    ['no bytes', Buffer.alloc(0), 400, 'file'],
    ['26 MB', Buffer.alloc(26 * 1024 * 1024), 413, null],
  ])('is refused of %s', async (_, bytes, status, param) => {
    expect(await audioRefusal(audioForm(bytes), TRANSLATIONS)).toMatchObject({ status, param });
  });

  it('is refused after the end of whisper-1, and by the fault refusal', async () => {
    for (const path of [TRANSLATIONS, TRANSCRIPTIONS]) {
      const gone = await audioRefusal(audioForm(korean), path, sandbox('gone=whisper-1'));
      expect([gone.status, gone.code]).toEqual([404, 'model_not_found']);
    }
    const refusal = await audioRefusal(audioForm(korean), TRANSLATIONS, sandbox('refusal'));
    expect([refusal.status, refusal.code]).toEqual([400, 'content_policy_violation']);
  });
});
