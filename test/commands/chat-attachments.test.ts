import { execFileSync } from 'node:child_process';
import { appendFile, mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { installFfmpeg } from '../audio/fake-ffmpeg.ts';
import { filmMp4, filmWebm, toneFlac, toneMp3 } from '../audio/fixtures.ts';
import { tone, wav } from '../audio/sounds.ts';
import { chatChunks, errorAnswer, eventStream, stubApi } from '../support/api.ts';
import { requestOf } from '../support/chat-request.ts';
import { FakeClock, type FakeContextOptions } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { gif } from '../support/gif.ts';
import { spoken } from '../support/heard.ts';
import { fill, image, png } from '../support/images.ts';
import { oai, settle } from '../support/oai.ts';
import { pdf } from '../support/pdf.ts';

const cat = png(64, 48);
const zip = (holds: string) =>
  Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(40), Buffer.from(holds)]);
const oldOffice = (part: string) =>
  Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(600), Buffer.from(part, 'utf16le')]);
const dataUrl = (mime: string, bytes: Uint8Array) =>
  `data:${mime};base64,${Buffer.from(bytes).toString('base64')}`;
const sees = (mime: string, bytes: Uint8Array) => ({
  type: 'image_url',
  image_url: { url: dataUrl(mime, bytes) },
});
const says = (text: string) => ({ type: 'text', text });
const key = { OPENAI_API_KEY: 'sk-test-0123456789' };
/** Where there is a proxy, no name is looked up here. */
const behindProxy = { env: { ...key, HTTPS_PROXY: 'http://proxy.test:3128' } };
const ollama = ['--base-url', 'http://localhost:9/v1', '-m', 'llava'];

/** A folder with these files. */
async function desk(files: Readonly<Record<string, Uint8Array | string>>): Promise<string> {
  const cwd = await temporaryFolder();
  await fill(cwd, files);
  return cwd;
}

/** The content of the question that a command line sends. */
async function contentOf(argv: readonly string[], options: FakeContextOptions): Promise<unknown> {
  const body = (await requestOf(['chat', ...argv], options)) as { messages: { content: unknown }[] };
  return body.messages.at(-1)?.content;
}

/** What stderr says of a command line that must fail before anything is sent. */
async function errorOf(argv: readonly string[], options: FakeContextOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await oai(['chat', ...argv], options);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  return unindented(stderr);
}

/** A way out stands under what went wrong. */
function unindented(stderr: string): string {
  return stderr.replace(/\n {5}/g, '\n');
}

