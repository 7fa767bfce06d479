import OpenAI from 'openai';
import type {
  Transcription,
  TranscriptionDiarized,
  TranscriptionStreamEvent,
  TranscriptionVerbose,
} from 'openai/resources/audio/transcriptions';
import { describe, expect, it } from 'vitest';
import { subtitles } from '../../src/sandbox/subtitles.ts';
import { openapi } from '../support/openapi.ts';
import { ask, request, sandbox } from './ask.ts';
import {
  audioForm,
  audioRefusal,
  container,
  ENGLISH,
  type Fields,
  hear,
  hearStream,
  hearText,
  KOREAN,
  RATE,
  speak,
  TRANSCRIPTIONS,
  tone,
  wav,
} from './ask-audio.ts';
import { fileOf, formOf } from './ask-images.ts';

const sound = await speak({ response_format: 'wav', input: 'One. Two!' });
const talk = await speak({
  response_format: 'wav',
  input: `${ENGLISH} ${KOREAN}`,
});

const [brokenWebm, brokenOgg] = [
  (await container('webm', 1)).subarray(0, 40),
  (await container('ogg', 1)).subarray(0, 60),
];
const asMp3 = await speak({ input: 'by its bytes' });
const asWav = await speak({ input: 'by its bytes', response_format: 'wav' });

describe('a file for transcriptions', () => {
  const FORMATS =
    "Invalid file format. Supported formats: ['flac', 'm4a', 'mp3', 'mp4', 'mpeg', 'mpga', 'oga', 'ogg', 'wav', 'webm']";
  const SHORT = 'Audio file is too short. Minimum audio length is 0.1 seconds.';
  const BROKEN = 'Audio file might be corrupted or unsupported';
  it.each<[string, Uint8Array, string, string | null]>([
    ['of no bytes', Buffer.alloc(0), SHORT, 'audio_too_short'],
    ['of 50 ms', wav(Buffer.alloc(RATE / 10)), SHORT, 'audio_too_short'],
    ['of a header alone', wav(Buffer.alloc(0)), SHORT, 'audio_too_short'],
    ['that is text', Buffer.from('WEBVTT\n\nhello'), FORMATS, null],
    ['that is a picture', Buffer.from('89504e470d0a1a0a', 'hex'), FORMATS, null],
    ['of AIFF', Buffer.from('FORM\0\0\0\0AIFF'), FORMATS, null],
    ['whose WAV header breaks off', sound.subarray(0, 30), BROKEN, 'invalid_value'],
    ['whose WAV header makes no sense', wav(Buffer.alloc(RATE), { channels: 0 }), BROKEN, 'invalid_value'],
    ['whose MP3 has a tag alone', Buffer.from('ID3\x04\0\0\0\0\0\0'), BROKEN, 'invalid_value'],
    ['whose WebM breaks off', brokenWebm, BROKEN, 'invalid_value'],
    ['whose Ogg breaks off', brokenOgg, BROKEN, 'invalid_value'],
  ])('%s is refused', async (_, bytes, message, code) => {
    const refusal = await audioRefusal(audioForm(bytes));
    expect(refusal).toMatchObject({ status: 400, type: 'invalid_request_error', param: 'file', code });
    expect(refusal.message).toBe(message);
  });

  it('of 26 MB is refused, whatever it is', async () => {
    const { status, message, type } = await audioRefusal(audioForm(Buffer.alloc(26 * 1024 * 1024)));
    expect([status, type]).toEqual([413, 'server_error']);
    expect(message).toMatch(/^Maximum content size limit \(26214400\) exceeded \(2726\d{4} bytes read\)$/);
  });

  it('of nearly 25 MB is heard', async () => {
    const silence = Buffer.alloc(25 * 1024 * 1024 - 2048 - talk.length);
    const { text } = await hear(wav(Buffer.concat([talk.subarray(44), silence])));
    expect(text).toBe(`${ENGLISH} ${KOREAN}`);
  });

  it.each([
    ['an MP3', 'notes.txt', 'text/plain', asMp3],
    ['a WAV', 'sound.mp3', 'audio/mpeg', asWav],
  ])('is %s by its bytes, though its name is %s', async (_, name, type, bytes) => {
    const file = fileOf(bytes, type, name);
    expect(await hear(Buffer.alloc(0), { file })).toMatchObject({ text: 'by its bytes' });
  });

  it.each(['ogg', 'webm', 'mp4'] as const)(
    'of %s is not decoded, but told what it is and how long',
    async (kind) => {
      const bytes = await container(kind, 2);
      const { text, duration, words } = await hear<TranscriptionVerbose>(bytes, {
        response_format: 'verbose_json',
        'timestamp_granularities[]': 'word',
      });
      expect(text).toBe(`This is a ${kind} file of ${bytes.length} bytes.`);
      expect(duration).toBeCloseTo(2, 1);
      expect(words?.length).toBe(8);
      expect(words?.at(-1)?.end).toBe(duration);
    },
  );

  it('that is missing, or a text', async () => {
    const without = await audioRefusal(formOf({ model: 'whisper-1' }));
    expect(without).toMatchObject({ status: 400, param: 'file', code: 'missing_required_parameter' });
    const text = await audioRefusal(formOf({ model: 'whisper-1', file: 'sound.wav' }));
    expect(text).toMatchObject({ status: 400, param: 'file', code: 'invalid_type' });
  });
});

