import type { FileObject } from 'openai/resources/files';
import { describe, expect, it } from 'vitest';
import { gif } from '../support/gif.ts';
import { spoken } from '../support/heard.ts';
import { image, png } from '../support/images.ts';
import { pdf } from '../support/pdf.ts';
import { ask, chat, hello, refusalOf, sandbox, say } from './ask.ts';
import { askForm, fileOf, formOf } from './ask-images.ts';

const user = (...content: readonly object[]) => ({ role: 'user', content });
const text = (words: string) => ({ type: 'text', text: words });
const dataUrl = (mime: string, bytes: Buffer) => `data:${mime};base64,${bytes.toString('base64')}`;
const shown = (bytes: Buffer, mime = 'image/png', fields: object = {}) => ({
  type: 'image_url',
  image_url: { url: dataUrl(mime, bytes), ...fields },
});
const heard = (bytes: Buffer, format = 'wav') => ({
  type: 'input_audio',
  input_audio: { data: bytes.toString('base64'), format },
});
const file = (bytes: Buffer, filename = 'a.pdf', mime = 'application/pdf') => ({
  type: 'file',
  file: { filename, file_data: dataUrl(mime, bytes) },
});
const asked = (...parts: readonly object[]) => hello({ messages: [user(text('what is this?'), ...parts)] });
const listening = (...parts: readonly object[]) =>
  hello({ model: 'gpt-audio-mini', messages: [user(...parts)] });

describe('what the sandbox sees', () => {
  it('tells kind and size of images', async () => {
    const jpeg = await image('jpeg', 30, 20);
    expect(await say(asked(shown(png(64, 48)), shown(jpeg, 'image/jpeg', { detail: 'low' })))).toBe(
      'You said: what is this?\nAttached: an image, 64x48 PNG\nAttached: an image, 30x20 JPEG, detail low',
    );
  });

  it('takes a GIF that does not move', async () => {
    expect(await say(asked(shown(gif(1), 'image/gif')))).toContain('Attached: an image, 2x2 GIF');
  });

  it('goes by the bytes of an image, whatever type is said', async () => {
    expect(await say(asked(shown(png(8, 8), 'image/jpeg')))).toContain('an image, 8x8 PNG');
  });

  it('does not look behind an address', async () => {
    const part = { type: 'image_url', image_url: { url: 'https://example.com/a.png?sig=secret' } };
    expect(await say(asked(part))).toContain('Attached: an image at https://example.com/a.png');
    expect(await say(asked(part))).not.toContain('secret');
  });

  it.each(['wav', 'mp3'])('hears what is said in a %s', async (format) => {
    const sound = await spoken('good morning to you', format);
    expect(await say(listening(heard(sound, format)))).toMatch(
      new RegExp(`^Attached: a sound, \\d s of ${format.toUpperCase()}: “good morning to you”$`),
    );
  });

  it('reads the pages of a PDF', async () => {
    expect(await say(asked(file(pdf('Hello (you)', 'Bye'), 'report.pdf')))).toContain(
      'Attached: a file (report.pdf), PDF of 2 pages: “Hello (you) Bye”',
    );
  });

  it('reads a PDF that was uploaded', async () => {
    const of = sandbox();
    const form = formOf({ purpose: 'user_data', file: fileOf(pdf('kept'), 'application/pdf', 'kept.pdf') });
    const { body } = await askForm<FileObject>('/files', form, of);
    const file_id = 'id' in body ? body.id : '';
    const answer = await chat(asked({ type: 'file', file: { file_id } }), of);
    expect(answer.choices[0]?.message.content).toContain('a file (kept.pdf), PDF of 1 page: “kept”');
  });

  it('remembers what was attached before', async () => {
    const messages = [
      user(text('look'), shown(png(16, 16))),
      { role: 'assistant', content: 'a square' },
      { role: 'user', content: 'what colour?' },
    ];
    expect(await say(hello({ messages }))).toBe(
      'You said: what colour?\nBefore that: “look” (with an image, 16x16 PNG)',
    );
  });

  it('counts the tokens of images and sounds', async () => {
    const seen = await chat(
      asked(shown(png(64, 65)), shown(png(1024, 1024), 'image/png', { detail: 'low' })),
    );
    expect(seen.usage?.prompt_tokens_details).toMatchObject({
      image_tokens: 2 * 3 + 16 * 16,
      audio_tokens: 0,
    });
    const sound = await chat(listening(heard(await spoken('one two three four five six'), 'mp3')));
    expect(sound.usage?.prompt_tokens_details?.audio_tokens).toBeGreaterThan(10);
    const { usage } = await chat(hello());
    expect(usage?.prompt_tokens_details).toEqual({ cached_tokens: 0, audio_tokens: 0 });
  });
});