describe('an attachment', () => {
  it('is told by its bytes, whatever its name says', async () => {
    const jpeg = await image('jpeg', 20, 20);
    const webp = await image('webp', 20, 20);
    const cwd = await desk({ 'a.txt': cat, 'b.png': jpeg, c: webp, 'd.gif': gif(1) });
    expect(
      await contentOf(['-a', 'a.txt', '-a', 'b.png', '-a', 'c', '-a', 'd.gif', 'which?'], { cwd }),
    ).toEqual([
      sees('image/png', cat),
      sees('image/jpeg', jpeg),
      sees('image/webp', webp),
      sees('image/gif', gif(1)),
      says('which?'),
    ]);
  });

  it('may be all that is sent', async () => {
    const cwd = await desk({ 'cat.png': cat });
    expect(await contentOf(['-a', 'cat.png'], { cwd })).toEqual([sees('image/png', cat)]);
  });

  it('goes before piped text and prompt', async () => {
    const cwd = await desk({ 'cat.png': cat });
    expect(await contentOf(['-a', 'cat.png', 'sum up'], { cwd, stdin: 'a list\n' })).toEqual([
      sees('image/png', cat),
      says('a list\n\nsum up'),
    ]);
  });

  it('comes from stdin, and the prompt then from words', async () => {
    expect(await contentOf(['-a', '-', 'what is it?'], { stdin: cat })).toEqual([
      sees('image/png', cat),
      says('what is it?'),
    ]);
  });

  it('is looked at as closely as is asked for', async () => {
    const cwd = await desk({ 'cat.png': cat, 'a.txt': 'a' });
    expect(await contentOf(['-a', 'cat.png', '-a', 'a.txt', '--image-detail', 'low', 'x'], { cwd })).toEqual([
      { type: 'image_url', image_url: { url: dataUrl('image/png', cat), detail: 'low' } },
      says('a.txt:\n```\na\n```'),
      says('x'),
    ]);
  });

  it('is read from a pipe that has a name', async () => {
    const cwd = await temporaryFolder();
    execFileSync('mkfifo', [join(cwd, 'pipe')]);
    const content = contentOf(['-a', 'pipe', 'x'], { cwd, clock: new FakeClock({ leap: true }) });
    await appendFile(join(cwd, 'pipe'), cat);
    expect(await content).toEqual([sees('image/png', cat), says('x')]);
  });

  it('of a PDF goes with its name', async () => {
    const bytes = pdf('Hello');
    const cwd = await desk({ report: bytes, 'b.pdf': bytes });
    const file = (filename: string) => ({
      type: 'file',
      file: { filename, file_data: dataUrl('application/pdf', bytes) },
    });
    expect(await contentOf(['-a', 'report', '-a', join(cwd, 'b.pdf'), 'x'], { cwd })).toEqual([
      file('report.pdf'),
      file('b.pdf'),
      says('x'),
    ]);
  });
});

describe('a text that is attached', () => {
  it('goes under its name between fences, with the prompt in one text', async () => {
    const cwd = await desk({ 'a.md': '# A\n\n```js\n1\n```\n', 'b.txt': 'no break' });
    expect(await contentOf(['-a', 'a.md', '-a', './b.txt', 'compare'], { cwd })).toBe(
      'a.md:\n````\n# A\n\n```js\n1\n```\n````\n\nb.txt:\n```\nno break\n```\n\ncompare',
    );
  });

  it('does not tell the folders of this machine', async () => {
    const cwd = await desk({ 'a.txt': 'a' });
    await mkdir(join(cwd, 'in'));
    expect(await contentOf(['-a', join(cwd, 'a.txt')], { cwd })).toBe('a.txt:\n```\na\n```');
    expect(await contentOf(['-a', '../a.txt'], { cwd: join(cwd, 'in') })).toBe('a.txt:\n```\na\n```');
  });

  it('has no number for a name where a shell made a pipe of it', async () => {
    const cwd = await desk({ 'a.txt': 'a' });
    const file = await open(join(cwd, 'a.txt'));
    onTestFinished(() => file.close());
    expect(await contentOf(['-a', `/dev/fd/${file.fd}`], { cwd })).toBe('pipe:\n```\na\n```');
  });

  it('has a name of one line', async () => {
    const cwd = await desk({ 'a\nb.txt': 'a' });
    expect(await contentOf(['-a', 'a\nb.txt'], { cwd })).toBe('a b.txt:\n```\na\n```');
  });

  it('may be UTF-16, and an SVG is one', async () => {
    const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('héllo', 'utf16le')]);
    const cwd = await desk({ 'a.txt': utf16, 'b.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>' });
    expect(await contentOf(['-a', 'a.txt', '-a', 'b.svg'], { cwd })).toBe(
      'a.txt:\n```\nhéllo\n```\n\nb.svg:\n```\n<svg xmlns="http://www.w3.org/2000/svg"/>\n```',
    );
  });
});