const clipOf = (seconds: number) => `data:audio/wav;base64,${tone(seconds, 0.1).toString('base64')}`;
const [clip, short, long] = [clipOf(3), clipOf(1), clipOf(11)];

describe('a transcription', () => {
  it.each<[string, Fields]>([
    ['whisper-1', { response_format: 'json', prompt: 'null', temperature: '0.5', language: 'en' }],
    ['whisper-1', { response_format: 'verbose_json', 'timestamp_granularities[]': ['word', 'segment'] }],
    ['whisper-1', { stream: 'true' }],
    ['whisper-1', { chunking_strategy: 'auto' }],
    [
      'gpt-transcribe',
      { 'keywords[]': ['oai', 'null'], 'languages[]': ['en', 'ko'], language: 'en', prompt: 'p' },
    ],
    ['gpt-transcribe', { response_format: 'json', temperature: '1', chunking_strategy: 'null' }],
    ['gpt-4o-transcribe', { 'include[]': 'logprobs', language: 'en', stream: 'null' }],
    [
      'gpt-4o-mini-transcribe',
      { 'chunking_strategy[type]': 'server_vad', 'chunking_strategy[threshold]': '0.25' },
    ],
    ['gpt-4o-mini-transcribe-2025-12-15', { 'include[]': ['logprobs'], prompt: 'p' }],
    ['gpt-4o-transcribe-diarize', { response_format: 'json', temperature: '0' }],
    [
      'gpt-4o-transcribe-diarize',
      {
        response_format: 'diarized_json',
        'known_speaker_names[]': ['Ada', 'Bob'],
        'known_speaker_references[]': [clip, clip],
        'chunking_strategy[type]': 'server_vad',
        'chunking_strategy[prefix_padding_ms]': '100',
        'chunking_strategy[silence_duration_ms]': '100',
      },
    ],
  ])('by %s is made with %o', async (model, fields) => {
    expect((await hear(sound, { model, ...fields })).text).toBe('One. Two!');
  });

  const NOT = 'unsupported_parameter';
  const invalid = 'invalid_value';
  it.each<[string, Fields, string | null, string | null, RegExp]>([
    ['', { model: undefined }, 'model', 'missing_required_parameter', /'model'/],
    ['of speech', { model: 'tts-1' }, 'model', invalid, /'gpt-transcribe', .*'gpt-4o-transcribe-diarize'/],
    [
      'of live sound',
      { model: 'gpt-live-transcribe' },
      'model',
      invalid,
      /Supported values are: 'gpt-transcribe'/,
    ],
    [
      'whisper-1',
      { response_format: 'diarized_json' },
      'response_format',
      'unsupported_value',
      /'json' or 'text'/,
    ],
    ['whisper-1', { response_format: 'xml' }, 'response_format', invalid, /'xml'/],
    ['whisper-1', { 'include[]': 'logprobs' }, 'include', NOT, /include/],
    ['whisper-1', { 'keywords[]': 'oai' }, 'keywords', NOT, /keywords/],
    ['whisper-1', { 'languages[]': 'en' }, 'languages', NOT, /languages/],
    ['whisper-1', { 'known_speaker_names[]': 'Ada' }, 'known_speaker_names', NOT, /known_speaker_names/],
    ['whisper-1', { 'timestamp_granularities[]': 'word' }, 'timestamp_granularities', null, /verbose_json/],
    [
      'whisper-1',
      { response_format: 'verbose_json', 'timestamp_granularities[]': 'line' },
      'timestamp_granularities[0]',
      invalid,
      /'word' and 'segment'/,
    ],
    [
      'whisper-1',
      { response_format: 'verbose_json', timestamp_granularities: 'word' },
      'timestamp_granularities',
      'invalid_type',
      /an array of strings/,
    ],
    [
      'whisper-1',
      { language: 'english' },
      'language',
      'invalid_language_format',
      /^Invalid language 'english'/,
    ],
    ['whisper-1', { language: 'xx' }, 'language', 'invalid_language_format', /ISO-639-1/],
    ['whisper-1', { language: 'EN' }, 'language', 'invalid_language_format', /ISO-639-1/],
    ['whisper-1', { temperature: '1.1' }, 'temperature', 'decimal_above_max_value', /<= 1/],
    ['whisper-1', { temperature: 'hot' }, 'temperature', 'invalid_type', /a decimal/],
    ['whisper-1', { stream: 'yes' }, 'stream', 'invalid_type', /a boolean/],
    ['whisper-1', { voice: 'coral' }, 'voice', 'unknown_parameter', /'voice'/],
    ['whisper-1', { 'prompt[]': 'p' }, 'prompt[]', 'unknown_parameter', /'prompt\[\]'/],
    ['whisper-1', { 'prompt[x]': 'p' }, 'prompt[x]', 'unknown_parameter', /'prompt\[x\]'/],
    ['whisper-1', { prompt: ['p', 'q'] }, 'prompt', 'duplicate_parameter', /Duplicate/],
    [
      'gpt-transcribe',
      { response_format: 'srt' },
      'response_format',
      'unsupported_value',
      /Use 'json' instead/,
    ],
    [
      'gpt-transcribe',
      { response_format: 'text' },
      'response_format',
      'unsupported_value',
      /'gpt-transcribe'/,
    ],
    ['gpt-transcribe', { 'include[]': 'logprobs' }, 'include', NOT, /include/],
    [
      'gpt-transcribe',
      { 'languages[]': ['en', 'korean'] },
      'languages[1]',
      'invalid_language_format',
      /'korean'/,
    ],
    ['gpt-transcribe', { keywords: 'oai' }, 'keywords', 'invalid_type', /an array of strings/],
    [
      'gpt-4o-transcribe',
      { response_format: 'verbose_json' },
      'response_format',
      'unsupported_value',
      /'json'/,
    ],
    [
      'gpt-4o-transcribe',
      { 'timestamp_granularities[]': 'word' },
      'timestamp_granularities',
      NOT,
      /granularities/,
    ],
    ['gpt-4o-transcribe', { 'keywords[]': 'oai' }, 'keywords', NOT, /keywords/],
    ['gpt-4o-transcribe', { 'include[]': 'usage' }, 'include[0]', invalid, /'logprobs'/],
    ['gpt-4o-transcribe', { chunking_strategy: 'manual' }, 'chunking_strategy', invalid, /'auto'/],
    [
      'gpt-4o-transcribe',
      { 'chunking_strategy[type]': 'vad' },
      'chunking_strategy.type',
      invalid,
      /'server_vad'/,
    ],
    [
      'gpt-4o-transcribe',
      { 'chunking_strategy[threshold]': '0.5' },
      'chunking_strategy.type',
      'missing_required_parameter',
      /chunking_strategy\.type/,
    ],
    [
      'gpt-4o-transcribe',
      { chunking_strategy: '{"type":"server_vad","threshold":2}' },
      'chunking_strategy.threshold',
      'decimal_above_max_value',
      /<= 1/,
    ],
    [
      'gpt-4o-transcribe',
      { 'chunking_strategy[type]': ['server_vad', 'server_vad'] },
      'chunking_strategy',
      'duplicate_parameter',
      /Duplicate/,
    ],
    ['gpt-4o-transcribe-diarize', { prompt: 'p' }, 'prompt', NOT, /prompt/],
    ['gpt-4o-transcribe-diarize', { 'include[]': 'logprobs' }, 'include', NOT, /include/],
    [
      'gpt-4o-transcribe-diarize',
      { response_format: 'srt' },
      'response_format',
      'unsupported_value',
      /'diarized_json'/,
    ],
    [
      'gpt-4o-transcribe-diarize',
      { 'known_speaker_names[]': 'Ada' },
      'known_speaker_references',
      invalid,
      /same length, but have 1 and 0/,
    ],
    [
      'gpt-4o-transcribe-diarize',
      { 'known_speaker_names[]': 'Ada', 'known_speaker_references[]': 'https://example.com/a.wav' },
      'known_speaker_references[0]',
      invalid,
      /data URL/,
    ],
    [
      'gpt-4o-transcribe-diarize',
      { 'known_speaker_names[]': ['Ada', 'Bob'], 'known_speaker_references[]': [clip, short] },
      'known_speaker_references[1]',
      invalid,
      /2 to 10 seconds, but got 1\.0/,
    ],
    [
      'gpt-4o-transcribe-diarize',
      { 'known_speaker_names[]': 'Ada', 'known_speaker_references[]': long },
      'known_speaker_references[0]',
      invalid,
      /2 to 10 seconds, but got 11\.0/,
    ],
    [
      'gpt-4o-transcribe-diarize',
      { 'known_speaker_names[]': 'Ada', 'known_speaker_references[]': 'data:audio/wav;base64,aGVsbG8=' },
      'known_speaker_references[0]',
      null,
      /Invalid file format/,
    ],
    [
      'gpt-4o-transcribe-diarize',
      {
        'known_speaker_names[]': ['a', 'b', 'c', 'd', 'e'],
        'known_speaker_references[]': [clip, clip, clip, clip, clip],
      },
      'known_speaker_names',
      'array_above_max_length',
      /maximum length 4/,
    ],
  ])('by %s is refused with %o', async (model, fields, param, code, message) => {
    const refusal = await audioRefusal(audioForm(sound, { model, ...fields }));
    expect(refusal).toMatchObject({ status: 400, type: 'invalid_request_error', param, code });
    expect(refusal.message).toMatch(message);
  });

  it.each([
    ['an unknown model', 'whisper-2', undefined],
    ['a model that a fault took away', 'whisper-1', 'gone=whisper-1'],
  ])('by %s is refused: 404', async (_, model, faults) => {
    const { status, code } = await audioRefusal(audioForm(sound, { model }), TRANSCRIPTIONS, sandbox(faults));
    expect([status, code]).toEqual([404, 'model_not_found']);
  });

  it('of more than 30 seconds needs a chunking strategy, by the model that knows speakers', async () => {
    const model = 'gpt-4o-transcribe-diarize';
    const refusal = await audioRefusal(audioForm(tone(31, 0), { model }));
    expect(refusal).toMatchObject({ param: 'chunking_strategy', code: 'missing_required_parameter' });
    expect(await hear(tone(31, 0), { model, chunking_strategy: 'auto' })).toMatchObject({ text: '' });
    expect(await hear(tone(30, 0), { model })).toMatchObject({ text: '' });
  });

  it('needs a form', async () => {
    const { status, body } = await ask('POST', TRANSCRIPTIONS, { model: 'whisper-1' });
    expect([status, body.error.code]).toEqual([400, 'unsupported_content_type']);
  });

  it('takes JSON for the object of a form', async () => {
    const chunking_strategy = '{"type":"server_vad","threshold":0.5}';
    const form = audioForm(sound, { model: 'gpt-4o-transcribe', chunking_strategy });
    const response = await sandbox().answer(request('POST', TRANSCRIPTIONS, undefined, { body: form }));
    expect(await response.json()).toMatchObject({ text: 'One. Two!' });
  });
});