describe('what the sandbox refuses', () => {
  const url = 'messages[0].content[1].image_url.url';
  const data = 'messages[0].content[1].file.file_data';
  const broken = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAA*' } };
  const nothing = { type: 'image_url', image_url: { url: 'data:image/png;base64,' } };
  const noImage = 'You uploaded an unsupported image.';

  it.each([
    ['an image in broken base64', asked(broken), 'an invalid base64-encoded value', url],
    ['an image of no bytes', asked(nothing), 'empty base64-encoded bytes', url],
    ['an image that is text', asked(shown(Buffer.from('hello'))), noImage, url],
    ['half an image', asked(shown(png(64, 64).subarray(0, 60))), noImage, url],
    ['a GIF that moves', asked(shown(gif(2), 'image/gif')), noImage, url],
    [
      'a file that is no PDF by its type',
      asked(file(Buffer.from('x'), 'a.txt', 'text/plain')),
      "unsupported MIME type 'text/plain'",
      data,
    ],
    [
      'a file that is no PDF by its bytes',
      asked(file(Buffer.from('hello'))),
      "The file 'a.pdf' could not be read",
      'messages',
    ],
    ['a file of no bytes', asked(file(Buffer.alloc(0))), 'empty base64-encoded bytes', data],
    [
      'a file that is not there',
      asked({ type: 'file', file: { file_id: 'file-x' } }),
      "File with id 'file-x' not found",
      'file_id',
    ],
    [
      'an image for one that hears',
      { ...asked(shown(png(8, 8))), model: 'gpt-audio-mini' },
      'image_url is only supported by certain models',
      'messages.[0].content.[1].type',
    ],
    [
      'a detail for a model that lacks it',
      { ...asked(shown(png(8, 8), 'image/png', { detail: 'original' })), model: 'gpt-4o' },
      "does not support 'original'",
      'messages[0].content[1].image_url.detail',
    ],
  ])('%s', async (_, body, message, param) => {
    const refusal = await refusalOf(body);
    expect(refusal).toMatchObject({ status: 400, param });
    expect(refusal.message).toContain(message);
  });

  it('a sound that is of another format, broken, or no base64', async () => {
    const wav = await spoken('hello', 'wav');
    const not = (format: string) => `The data provided for 'input_audio' is not of valid ${format} format.`;
    expect((await refusalOf(listening(heard(wav, 'mp3')))).message).toBe(not('mp3'));
    expect((await refusalOf(listening(heard(Buffer.from('hello'))))).message).toBe(not('wav'));
    const part = { type: 'input_audio', input_audio: { data: '!!!!', format: 'wav' } };
    expect((await refusalOf(listening(part))).message).toContain('is not valid base64');
  });

  it('files of more than 50 MB together', async () => {
    const large = Buffer.concat([pdf('x'), Buffer.alloc(26 * 1024 * 1024)]);
    expect(await refusalOf(asked(file(large), file(large)))).toMatchObject({ code: 'file_above_max_size' });
    const { status } = await ask('POST', '/chat/completions', asked(file(large)));
    expect(status).toBe(200);
  });

  it('too many images', async () => {
    const many = Array.from({ length: 1501 }, () => ({
      type: 'image_url',
      image_url: { url: 'https://e.com/a.png' },
    }));
    expect((await refusalOf(asked(...many))).message).toContain('at most 1500 images, but got 1501');
  });
});