describe('sound that is attached', () => {
  it('goes to a model that hears, which is said', async () => {
    const sound = await spoken('good morning');
    const cwd = await desk({ 'a.mp3': sound, b: wav(tone(0.5)) });
    const { code, stdout, stderr } = await oai(
      ['chat', '--sandbox', '-a', 'a.mp3', '-a', 'b', 'what is said?'],
      { cwd },
    );
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'oai: asking gpt-audio-mini: gpt-6-luna neither hears nor speaks\n',
    });
    expect(stdout).toContain('a sound, 1 s of MP3: “good morning”');
    expect(stdout).toContain('a sound, 1 s of WAV');
  });

  it('is sent as it is', async () => {
    const sound = wav(tone(0.2));
    const cwd = await desk({ 'a.wav': sound, 'b.mp3': toneMp3 });
    const heard = (bytes: Buffer, format: string) => ({
      type: 'input_audio',
      input_audio: { data: bytes.toString('base64'), format },
    });
    const body = await requestOf(['chat', '-q', '-a', 'a.wav', '-a', 'b.mp3', 'x'], { cwd });
    expect(body).toMatchObject({
      model: 'gpt-audio-mini',
      messages: [{ content: [heard(sound, 'wav'), heard(toneMp3, 'mp3'), says('x')] }],
    });
  });

  it('goes to the model that the user chose', async () => {
    const cwd = await desk({ 'a.wav': wav(tone(0.2)) });
    expect(
      await requestOf(['chat', '-m', 'gpt-audio-mini-2025-12-15', '-a', 'a.wav', 'x'], { cwd }),
    ).toMatchObject({
      model: 'gpt-audio-mini-2025-12-15',
    });
    expect(await requestOf(['chat', ...ollama, '-a', 'a.wav', 'x'], { cwd })).toMatchObject({
      model: 'llava',
    });
    const env = { ...key, OAI_MODEL: 'gpt-6.1-sol' };
    expect(await requestOf(['chat', '-a', 'a.wav', 'x'], { cwd, env })).toMatchObject({
      model: 'gpt-6.1-sol',
    });
  });

  it('in another format is made a WAV', async () => {
    const { PATH, runs } = await installFfmpeg("fs.writeFileSync(output, 'RIFF made');");
    const cwd = await desk({ 'a.flac': toneFlac });
    const { code, stderr, stdout } = await oai(['chat', '--dry-run', '-m', 'x', '-a', 'a.flac', 'x'], {
      cwd,
      env: { ...key, PATH },
    });
    expect({ code, runs: await runs() }).toEqual({ code: 0, runs: [] });
    expect(stdout).toContain(
      "ffmpeg -v error -i a.flac -map 0:a:0 -ac 1 -ar 16000 -c:a pcm_s16le -f wav - | base64 | tr -d '\\n'",
    );
    expect(stderr).toBe('oai: a.flac is FLAC: sent as WAV, its sound alone\n');
    const body = await requestOf(['chat', '-q', '-a', 'a.flac', 'x'], { cwd, env: { ...key, PATH } });
    expect(body).toMatchObject({
      messages: [
        {
          content: [
            { input_audio: { data: Buffer.from('RIFF made').toString('base64'), format: 'wav' } },
            says('x'),
          ],
        },
      ],
    });
    expect((await runs())[0]?.join(' ')).toContain('-ac 1 -ar 16000 -c:a pcm_s16le -f wav');
  });

  it('in another format needs ffmpeg', async () => {
    const cwd = await desk({ 'a.flac': toneFlac });
    expect(await errorOf(['-a', 'a.flac', 'x'], { cwd, env: { ...key, PATH: '/nowhere' } })).toBe(
      'oai: a.flac is FLAC: models hear WAV and MP3, and ffmpeg, which converts it, is not installed\nffmpeg -i a.flac a.mp3\n',
    );
  });

  it('that ffmpeg cannot read is named', async () => {
    const { PATH } = await installFfmpeg("fail('Invalid data found');");
    const cwd = await desk({ 'a.flac': toneFlac });
    expect(await errorOf(['-a', 'a.flac', 'x'], { cwd, env: { ...key, PATH } })).toBe(
      'oai: ffmpeg cannot read a.flac: Invalid data found\n',
    );
  });

  it('has no model with images beside it', async () => {
    const cwd = await desk({ 'a.wav': wav(tone(0.2)), 'cat.png': cat });
    expect(await errorOf(['-a', 'a.wav', '-a', 'cat.png', 'x'], { cwd })).toBe(
      'oai: gpt-audio-mini, which hears sound, sees no images and no files\noai transcribe writes sound down, for any model\n',
    );
  });

  it('has no model any more, once its day has come', async () => {
    const cwd = await desk({ 'a.wav': wav(tone(0.2)) });
    const clock = new FakeClock({ now: Date.parse('2027-01-20T00:00:00Z') });
    expect(await errorOf(['-a', 'a.wav', 'x'], { cwd, clock })).toBe(
      'oai: no model of chat hears sound any more: gpt-audio-mini ended on 2027-01-20\noai transcribe writes sound down, for any model; oai realtime converses\n',
    );
  });

  it('has a way out where the model is gone, or hears nothing', async () => {
    const cwd = await desk({ 'a.wav': wav(tone(0.2)) });
    const env = { OAI_SANDBOX: 'gone=gpt-audio-mini' };
    const gone = await oai(['chat', '--sandbox', '-q', '-a', 'a.wav', 'x'], { cwd, env });
    expect(gone.code).toBe(4);
    expect(gone.stderr).toContain('oai transcribe writes sound down, for any model; oai realtime converses');
    const deaf = await oai(['chat', '--sandbox', '-m', 'gpt-4o', '-q', '-a', 'a.wav', 'x'], { cwd });
    expect(deaf.code).toBe(4);
    expect(deaf.stderr).toContain('expected to be either text or image_url');
    expect(deaf.stderr).toContain('-m gpt-audio-mini hears');
  });
});