describe('a transcription as', () => {
  it('JSON tells what was counted', async () => {
    const tokens = {
      type: 'tokens',
      input_tokens: 10,
      input_token_details: { audio_tokens: 8, text_tokens: 2 },
      output_tokens: 3,
      total_tokens: 13,
    };
    const text = 'One. Two!';
    expect(await hear<Transcription>(sound)).toEqual({ text, usage: { type: 'duration', seconds: 1 } });
    expect(await hear<Transcription>(sound, { model: 'gpt-4o-transcribe', prompt: 'numbers' })).toEqual({
      text,
      usage: tokens,
    });
  });

  it('JSON of gpt-transcribe tells the languages', async () => {
    const model = 'gpt-transcribe';
    expect((await hear<Transcription>(talk, { model })).languages).toEqual([{ code: 'ko' }, { code: 'en' }]);
    expect((await hear<Transcription>(talk, { model, language: 'ko' })).languages).toEqual([{ code: 'ko' }]);
    expect((await hear<Transcription>(tone(1, 0), { model })).languages).toEqual([]);
    // Chinese characters, too, but it is one language.
    const japanese = await speak({ input: '名前はまだ無い', response_format: 'wav' });
    expect((await hear<Transcription>(japanese, { model })).languages).toEqual([{ code: 'ja' }]);
  });

  it('JSON tells log probabilities when asked', async () => {
    const { text, logprobs = [] } = await hear<Transcription>(sound, {
      model: 'gpt-4o-mini-transcribe',
      'include[]': 'logprobs',
    });
    expect(logprobs.map(({ token }) => token).join('')).toBe(text);
    expect(logprobs[0]).toEqual({ token: 'One.', logprob: -0.04, bytes: [79, 110, 101, 46] });
  });

  it('text ends its line', async () => {
    expect(await hearText(sound, { response_format: 'text' })).toBe('One. Two!\n');
    expect(await hearText(sound, { response_format: 'text', model: 'gpt-4o-transcribe-diarize' })).toBe(
      'One. Two!\n',
    );
  });

  it('subtitles', async () => {
    const srt = await hearText(sound, { response_format: 'srt' });
    expect(srt).toBe('1\n00:00:00,048 --> 00:00:00,238\nOne.\n\n2\n00:00:00,382 --> 00:00:00,570\nTwo!\n\n');
    const vtt = await hearText(sound, { response_format: 'vtt' });
    expect(vtt).toBe('WEBVTT\n\n00:00.048 --> 00:00.238\nOne.\n\n00:00.382 --> 00:00.570\nTwo!\n\n');
  });

  it('subtitles of text that looks like theirs', async () => {
    const bytes = await speak({ input: 'a --> b\n\n\nc', response_format: 'wav' });
    const times = '00:00:0\\d,\\d{3} --> 00:00:0\\d,\\d{3}';
    expect(await hearText(bytes, { response_format: 'srt' })).toMatch(
      new RegExp(`^1\n${times}\na -> b\n\n2\n${times}\nc\n\n$`),
    );
  });

  it('subtitles, after hours and to the millisecond', () => {
    const segment = { text: ' late', start: 7325.0006, end: 359_999.9996, endsSentence: true };
    expect(subtitles([segment], 'srt')).toBe('1\n02:02:05,001 --> 100:00:00,000\nlate\n\n');
    expect(subtitles([segment], 'vtt')).toBe('WEBVTT\n\n02:02:05.001 --> 100:00:00.000\nlate\n\n');
  });

  it('verbose JSON has segments that are the text, sentence by sentence', async () => {
    const answer = await hear<TranscriptionVerbose>(talk, {
      response_format: 'verbose_json',
      temperature: '0.3',
    });
    const { segments = [], words, ...rest } = answer;
    expect(rest).toEqual({
      task: 'transcribe',
      language: 'korean',
      duration: expect.closeTo((talk.length - 44) / 2 / RATE, 2),
      text: `${ENGLISH} ${KOREAN}`,
      usage: { type: 'duration', seconds: Math.ceil((talk.length - 44) / 2 / RATE) },
    });
    expect(words).toBeUndefined();
    expect(segments.map(({ text }) => text)).toEqual([
      'The quick brown fox jumps over the lazy dog.',
      ' It was the best of times, was it not?',
      ' 안녕하세요, 반갑습니다.',
      ' 오늘은 날씨가 정말 좋네요!',
      ' 우리 같이 산책하러 갈까요?',
    ]);
    expect(segments.map(({ id }) => id)).toEqual([0, 1, 2, 3, 4]);
    expect(segments.every(({ temperature, seek }) => temperature === 0.3 && seek === 0)).toBe(true);
    for (const [index, { start, end }] of segments.entries()) {
      expect(start).toBeGreaterThan(segments[index - 1]?.end ?? 0);
      expect(end).toBeGreaterThan(start);
    }
  });

  it('verbose JSON has words, or segments, or both', async () => {
    const keysWith = async (granularities: readonly string[]) =>
      Object.keys(
        await hear<object>(sound, {
          response_format: 'verbose_json',
          'timestamp_granularities[]': granularities,
        }),
      ).filter((key) => /words|segments/.test(key));
    expect(await keysWith([])).toEqual(['segments']);
    expect(await keysWith(['word'])).toEqual(['words']);
    expect(await keysWith(['segment'])).toEqual(['segments']);
    expect(await keysWith(['word', 'segment'])).toEqual(['segments', 'words']);
  });

  it('words without the marks around them', async () => {
    const bytes = await speak({ input: '“Well,” she said — it’s (so) so-so… 🎉 !', response_format: 'wav' });
    const { words = [] } = await hear<TranscriptionVerbose>(bytes, {
      response_format: 'verbose_json',
      'timestamp_granularities[]': 'word',
    });
    expect(words.map(({ word }) => word)).toEqual(['Well', 'she', 'said', 'it’s', 'so', 'so-so', '🎉']);
  });

  it('long text without sentences in segments of ten words', async () => {
    const bytes = await speak({
      input: 'one two three four five '.repeat(5),
      response_format: 'wav',
      speed: 4,
    });
    const { segments = [] } = await hear<TranscriptionVerbose>(bytes, { response_format: 'verbose_json' });
    expect(segments.map(({ text }) => text.trim().split(' ').length)).toEqual([10, 10, 5]);
  });

  it.each([
    ['english', 'hello', undefined],
    ['japanese', '名前はまだ無い', undefined],
    ['chinese', '名前', undefined],
    ['russian', 'привет', undefined],
    ['french', 'bonjour', 'fr'],
    ['english', ' ', 'fr'],
  ])('verbose JSON tells the language %s of %s', async (language, input, told) => {
    const bytes = await speak({ input, response_format: 'wav' });
    const answer = await hear<TranscriptionVerbose>(bytes, {
      response_format: 'verbose_json',
      language: told,
    });
    expect(answer.language).toBe(language);
  });

  it('silence is nothing', async () => {
    const silence = tone(2, 0);
    expect((await hear(silence)).text).toBe('');
    expect(await hearText(silence, { response_format: 'text' })).toBe('\n');
    expect(await hearText(silence, { response_format: 'srt' })).toBe('');
    expect(await hearText(silence, { response_format: 'vtt' })).toBe('WEBVTT\n\n');
    const answer = await hear<TranscriptionVerbose>(silence, {
      response_format: 'verbose_json',
      'timestamp_granularities[]': ['word', 'segment'],
    });
    expect(answer).toMatchObject({ text: '', duration: 2, segments: [], words: [] });
    const { events } = await hearStream<TranscriptionStreamEvent>(silence, {});
    expect(events).toMatchObject([{ type: 'transcript.text.done', text: '' }]);
  });
});