describe('a URL that is attached', () => {
  const url = 'https://example.com/cat.png?size=2';

  it('of an image is passed on to a server that fetches images', async () => {
    expect(await contentOf(['-a', url, '--image-detail', 'high', 'x'], behindProxy)).toEqual([
      { type: 'image_url', image_url: { url, detail: 'high' } },
      says('x'),
    ]);
  });

  it.each(['http://127.0.0.1:9/cat.png', 'http://[::1]:9/cat.png', 'http://192.168.1.9/cat.png'])(
    'of a network of the user is fetched here, and nobody is told of it: %s',
    async (local) => {
      const api = stubApi(new Response(new Uint8Array(cat)), eventStream(chatChunks('ok')));
      const { code } = await oai(['chat', '-a', local, 'x'], { fetch: api.fetch });
      expect(code).toBe(0);
      const [fetched, asked] = api.requests;
      expect(fetched?.url).toBe(local);
      expect(fetched?.headers.get('authorization')).toBeNull();
      expect(await asked?.json()).toMatchObject({
        messages: [{ content: [sees('image/png', cat), says('x')] }],
      });
    },
  );

  it('of anything but an image is fetched here, and told by its bytes', async () => {
    const bytes = pdf('Hello');
    const api = stubApi(new Response(new Uint8Array(bytes)), eventStream(chatChunks('ok')));
    await oai(['chat', '-a', 'https://example.com/get/report?id=7', 'x'], {
      ...behindProxy,
      fetch: api.fetch,
    });
    expect(await api.requests[1]?.json()).toMatchObject({
      messages: [
        {
          content: [
            { file: { filename: 'report.pdf', file_data: dataUrl('application/pdf', bytes) } },
            says('x'),
          ],
        },
      ],
    });
  });

  it('is fetched here for a server that fetches no images', async () => {
    const api = stubApi(new Response(new Uint8Array(cat)), eventStream(chatChunks('ok')));
    await oai(['chat', ...ollama, '-a', 'http://192.168.1.9/cat.png', 'x'], { fetch: api.fetch });
    expect(await api.requests[1]?.json()).toMatchObject({
      messages: [{ content: [sees('image/png', cat), says('x')] }],
    });
  });

  it('that is not there is no attachment', async () => {
    const api = stubApi(new Response('<h1>no</h1>', { status: 404 }));
    const { code, stderr } = await oai(['chat', '-a', 'http://127.0.0.1:9/cat.png', 'x'], {
      fetch: api.fetch,
    });
    expect(code).not.toBe(0);
    expect(stderr).toContain('cannot download from 127.0.0.1:9');
  });

  it('is not fetched by the sandbox', async () => {
    const { stdout } = await oai(['chat', '--sandbox', '-a', url, 'x']);
    expect(stdout).toContain('Attached: an image at https://example.com/cat.png');
    expect(await errorOf(['--sandbox', '-a', 'https://example.com/a.pdf', 'x'])).toContain(
      'the sandbox fetches nothing',
    );
  });

  it('may hold the bytes itself', async () => {
    expect(await contentOf(['-a', dataUrl('text/plain', cat), 'x'], {})).toEqual([
      sees('image/png', cat),
      says('x'),
    ]);
    expect(await errorOf(['-a', 'data:image/png;base64', 'x'])).toBe(
      'oai: -a data:… is garbled, or too large\n',
    );
    expect(await errorOf(['-a', 'data:image/png;base64,*', 'x'])).toContain('is garbled');
  });

  it('holds no password', async () => {
    const secret = 'https://ann:hunter2@example.com/cat.png';
    const { stderr } = await oai(['chat', '-a', secret, 'x'], behindProxy);
    expect(stderr).toContain('the URL holds a user name or password');
    expect(stderr).not.toContain('hunter2');
  });

  it.each([
    ['ftp://example.com/a.png', 'ftp:// is not fetched here'],
    ['file:///tmp/a.png', 'name the file itself: /tmp/a.png'],
    ['https://', 'https:// is no URL'],
  ])('is one that can be fetched: %s', async (word, message) => {
    expect(await errorOf(['-a', word, 'x'])).toContain(message);
  });
});

describe('what cannot be attached', () => {
  it.each<[string, Uint8Array | string, string, string?]>([
    ['empty', '', 'a is empty (0 bytes)'],
    ['half an image', cat.subarray(0, 60), 'a breaks off: it is the first 60 bytes of a PNG'],
    [
      'a GIF that moves',
      gif(3),
      'a is a GIF that moves; the API sees one image',
      "for example: magick 'a[0]' a.png",
    ],
    [
      'a Word document',
      zip('word/document.xml'),
      'a is a Word document; a question takes images, sound, PDF and text',
      'oai respond takes it as it is; here as a PDF: libreoffice --headless --convert-to pdf a',
    ],
    ['an Excel workbook', zip('xl/workbook.xml'), 'a is an Excel workbook;'],
    ['an old one', oldOffice('Workbook'), 'a is an old Excel workbook;', 'oai respond takes it as it is'],
    [
      'an OpenDocument sheet',
      zip('mimetypeapplication/vnd.oasis.opendocument.spreadsheet'),
      'a is an OpenDocument sheet;',
      'as a PDF it is: libreoffice',
    ],
    ['a ZIP archive', zip('cat.png'), 'a is a ZIP archive;'],
    ['a program', Buffer.concat([Buffer.from('\x7fELF'), Buffer.alloc(60)]), 'a is a program;'],
    ['bytes of no kind', Buffer.alloc(64, 1), 'a is of no kind that is known;'],
    ['a film without sound', filmMp4, 'a is a film without sound;'],
    ['a WebM without sound', filmWebm, 'a is a film without sound;'],
    ['a WAV whose header breaks off', wav(tone(0.1)).subarray(0, 20), 'a is a WAV whose header breaks off'],
    [
      'text of another encoding',
      Buffer.from('caf\xe9 au lait', 'latin1'),
      'a is not UTF-8 text: byte 4 is 0xe9',
      'iconv -f latin1 -t utf-8',
    ],
  ])('%s', async (_, bytes, message, hint = '') => {
    const stderr = await errorOf(['-a', 'a', 'x'], { cwd: await desk({ a: bytes }) });
    expect(stderr).toContain(`oai: ${message}`);
    expect(stderr).toContain(hint);
  });

  it('an image that no model of OpenAI sees, which another server is asked about', async () => {
    const tiff = await image('tiff', 20, 20);
    const cwd = await desk({ 'a.tiff': tiff, 'b.docx': zip('word/document.xml') });
    expect(await errorOf(['-a', 'a.tiff', 'x'], { cwd })).toBe(
      'oai: a.tiff is TIFF; the API sees PNG, JPEG, WebP and GIF\nfor example: magick a.tiff a.png\n',
    );
    expect(await contentOf([...ollama, '-a', 'a.tiff', '-a', 'b.docx', 'x'], { cwd })).toEqual([
      sees('image/tiff', tiff),
      {
        type: 'file',
        file: { filename: 'b.docx', file_data: expect.stringMatching(/^data:application\/vnd.openxml/) },
      },
      says('x'),
    ]);
  });

  it('what is not there, no file, or not to be read', async () => {
    const cwd = await desk({ 'no.png': cat });
    await mkdir(join(cwd, 'dir'));
    expect(await errorOf(['-a', 'gone.png', 'x'], { cwd })).toBe('oai: cannot read gone.png: no such file\n');
    expect(await errorOf(['-a', 'dir', 'x'], { cwd })).toBe(
      'oai: dir is a directory\nname its files, each with an -a of its own\n',
    );
    expect(await errorOf(['-a', 'no.png/x', 'x'], { cwd })).toContain(
      'a part of the path is not a directory',
    );
    expect(await errorOf(['-a', '', 'x'], { cwd })).toContain('--attach');
  });

  it('stdin twice, or stdin that is a terminal', async () => {
    expect(await errorOf(['-a', '-', '-a', '-', 'x'], { stdin: cat })).toContain(
      'stdin can be read once, but -a - and -a - both want it',
    );
    expect(await errorOf(['-a', '-', 'x', '-'], { stdin: cat })).toContain(
      '-a - and the prompt both want it',
    );
    expect(await errorOf(['-a', '-', 'x'], { stdinTTY: true })).toContain('which is a terminal');
    expect(await errorOf(['-a', '-', 'x'], { stdin: '' })).toContain('stdin is empty');
  });

  it('PDFs of more than 50 MB', async () => {
    const large = Buffer.concat([pdf('x'), Buffer.alloc(26 * 1024 * 1024)]);
    const cwd = await desk({ 'a.pdf': large, 'b.pdf': Buffer.concat([large, large]) });
    expect(await errorOf(['-a', 'b.pdf', 'x'], { cwd })).toMatch(
      /^oai: b.pdf is 52.* MB; the API takes PDFs below 50 MB\n/,
    );
    expect(await errorOf(['-a', 'a.pdf', '-a', 'a.pdf', 'x'], { cwd })).toContain(
      'the PDFs are together more than the 50 MB',
    );
  });

  it('more than a request takes, before it is read', async () => {
    const cwd = await desk({ a: '' });
    execFileSync('truncate', ['-s', '2G', join(cwd, 'a')]);
    expect(await errorOf(['-a', 'a', 'x'], { cwd })).toBe(
      'oai: a is 2048 MB; the API takes attachments up to 382.5 MB\n',
    );
  });

  it('a detail of no image', async () => {
    const cwd = await desk({ 'a.txt': 'a' });
    expect(await errorOf(['--image-detail', 'low', 'x'], { cwd })).toContain(
      '--image-detail is for images, and none is attached',
    );
    expect(await errorOf(['--image-detail', 'low', '-a', 'a.txt', 'x'], { cwd })).toContain(
      'none is attached',
    );
    expect(await errorOf(['--image-detail', 'fine', '-a', 'a.txt', 'x'], { cwd })).toContain(
      '--image-detail fine',
    );
  });

  it('an image to a model that sees none: the API says so', async () => {
    const cwd = await desk({ 'cat.png': cat });
    const message = 'Invalid content type. image_url is only supported by certain models.';
    const api = stubApi(errorAnswer(400, { message }));
    const { code, stderr } = await oai(['chat', '-m', 'gpt-3.5-turbo', '-q', '-a', 'cat.png', 'x'], {
      cwd,
      fetch: api.fetch,
    });
    expect(code).toBe(4);
    expect(stderr).toContain(message);
  });
});