describe('speakers', () => {
  const model = 'gpt-4o-transcribe-diarize';
  const speakersWith = async (names: readonly string[]) => {
    const { segments, text, task, duration } = await hear<TranscriptionDiarized>(talk, {
      model,
      response_format: 'diarized_json',
      ...(names.length > 0 && {
        'known_speaker_names[]': names,
        'known_speaker_references[]': names.map(() => clip),
      }),
    });
    expect([text, task]).toEqual([`${ENGLISH} ${KOREAN}`, 'transcribe']);
    expect(segments.at(-1)?.end).toBeLessThan(duration);
    expect(segments.map((segment) => segment.text).join(' ')).toBe(text);
    expect(segments.map(({ id }) => id)).toEqual(['seg_001', 'seg_002', 'seg_003', 'seg_004', 'seg_005']);
    return segments.map(({ speaker }) => speaker).join(' ');
  };

  it('take turns after each sentence, and have the names that are known', async () => {
    expect(await speakersWith([])).toBe('A B A B A');
    expect(await speakersWith(['Ada'])).toBe('Ada A Ada A Ada');
    expect(await speakersWith(['Ada', 'Bob'])).toBe('Ada Bob Ada Bob Ada');
    expect(await speakersWith(['x', 'y', 'z'])).toBe('x y z x y');
  });

  it('go on where a sentence does', async () => {
    const bytes = await speak({ input: 'word '.repeat(15), response_format: 'wav', speed: 4 });
    const { segments } = await hear<TranscriptionDiarized>(bytes, {
      model,
      response_format: 'diarized_json',
    });
    expect(segments.map(({ speaker }) => speaker)).toEqual(['A', 'A']);
  });
});