describe('several files where a shell made words of a pattern', () => {
  it('are noticed', async () => {
    const cwd = await desk({ 'a.png': cat, 'b.png': cat });
    const { code, stderr } = await oai(['chat', '--sandbox', '-a', 'a.png', 'b.png', 'compare'], { cwd });
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'oai: b.png is a word of the prompt here; each attachment takes an -a of its own\n',
    });
    const quiet = await oai(['chat', '--sandbox', '-a', 'a.png', 'see a.png', 'and c.png'], { cwd });
    expect(quiet.stderr).toBe('');
  });
});

describe('a dry run', () => {
  it('names files in place of their bytes, and works in a shell', async () => {
    const name = "it's a $cat.png";
    const cwd = await desk({ [name]: cat, '-a.txt': pdf('x') });
    const words = ['chat', '--dry-run', '-a', name, '-a', '-a.txt', 'costs $5 and `x` \\ "y"\nend'];
    const { code, stdout } = await oai(words, { cwd });
    expect(code).toBe(0);
    expect(stdout).toContain(`"url": "data:image/png;base64,$(base64 <'it'\\''s a $cat.png' | tr -d '\\n')"`);
    expect(stdout).not.toContain(cat.toString('base64'));
    const sent = await bodyOfShell(stdout, cwd);
    expect(sent).toEqual(
      await requestOf(
        words.filter((word) => word !== '--dry-run'),
        { cwd },
      ),
    );
  });

  it('takes stdin again', async () => {
    const cwd = await temporaryFolder();
    const { stdout } = await oai(['chat', '--dry-run', '-a', '-', 'x'], { cwd, stdin: cat });
    const sent = await bodyOfShell(stdout, cwd, cat);
    expect(sent).toMatchObject({ messages: [{ content: [sees('image/png', cat), says('x')] }] });
  });

  it('fetches nothing', async () => {
    const { stdout, stderr } = await oai(
      [
        'chat',
        '--dry-run',
        ...ollama,
        '-a',
        'https://ann:x1@example.com/cat.png',
        '-a',
        'https://example.com/x',
        'y',
      ],
      { env: {} },
    );
    expect(stdout).toContain(
      "data:image/png;base64,$(curl -fsSL 'https://ann:***@example.com/cat.png' | base64 | tr -d '\\n')",
    );
    expect(stderr).toBe('oai: example.com: a dry run fetches nothing; shown as if it were a PNG\n');
  });

  it('writes out what a pipe gave', async () => {
    const cwd = await temporaryFolder();
    execFileSync('mkfifo', [join(cwd, 'pipe')]);
    const run = oai(['chat', '--dry-run', '-a', 'pipe', 'x'], { cwd, clock: new FakeClock({ leap: true }) });
    await appendFile(join(cwd, 'pipe'), cat);
    expect((await run).stdout).toContain(cat.toString('base64'));
  });
});