describe('a stream of a transcription', () => {
  const typesOf = (events: readonly TranscriptionStreamEvent[]) =>
    events.map(({ type }) => type.replace('transcript.text.', ''));
  const deltasOf = (events: readonly TranscriptionStreamEvent[]) =>
    events.flatMap((event) => (event.type === 'transcript.text.delta' ? [event] : []));
  const stream = (fields: Fields = {}, faults?: string) =>
    hearStream<TranscriptionStreamEvent>(talk, fields, sandbox(faults));

  it.each(['gpt-transcribe', 'gpt-4o-transcribe', 'gpt-4o-mini-transcribe'])(
    'says the same as %s',
    async (model) => {
      const { usage, ...whole } = await hear<Transcription>(talk, { model });
      const { events, others, failure } = await stream({ model });
      expect(
        deltasOf(events)
          .map(({ delta }) => delta)
          .join(''),
      ).toBe(whole.text);
      expect(deltasOf(events).length).toBeGreaterThan(10);
      expect(events.at(-1)).toEqual({ type: 'transcript.text.done', ...whole, usage });
      expect([others, failure]).toEqual([[], undefined]);
    },
  );

  it('tells log probabilities when asked, of each delta and of all', async () => {
    const { events } = await stream({ 'include[]': 'logprobs' });
    const deltas = deltasOf(events).flatMap(({ logprobs = [] }) => logprobs);
    const done = events.at(-1);
    expect(done?.type === 'transcript.text.done' && done.logprobs).toEqual(deltas);
    expect(deltas.map(({ token }) => token).join('')).toBe(`${ENGLISH} ${KOREAN}`);
  });

  it('tells the speaker of each segment after its deltas', async () => {
    const fields = { model: 'gpt-4o-transcribe-diarize', response_format: 'diarized_json' };
    const { segments } = await hear<TranscriptionDiarized>(talk, fields);
    const { events } = await stream(fields);
    expect(events.filter(({ type }) => type === 'transcript.text.segment')).toEqual(segments);
    const third = deltasOf(events).filter(({ segment_id }) => segment_id === 'seg_003');
    expect(third.map(({ delta }) => delta).join('')).toBe(' 안녕하세요, 반갑습니다.');
    const last = typesOf(events).slice(-3);
    expect(last).toEqual(['delta', 'segment', 'done']);
    expect(typesOf((await stream({ ...fields, response_format: 'json' })).events)).not.toContain('segment');
  });

  it('is ignored by whisper-1, and by the fault plain', async () => {
    expect((await hear(sound, { stream: 'true' })).text).toBe('One. Two!');
    const of = sandbox('plain');
    expect((await hear(sound, { stream: 'true', model: 'gpt-transcribe' }, { of })).text).toBe('One. Two!');
  });

  it.each([
    ['cut@2', 2, false, []],
    ['cut@1000', 12, false, []],
    ['error@2', 2, false, [expect.stringContaining('server_error')]],
    ['garbled@2', 12, true, ['{"type":"transcript.text.']],
    ['empty', 0, true, []],
  ])('with the fault %s', async (faults, deltas, isDone, others) => {
    const streamed = await stream({}, faults);
    expect(deltasOf(streamed.events).length).toBe(deltas);
    expect(typesOf(streamed.events).includes('done')).toBe(isDone);
    expect([streamed.others, streamed.failure]).toEqual([others, undefined]);
  });

  it('with the fault reset@2', async () => {
    const { events, failure } = await stream({}, 'reset@2');
    expect(events.length).toBe(2);
    expect(failure).toMatchObject({ message: 'terminated', cause: { code: 'ECONNRESET' } });
  });

  it('is read by the SDK to its end', async () => {
    const of = sandbox();
    const client = new OpenAI({
      apiKey: 'k',
      baseURL: 'http://sandbox.invalid/v1',
      fetch: (input, init) => of.answer(new Request(input, init)),
    });
    const file = fileOf(talk, 'audio/wav', 'talk.wav');
    const types: string[] = [];
    const fields = {
      file,
      model: 'gpt-4o-transcribe-diarize',
      stream: true,
      response_format: 'diarized_json',
      chunking_strategy: { type: 'server_vad', threshold: 0.5 },
      known_speaker_names: ['Ada'],
      known_speaker_references: [clip],
    } as const;
    const mutable = { ...fields, known_speaker_names: ['Ada'], known_speaker_references: [clip] };
    for await (const { type } of await client.audio.transcriptions.create(mutable)) types.push(type);
    expect(new Set(types)).toEqual(
      new Set(['transcript.text.delta', 'transcript.text.segment', 'transcript.text.done']),
    );
    const answer = await client.audio.transcriptions.create({
      file,
      model: 'whisper-1',
      response_format: 'verbose_json',
      timestamp_granularities: ['word'],
    });
    expect(answer.words?.[0]?.word).toBe('The');
  });
});

describe('a fault in a transcription', () => {
  it('empty hears nothing', async () => {
    expect(await hear(talk, { response_format: 'verbose_json' }, { of: sandbox('empty') })).toMatchObject({
      text: '',
      segments: [],
    });
  });

  it('refusal refuses', async () => {
    const refusal = await audioRefusal(audioForm(sound), TRANSCRIPTIONS, sandbox('refusal'));
    expect(refusal).toMatchObject({ status: 400, code: 'content_policy_violation' });
  });

  it('ends with the reason of who does not wait any more', async () => {
    const gone = new AbortController();
    const body = audioForm(wav(Buffer.alloc(20_000_000)));
    const answer = sandbox().answer(
      request('POST', TRANSCRIPTIONS, undefined, { body, signal: gone.signal }),
    );
    setImmediate(() => gone.abort(new Error('gone')));
    await expect(answer).rejects.toThrow('gone');
  });
});

describe.skipIf(openapi === undefined)('the check of forms', () => {
  it('stops an object that the document does not have', async () => {
    const { checkForm } = await import('../support/openapi.ts');
    const form = (fields: Fields) => audioForm(sound, { model: 'gpt-4o-transcribe', ...fields });
    const check = (fields: Fields) => checkForm('POST', TRANSCRIPTIONS, form(fields));
    check({ 'chunking_strategy[type]': 'server_vad', 'chunking_strategy[threshold]': '0.5' });
    expect(() =>
      check({ 'chunking_strategy[type]': 'server_vad', 'chunking_strategy[loud]': '1' }),
    ).toThrow();
    expect(() =>
      check({ 'chunking_strategy[type]': 'server_vad', 'chunking_strategy[threshold]': 'x' }),
    ).toThrow();
    expect(() => check({ 'chunking_strategy[type]': ['server_vad', 'server_vad'] })).toThrow('twice');
    expect(() => check({ chunking_strategy: 'auto', 'chunking_strategy[type]': 'server_vad' })).toThrow(
      'twice',
    );
  });
});