/** The body that a command line of curl would send. */
async function bodyOfShell(
  command: string,
  cwd: string,
  stdin: Uint8Array = Buffer.alloc(0),
): Promise<unknown> {
  await writeFile(join(cwd, 'curl'), '#!/bin/sh\ncat\n', { mode: 0o755 });
  await writeFile(join(cwd, 'run.sh'), command);
  const env = { PATH: `${cwd}:/usr/bin:/bin`, OPENAI_API_KEY: 'x' };
  return JSON.parse(execFileSync('sh', ['run.sh'], { cwd, env, input: stdin }).toString());
}

describe('rows', () => {
  it('have the attachments with each', async () => {
    const cwd = await desk({ 'cat.png': cat });
    const { code, stdout } = await oai(['chat', '--sandbox', '--rows', 'lines', '-a', 'cat.png', 'is it'], {
      cwd,
      stdin: 'red\ngreen\n',
    });
    expect(code).toBe(0);
    const results = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).result);
    expect(results).toHaveLength(2);
    for (const result of results) expect(result).toContain('Attached: an image, 64x48 PNG');
    expect(results[1]).toContain('green');
  });

  it('have fewer under way at once where what is attached is large', async () => {
    const cwd = await desk({ 'large.txt': 'x'.repeat(45 * 1024 * 1024) });
    const answer = {
      id: 'x',
      choices: [{ index: 0, message: { role: 'assistant', content: 'ok' }, finish_reason: 'stop' }],
    };
    let underWay = 0;
    let most = 0;
    const fetch = async () => {
      underWay += 1;
      most = Math.max(most, underWay);
      await settle(50);
      underWay -= 1;
      return Response.json(answer);
    };
    const words = ['chat', ...ollama, '--each', '-a', 'large.txt', 'x'];
    const { code, stdout } = await oai(words, { cwd, stdin: '1\n2\n3\n4\n', fetch });
    expect({ code, lines: stdout.trim().split('\n').length, most }).toEqual({ code: 0, lines: 4, most: 2 });
  }, 30_000);

  it('take the one stdin', async () => {
    expect(await errorOf(['--rows', 'lines', '-a', '-', 'x'], { stdin: cat })).toContain('no rows');
  });

  it('are another job where what is attached is another', async () => {
    const cwd = await desk({ 'a.txt': 'x'.repeat(100_000) });
    const words = ['chat', '--sandbox', '--each', '-o', 'out.jsonl', '-a', 'a.txt', 'x'];
    const run = () => oai(words, { cwd, stdin: 'one\n' });
    expect((await run()).code).toBe(0);
    expect((await run()).code).toBe(0);
    await writeFile(join(cwd, 'a.txt'), 'y'.repeat(100_000));
    const { code, stderr } = await run();
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('asked for something else'),
    });
  });
});

describe('structured', () => {
  it('takes attachments as chat does', async () => {
    const cwd = await desk({ 'a.pdf': pdf('Hello') });
    const run = await oai(['structured', '--sandbox', '--fields', 'name', '-a', 'a.pdf', '--json'], { cwd });
    expect(run.code).toBe(0);
    expect(JSON.parse(run.stdout).usage.prompt_tokens).toBeGreaterThan(85);
    const body = await oai(['structured', '--dry-run', '--fields', 'name', '-a', 'a.pdf', 'read'], { cwd });
    expect(body.stdout).toContain('"filename": "a.pdf"');
  });

  it('hears no sound, but by a model that the user chose', async () => {
    const cwd = await desk({ 'a.wav': wav(tone(0.2)) });
    const words = ['structured', '--fields', 'name', '-a', 'a.wav', 'x'];
    const { code, stderr } = await oai(words, { cwd });
    expect({ code, stderr: unindented(stderr) }).toEqual({
      code: 2,
      stderr:
        'oai: no model hears sound and answers in a given form\nwrite it down first: oai transcribe talk.mp3 | oai structured …\n',
    });
    const { stdout } = await oai([...words, ...ollama, '--dry-run'], { cwd });
    expect(stdout).toContain('"format": "wav"');
  });
});
