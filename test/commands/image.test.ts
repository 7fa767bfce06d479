import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { defaultModels } from '../../src/api/models.ts';
import { errorAnswer, eventStream, jsonAnswer, stubApi } from '../support/api.ts';
import type { FakeContextOptions } from '../support/context.ts';
import { CapturedOutput, FakeClock } from '../support/context.ts';
import { decodeImage } from '../support/decode-image.ts';
import { temporaryFolder } from '../support/folder.ts';
import { fill, image, imagesAnswer, png } from '../support/images.ts';
import { oai } from '../support/oai.ts';
import { checkRequest } from '../support/openapi.ts';

const cat = png(64, 32);
const dog = png(32, 64);
const plain = { model: defaultModels.image, prompt: 'a cat' };

/** Runs a command line in an empty folder, and gives what it left there. */
async function draw(
  argv: readonly string[],
  answers: Parameters<typeof stubApi> = [jsonAnswer(imagesAnswer(cat))],
  options: FakeContextOptions & { files?: Record<string, Uint8Array | string> } = {},
) {
  const cwd = await temporaryFolder();
  const { files = {}, ...rest } = options;
  await fill(cwd, files);
  const api = stubApi(...answers);
  const run = await oai(['image', ...argv], { cwd, fetch: api.fetch, ...rest });
  return { ...run, cwd, requests: api.requests, left: (await readdir(cwd)).sort() };
}

/** The same with the sandbox in the place of the network. */
async function sandboxed(argv: readonly string[], options: FakeContextOptions = {}) {
  const cwd = await temporaryFolder();
  const run = await oai(['image', '--sandbox', ...argv], { cwd, ...options });
  return { ...run, cwd, left: (await readdir(cwd)).sort() };
}

describe('the request', () => {
  it.each<[string, string[], object]>([
    ['nothing else', [], plain],
    ['a model', ['-m', 'gpt-image-2'], { ...plain, model: 'gpt-image-2' }],
    ['a size', ['--size', '1536x1024'], { ...plain, size: '1536x1024' }],
    ['a size of any kind', ['--size', '1536x864'], { ...plain, size: '1536x864' }],
    ['a size in other letters', ['--size', '1024×1024'], { ...plain, size: '1024x1024' }],
    ['a quality', ['--quality', 'low'], { ...plain, quality: 'low' }],
    [
      'a compression of a format that --param names',
      ['--compression', '5', '--param', 'output_format=webp'],
      { ...plain, output_compression: 5, output_format: 'webp' },
    ],
    ['hd as what it means today', ['--quality', 'hd'], { ...plain, quality: 'high' }],
    ['standard as what it means today', ['--quality', 'standard'], { ...plain, quality: 'medium' }],
    ['a background', ['--background', 'transparent'], { ...plain, background: 'transparent' }],
    ['a format', ['-f', 'webp'], { ...plain, output_format: 'webp' }],
    ['the format that a name asks for', ['-o', 'x.webp'], { ...plain, output_format: 'webp' }],
    ['the format that a name asks for in capitals', ['-o', 'x.JPG'], { ...plain, output_format: 'jpeg' }],
    ['no format for a PNG, which is what comes unasked', ['-o', 'x.png'], plain],
    [
      'a compression',
      ['-f', 'jpeg', '--compression', '0'],
      { ...plain, output_format: 'jpeg', output_compression: 0 },
    ],
    ['a moderation', ['--moderation', 'low'], { ...plain, moderation: 'low' }],
    ['any other field', ['--param', 'user=x'], { ...plain, user: 'x' }],
    ['one image by leaving n out', ['-n', '1'], plain],
  ])('holds %s', async (_, flags, body) => {
    const { code, requests } = await draw(['a cat', ...flags]);
    expect(code).toBe(0);
    const sent: unknown = await requests[0]?.json();
    expect(sent).toEqual(body);
    checkRequest('POST', '/images/generations', sent);
    expect(requests[0]?.url).toBe('https://api.openai.com/v1/images/generations');
  });

  it('speaks the dialect of DALL·E to it, and leaves its words alone', async () => {
    const flags = ['-m', 'dall-e-3', '--style', 'vivid', '--quality', 'hd', '-o', 'x.webp'];
    const { requests } = await draw(['a cat', ...flags, '--base-url', 'http://localhost:9/v1']);
    expect(await requests[0]?.json()).toEqual({
      model: 'dall-e-3',
      prompt: 'a cat',
      style: 'vivid',
      quality: 'hd',
    });
  });

  it.each<[string, string[], FakeContextOptions]>([
    ['words', ['a', 'cat'], {}],
    ['words, although something is piped', ['a cat'], { stdin: 'a dog' }],
    ['a pipe', [], { stdin: 'a cat\n' }],
    ['a pipe that is named', ['-'], { stdin: 'a cat\n' }],
    ['words after --', ['--', 'a cat'], {}],
  ])('takes the prompt from %s', async (_, argv, options) => {
    const { requests, left } = await draw(argv, undefined, options);
    expect(await requests[0]?.json()).toEqual(plain);
    expect(left).toEqual(['a-cat.png']);
  });

  it('asks other servers for any size', async () => {
    const { requests } = await draw(['a cat', '--size', '17x3', '--base-url', 'http://localhost:9/v1']);
    expect(await requests[0]?.json()).toMatchObject({ size: '17x3' });
  });

  it('asks for several at once, and for more than a model makes in several requests', async () => {
    const ten = Array.from({ length: 10 }, () => cat);
    const { code, requests, left } = await draw(
      ['a cat', '-n', '12', '--quiet'],
      [jsonAnswer(imagesAnswer(...ten)), jsonAnswer(imagesAnswer(cat, dog))],
    );
    expect(code).toBe(0);
    expect(await Promise.all(requests.map((request) => request.json()))).toEqual([
      { ...plain, n: 10 },
      { ...plain, n: 2 },
    ]);
    expect(left).toHaveLength(12);
  });

  it('asks dall-e-3 for one at a time', async () => {
    const argv = ['a cat', '-n', '2', '-m', 'dall-e-3', '--base-url', 'http://localhost:9/v1'];
    const { requests } = await draw(argv, [jsonAnswer(imagesAnswer(cat)), jsonAnswer(imagesAnswer(dog))]);
    expect(await Promise.all(requests.map((request) => request.json()))).toEqual([
      { model: 'dall-e-3', prompt: 'a cat' },
      { model: 'dall-e-3', prompt: 'a cat' },
    ]);
  });

  it('takes the model of images from the config, and none that is for text', async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'config.toml'), 'model = "gpt-6-luna"\n[models]\nimage = "gpt-image-2"\n', {
      mode: 0o600,
    });
    const env = { OAI_HOME: cwd, OPENAI_API_KEY: 'sk-x', OAI_MODEL: 'gpt-6-astra' };
    const { requests } = await draw(['a cat'], undefined, { env });
    expect(await requests[0]?.json()).toEqual({ ...plain, model: 'gpt-image-2' });
  });

  it('is shown with --dry-run, and nothing is sent or saved', async () => {
    const { code, stdout, stderr, left } = await draw(['a cat', '-o', '-', '--show', '--dry-run'], []);
    expect({ code, stderr, left }).toEqual({ code: 0, stderr: '', left: [] });
    expect(stdout).toContain('https://api.openai.com/v1/images/generations');
    expect(stdout).toContain('"prompt": "a cat"');
  });
});

describe('the files', () => {
  it.each<[string, string[], string[], string[]]>([
    ['named after the prompt', [], [], ['a-cat.png']],
    ['numbered when there are several', ['-n', '2'], [], ['a-cat-1.png', 'a-cat-2.png']],
    ['never in the place of another', [], ['a-cat.png', 'a-cat-2.png'], ['a-cat-3.png']],
    ['numbered on, together', ['-n', '2'], ['a-cat-2.png'], ['a-cat-3.png', 'a-cat-4.png']],
    ['a file', ['-o', 'x.png'], [], ['x.png']],
    ['a file in a directory that is made', ['-o', 'a/b/x.png'], [], ['a/b/x.png']],
    ['several of a name', ['-o', 'x.png', '-n', '2'], [], ['x-1.png', 'x-2.png']],
    ['a directory that is there', ['-o', 'there'], ['there/'], ['there/a-cat.png']],
    ['a directory that is made', ['-o', 'new/'], [], ['new/a-cat.png']],
    ['a directory of another format', ['-o', 'holiday.gif/'], [], ['holiday.gif/a-cat.png']],
    ['a directory named after the prompt', ['-o', 'set-{slug}/'], [], ['set-a-cat/a-cat.png']],
    ['a pattern', ['-o', 'p-{n}.png', '-n', '2'], [], ['p-1.png', 'p-2.png']],
    ['a pattern of the prompt', ['-o', 'd/{slug}.png'], [], ['d/a-cat.png']],
    ['a pattern of both', ['-o', '{slug}_{n}.png', '-n', '2'], [], ['a-cat_1.png', 'a-cat_2.png']],
    [
      'a pattern without a number, numbered',
      ['-o', '{slug}.png', '-n', '2'],
      [],
      ['a-cat-1.png', 'a-cat-2.png'],
    ],
    ['a name without an extension', ['-o', 'x'], [], ['x']],
    ['a name that is replaced', ['-o', 'x.png', '--force'], ['x.png'], ['x.png']],
  ])('are %s', async (_, flags, there, paths) => {
    const cwd = await temporaryFolder();
    for (const name of there) {
      if (name.endsWith('/')) await mkdir(join(cwd, name));
      else await writeFile(join(cwd, name), 'old');
    }
    const answer = jsonAnswer(imagesAnswer(...(flags.includes('-n') ? [cat, dog] : [cat])));
    const { code, stdout, stderr } = await oai(['image', 'a cat', ...flags], {
      cwd,
      fetch: stubApi(answer).fetch,
    });
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: paths.map((path) => `${path}\n`).join(''),
      stderr: '',
    });
    expect(await readFile(join(cwd, paths[0] ?? ''))).toEqual(cat);
    if (paths[1] !== undefined) expect(await readFile(join(cwd, paths[1]))).toEqual(dog);
    for (const name of there.filter((name) => name.endsWith('.png') && !flags.includes('--force'))) {
      expect(await readFile(join(cwd, name), 'utf8')).toBe('old');
    }
  });

  it('have the permissions that the umask leaves', async () => {
    const { cwd } = await draw(['a cat']);
    expect((await stat(join(cwd, 'a-cat.png'))).mode & 0o777).toBe(0o666 & ~process.umask());
  });

  it('are called by what their bytes are', async () => {
    const webp = await image('webp', 8, 8);
    const { stdout } = await draw(['a cat'], [jsonAnswer(imagesAnswer(webp))]);
    expect(stdout).toBe('a-cat.webp\n');
  });

  it('are warned about when a name promises another kind', async () => {
    const { code, stdout, stderr } = await draw(['a cat', '-o', 'x.jpg']);
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: 'x.jpg\n',
      stderr: 'oai: x.jpg holds a PNG image\n',
    });
  });

  it('follow a link to where it leads', async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'real.png'), 'old');
    await symlink('real.png', join(cwd, 'x.png'));
    const argv = ['image', 'a cat', '-o', 'x.png', '--force'];
    await oai(argv, { cwd, fetch: stubApi(jsonAnswer(imagesAnswer(cat))).fetch });
    expect(await readFile(join(cwd, 'real.png'))).toEqual(cat);
  });

  it('go to stdout as bytes and nothing else', async () => {
    const { code, context, left } = await draw(['a cat', '-o', '-']);
    expect({ code, left }).toEqual({ code: 0, left: [] });
    expect(context.stdout.bytes).toEqual(cat);
  });

  it('are in the JSON document by their paths', async () => {
    const usage = {
      input_tokens: 5,
      output_tokens: 6,
      total_tokens: 11,
      input_tokens_details: { text_tokens: 5, image_tokens: 0 },
    };
    const answer = { ...imagesAnswer(cat, dog), usage, background: 'opaque' };
    const { stdout } = await draw(['a cat', '-n', '2', '--json'], [jsonAnswer(answer)]);
    expect(stdout.trimEnd()).not.toContain('\n');
    expect(JSON.parse(stdout)).toEqual({
      created: 1,
      background: 'opaque',
      data: [{ path: 'a-cat-1.png' }, { path: 'a-cat-2.png' }],
      usage,
    });
  });

  it('are one document although there were several requests', async () => {
    const usage = (n: number) => ({ input_tokens: n, output_tokens: n, total_tokens: 2 * n });
    const argv = [
      'a cat',
      '-n',
      '2',
      '-m',
      'dall-e-3',
      '--json',
      '-q',
      '--base-url',
      'http://localhost:9/v1',
    ];
    const { stdout } = await draw(argv, [
      jsonAnswer({ ...imagesAnswer(cat), usage: usage(1) }),
      jsonAnswer({ ...imagesAnswer(dog), usage: usage(2) }),
    ]);
    expect(JSON.parse(stdout)).toEqual({
      created: 1,
      data: [{ path: 'a-cat-1.png' }, { path: 'a-cat-2.png' }],
      usage: usage(3),
    });
  });
});

describe('what is said beside', () => {
  const answer = {
    created: 1,
    data: [{ b64_json: cat.toString('base64'), revised_prompt: 'A regal cat.\nIn a chair.' }],
    usage: { input_tokens: 5, output_tokens: 1000, total_tokens: 1005 },
  };

  it('is the revised prompt and the usage, on stderr', async () => {
    const { stdout, stderr } = await draw(['a cat'], [jsonAnswer(answer)]);
    expect(stdout).toBe('a-cat.png\n');
    expect(stderr).toBe('oai: revised prompt: A regal cat. In a chair.\noai: 1005 tokens: 5 in, 1000 out\n');
  });

  it('is nothing with --quiet, and kept in --json', async () => {
    const { stdout, stderr } = await draw(['a cat', '-q', '--json'], [jsonAnswer(answer)]);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({
      data: [{ revised_prompt: 'A regal cat.\nIn a chair.', path: 'a-cat.png' }],
      usage: answer.usage,
    });
  });

  it('is a line for each of several images on a terminal', async () => {
    const stderr = new CapturedOutput({ isTTY: true });
    await draw(['a cat', '-n', '2'], [jsonAnswer(imagesAnswer(cat, dog))], { stderr });
    expect(stderr.text).toContain('oai: image 1 of 2 done after 1s\noai: image 2 of 2 done after 1s\n');
  });

  it('is a warning about a model whose end is near', async () => {
    const { stderr } = await draw(['a cat', '-m', 'gpt-image-1.5']);
    expect(stderr).toBe(
      'oai: gpt-image-1.5 ends on 2026-12-01, in 10 days; gpt-image-2.5-sunburst takes its place\n',
    );
  });
});

describe('bad input, answered before anything is sent', () => {
  it.each<[string, string[], string]>([
    ['no prompt', [], 'oai: no prompt\n     give it as words, or pipe it in; --help shows how\n'],
    ['an empty prompt', ['  '], 'oai: no prompt\n     give it as words, or pipe it in; --help shows how\n'],
    [
      'a size that is none',
      ['x', '--size', '12x'],
      'oai: --size 12x is not WIDTHxHEIGHT in pixels, such as 1024x1024, nor auto\n',
    ],
    [
      'a size of nothing',
      ['x', '--size', '0x5'],
      'oai: --size 0x5 is not WIDTHxHEIGHT in pixels, such as 1024x1024, nor auto\n',
    ],
    [
      'a size that the model does not make',
      ['x', '--size', '1000x1000'],
      'oai: --size 1000x1000 is not a size that gpt-image-2.5-sunburst makes\n     try 1008x1008\n',
    ],
    ['an unknown format', ['x', '-f', 'gif'], 'oai: --format gif is not one of png, jpeg, webp\n'],
    [
      'a name of another format',
      ['x', '-o', 'x.gif'],
      'oai: -o x.gif: the API makes png, jpeg and webp images\n',
    ],
    [
      'a format and a name that differ',
      ['x', '-f', 'webp', '-o', 'x.png'],
      'oai: --format webp and -o x.png contradict each other\n',
    ],
    [
      'transparency in a JPEG',
      ['x', '-f', 'jpeg', '--background', 'transparent'],
      'oai: JPEG has no transparency\n     --background transparent goes with png and webp\n',
    ],
    [
      'a compression of PNG',
      ['x', '--compression', '5'],
      'oai: --compression is for jpeg and webp\n     add -f jpeg or -f webp\n',
    ],
    [
      'too much compression',
      ['x', '--compression', '101'],
      'oai: --compression 101 is not a whole number from 0 to 100\n',
    ],
    [
      'a quality',
      ['x', '--quality', 'best'],
      'oai: --quality best is not one of auto, low, medium, high, xhigh, max, standard, hd\n',
    ],
    [
      'a style of GPT Image',
      ['x', '--style', 'vivid'],
      'oai: --style is a word of dall-e-3; gpt-image-2.5-sunburst reads the style in the prompt\n',
    ],
    ['no images', ['x', '-n', '0'], 'oai: --count 0 is not a whole number from 1 to 100\n'],
    [
      'an empty size',
      ['x', '--size', ''],
      "oai: --size '' is not WIDTHxHEIGHT in pixels, such as 1024x1024, nor auto\n",
    ],
    ['too many previews', ['x', '--partial', '4'], 'oai: --partial 4 is not a whole number from 1 to 3\n'],
    [
      'a stream by --param',
      ['x', '--param', 'stream=true'],
      'oai: --param stream: --partial is the flag for that\n',
    ],
    ['n by --param', ['x', '--param', 'n=2'], 'oai: --param n: -n is the flag for that\n'],
    [
      'several images to stdout',
      ['x', '-o', '-', '-n', '2'],
      "oai: -o - is an image, and there are to be 2\n     a directory or a pattern such as -o 'cat-{n}.png' takes several\n",
    ],
    [
      'JSON and bytes',
      ['x', '-o', '-', '--json'],
      '{"error":{"message":"--json and -o - both want stdout","code":"usage","exitCode":2,"status":null,"requestId":null}}\n',
    ],
  ])('%s', async (_, argv, message) => {
    const { code, stdout, stderr, left } = await draw(argv, []);
    expect({ code, stdout, stderr, left }).toEqual({ code: 2, stdout: '', stderr: message, left: [] });
  });

  it('bytes to a terminal', async () => {
    const stdout = new CapturedOutput({ isTTY: true });
    const { code, stderr } = await draw(['x', '-o', '-'], [], { stdout });
    expect({ code, out: stdout.text }).toEqual({ code: 2, out: '' });
    expect(stderr).toBe(
      'oai: an image is no text for a terminal\n     pipe it on, or give a file: -o cat.png\n',
    );
  });

  it.each<[string, string[], (cwd: string) => string]>([
    [
      'a file that exists',
      ['x', '-o', 'old.png'],
      (cwd) => `${cwd}/old.png exists\n     --force replaces it`,
    ],
    [
      'one of several files that exist',
      ['x', '-o', 'old-{n}.png', '-n', '3'],
      (cwd) => `${cwd}/old-3.png exists\n     --force replaces it`,
    ],
    [
      'a directory that is a file',
      ['x', '-o', 'old.png/'],
      (cwd) => `cannot write ${cwd}/old.png: a part of the path is not a directory`,
    ],
    [
      'a directory within a file',
      ['x', '-o', 'old.png/x.png'],
      (cwd) => `cannot write ${cwd}/old.png/x.png: a part of the path is not a directory`,
    ],
  ])('%s', async (_, argv, message) => {
    const files = { 'old.png': 'old', 'old-3.png': 'old' };
    const { code, stdout, stderr, cwd, left } = await draw(argv, [], { files });
    expect({ code, stdout, left }).toEqual({ code: 2, stdout: '', left: ['old-3.png', 'old.png'] });
    expect(stderr).toBe(`oai: ${message(cwd)}\n`);
  });
});

describe('an answer that is not as it should be', () => {
  it.each<[string, () => Response, number, string, string[]]>([
    ['no images', () => jsonAnswer({ created: 1, data: [] }), 8, 'api.openai.com answered with no image', []],
    ['no list', () => jsonAnswer({ created: 1 }), 6, 'api.openai.com answered, but not with images', []],
    [
      'another answer',
      () => jsonAnswer({ data: ['x'] }),
      6,
      'api.openai.com answered, but not with images',
      [],
    ],
    [
      'an image of nothing',
      () => jsonAnswer(imagesAnswer({})),
      6,
      'api.openai.com answered with an image that has neither bytes nor a URL',
      [],
    ],
    [
      'a text for an image',
      () => jsonAnswer(imagesAnswer(Buffer.from('oops'))),
      6,
      'what api.openai.com sent is not an image',
      ['a-cat.png.part'],
    ],
    [
      'half an image',
      () => jsonAnswer(imagesAnswer(cat.subarray(0, cat.length / 2))),
      6,
      'the image that api.openai.com sent breaks off',
      ['a-cat.png.part'],
    ],
  ])('%s', async (_, answer, exitCode, message, kept) => {
    const { code, stdout, stderr, left, cwd } = await draw(['a cat'], [answer()]);
    expect({ code, stdout, left }).toEqual({ code: exitCode, stdout: '', left: kept });
    expect(stderr.split('\n')[0]).toBe(`oai: ${message}`);
    for (const name of kept) expect(stderr).toContain(`what arrived is in ${join(cwd, name)}`);
  });

  it('takes a data URL where base64 should be', async () => {
    const url = `data:image/png;base64,${cat.toString('base64')}`;
    const { code, cwd } = await draw(['a cat'], [jsonAnswer(imagesAnswer({ b64_json: url }))]);
    expect(code).toBe(0);
    expect(await readFile(join(cwd, 'a-cat.png'))).toEqual(cat);
  });

  it('keeps an image more than was asked for', async () => {
    const { code, stdout } = await draw(['a cat'], [jsonAnswer(imagesAnswer(cat, dog))]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'a-cat.png\na-cat-2.png\n' });
  });

  it('is exit 7 when it is moderated away in the middle of a stream', async () => {
    const event = { type: 'error', code: 'moderation_blocked', message: 'blocked' };
    const { code, stderr } = await draw(['a cat', '--partial', '1'], [eventStream([event], { done: false })]);
    expect({ code, stderr }).toEqual({ code: 7, stderr: 'oai: blocked\n' });
  });

  it('is exit 7 when it is moderated away, with the categories', async () => {
    const error = {
      message: 'Your request was rejected by the safety system. safety_violations=[violence, self-harm].',
      type: 'image_generation_user_error',
      code: 'moderation_blocked',
      moderation_details: { moderation_stage: 'output', categories: ['violence', 'self-harm'] },
    };
    const { code, stdout, stderr, left } = await draw(['a cat'], [errorAnswer(400, error)]);
    expect({ code, stdout, left }).toEqual({ code: 7, stdout: '', left: [] });
    expect(stderr).toBe(
      `oai: ${error.message} (request req_stub)\n     blocked for violence, self-harm (output); other words may pass\n`,
    );
  });

  it.each([
    ['401', 3],
    ['400', 4],
    ['500', 6],
  ])('is told by its exit code: %s is %i', async (status, exitCode) => {
    const { code, left } = await draw(
      ['a cat', '--retries', '0'],
      [errorAnswer(Number(status), { message: 'no' })],
    );
    expect({ code, left }).toEqual({ code: exitCode, left: [] });
  });
});

describe('a part of several images that fails', () => {
  it('is exit 9; the others are saved, told and named', async () => {
    const answer = jsonAnswer(imagesAnswer(cat, Buffer.from('oops'), dog));
    const { code, stdout, stderr, left } = await draw(['a cat', '-n', '3'], [answer]);
    expect({ code, stdout }).toEqual({ code: 9, stdout: 'a-cat-1.png\na-cat-3.png\n' });
    expect(left).toEqual(['a-cat-1.png', 'a-cat-2.png.part', 'a-cat-3.png']);
    expect(stderr).toMatch(
      /^oai: image 2 of 3 failed: what api\.openai\.com sent is not an image\n {5}what arrived is in .*a-cat-2\.png\.part; saved: a-cat-1\.png, a-cat-3\.png\n$/,
    );
  });

  it('is exit 9 when one of several requests fails', async () => {
    const argv = [
      'a cat',
      '-n',
      '2',
      '-m',
      'dall-e-3',
      '--json',
      '--base-url',
      'http://localhost:9/v1',
      '--retries',
      '0',
    ];
    const { code, stdout, stderr } = await draw(argv, [
      errorAnswer(400, { message: 'no dogs' }),
      jsonAnswer(imagesAnswer(dog)),
    ]);
    expect(code).toBe(9);
    expect(JSON.parse(stdout)).toMatchObject({ data: [{ path: 'a-cat-2.png' }] });
    expect(JSON.parse(stderr)).toMatchObject({
      error: {
        message: 'image 1 of 2 failed: no dogs; saved: a-cat-2.png',
        exitCode: 9,
        status: 400,
        requestId: 'req_stub',
      },
    });
  });

  it('is told of an answer that has fewer than were asked for', async () => {
    const { code, stdout, stderr } = await draw(['a cat', '-n', '3'], [jsonAnswer(imagesAnswer(cat, dog))]);
    expect({ code, stdout }).toEqual({ code: 9, stdout: 'a-cat-1.png\na-cat-2.png\n' });
    expect(stderr).toContain('oai: image 3 of 3 failed: api.openai.com answered with 2 of 3 images');
  });

  it('keeps the rest from being asked for when it would fail as well', async () => {
    const argv = [
      'a cat',
      '-n',
      '20',
      '-m',
      'dall-e-3',
      '--base-url',
      'http://localhost:9/v1',
      '--retries',
      '0',
    ];
    const refuse = () => errorAnswer(401, { message: 'bad key' });
    const { code, requests, stderr } = await draw(argv, [refuse(), refuse(), refuse(), refuse()]);
    expect(code).toBe(3);
    expect(requests).toHaveLength(4);
    expect(stderr).toMatch(/^oai: bad key/);
  });
});

describe('previews', () => {
  const partial = (index: number, bytes: Uint8Array) => ({
    type: 'image_generation.partial_image',
    partial_image_index: index,
    b64_json: Buffer.from(bytes).toString('base64'),
  });
  const completed = {
    type: 'image_generation.completed',
    b64_json: cat.toString('base64'),
    created_at: 7,
    size: '1024x1024',
    usage: { input_tokens: 1, output_tokens: 2, total_tokens: 3 },
  };

  it('are saved beside the image and told on stderr', async () => {
    const events = eventStream([partial(0, dog), partial(1, dog), completed], { done: false });
    const { code, stdout, stderr, left, requests, cwd } = await draw(['a cat', '--partial', '2'], [events]);
    expect({ code, stdout, left }).toEqual({
      code: 0,
      stdout: 'a-cat.png\n',
      left: ['a-cat.partial-1.png', 'a-cat.partial-2.png', 'a-cat.png'],
    });
    expect(stderr).toBe(
      'oai: preview 1: a-cat.partial-1.png\noai: preview 2: a-cat.partial-2.png\noai: 3 tokens: 1 in, 2 out\n',
    );
    const sent: unknown = await requests[0]?.json();
    expect(sent).toEqual({ ...plain, stream: true, partial_images: 2 });
    checkRequest('POST', '/images/generations', sent);
    expect(await readFile(join(cwd, 'a-cat.png'))).toEqual(cat);
    expect(await readFile(join(cwd, 'a-cat.partial-1.png'))).toEqual(dog);
  });

  it('leave the JSON document as it is without them', async () => {
    const events = eventStream([partial(0, dog), completed], { done: false });
    const { stdout } = await draw(['a cat', '--partial', '1', '--json', '-q'], [events]);
    expect(JSON.parse(stdout)).toEqual({
      created: 7,
      size: '1024x1024',
      data: [{ path: 'a-cat.png' }],
      usage: completed.usage,
    });
  });

  it('may be far apart, unless the user says otherwise', async () => {
    const clock = new FakeClock();
    const events = () => {
      const encoder = new TextEncoder();
      const send = (event: object) => encoder.encode(`data: ${JSON.stringify(event)}\n\n`);
      let step = 0;
      let open = true;
      const body = new ReadableStream<Uint8Array>(
        {
          pull(controller) {
            step += 1;
            if (step === 1) controller.enqueue(send(partial(0, dog)));
            else if (step === 2) {
              clock.advance(120_000);
              setImmediate(() => {
                if (!open) return;
                controller.enqueue(send(completed));
                controller.close();
              });
            }
          },
          cancel() {
            open = false;
          },
        },
        { highWaterMark: 0 },
      );
      return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
    };
    expect(await draw(['a cat', '--partial', '1'], [events()], { clock })).toMatchObject({ code: 0 });
    const argv = ['a cat', '--partial', '1', '--stall-timeout', '90s', '--retries', '0'];
    const { code, stderr } = await draw(argv, [events()], { clock });
    expect(code).toBe(6);
    expect(stderr).toContain('the answer stalled: nothing came for 90s');
  });

  it('are what is left when the stream breaks off', async () => {
    const { code, stdout, stderr, left } = await draw(
      ['a cat', '--partial', '2', '--retries', '0'],
      [eventStream([partial(0, dog)], { done: false })],
    );
    expect({ code, stdout, left }).toEqual({ code: 6, stdout: '', left: ['a-cat.partial-1.png'] });
    expect(stderr).toContain('oai: api.openai.com ended the answer before the image was complete\n');
  });

  it('do without a stream where the server knows none', async () => {
    const { code, stdout } = await draw(['a cat', '--partial', '2', '-q']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'a-cat.png\n' });
  });

  it('are asked for image by image', async () => {
    const argv = ['a cat', '--partial', '1', '-n', '2', '-q'];
    const { code, requests, left } = await draw(argv, [
      eventStream([partial(0, dog), completed], { done: false }),
      eventStream([partial(0, dog), completed], { done: false }),
    ]);
    expect(code).toBe(0);
    for (const request of requests) expect(await request.json()).not.toHaveProperty('n');
    expect(left).toEqual(['a-cat-1.partial-1.png', 'a-cat-1.png', 'a-cat-2.partial-1.png', 'a-cat-2.png']);
  });

  it('are not written into a pipe that wants the image', async () => {
    const events = eventStream([partial(0, dog), completed], { done: false });
    const { context, left } = await draw(['a cat', '--partial', '1', '-o', '-'], [events]);
    expect(left).toEqual([]);
    expect(context.stdout.bytes).toEqual(cat);
  });
});

describe('what is more, or else, than was asked for', () => {
  it.each([
    ['a file', ['-o', 'x.png'], ['x-2.png', 'x.png'], 'x.png\nx-2.png\n'],
    ['a file that is replaced', ['-o', 'x.png', '--force'], ['x-2.png', 'x.png'], 'x.png\nx-2.png\n'],
    ['a pattern', ['-o', 'x{n}.png'], ['x1.png', 'x2-2.png'], 'x1.png\nx2-2.png\n'],
  ])('is kept beside %s', async (_, flags, files, paths) => {
    const { code, stdout, left, cwd } = await draw(['a cat', ...flags], [jsonAnswer(imagesAnswer(cat, dog))]);
    expect({ code, stdout, left }).toEqual({ code: 0, stdout: paths, left: files });
    expect(await readFile(join(cwd, paths.split('\n')[0] ?? ''))).toEqual(cat);
  });

  it('has no place on stdout', async () => {
    const { code, context, stderr } = await draw(['a cat', '-o', '-'], [jsonAnswer(imagesAnswer(cat, dog))]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'oai: left out an image that was not asked for\n' });
    expect(context.stdout.bytes).toEqual(cat);
  });

  it('cannot lead a preview out of its folder', async () => {
    const event = {
      type: 'image_generation.partial_image',
      partial_image_index: '/../../../escaped-',
      b64_json: dog.toString('base64'),
    };
    const completed = { type: 'image_generation.completed', b64_json: cat.toString('base64'), created_at: 1 };
    const { code, left } = await draw(
      ['a cat', '--partial', '1'],
      [eventStream([event, completed], { done: false })],
    );
    expect({ code, left }).toEqual({ code: 0, left: ['a-cat.partial-1.png', 'a-cat.png'] });
  });
});

describe('a file that comes into the way while the image is made', () => {
  it('is not replaced, and the image stays beside it', async () => {
    const cwd = await temporaryFolder();
    const api = stubApi(async () => {
      await writeFile(join(cwd, 'x.png'), 'theirs');
      return jsonAnswer(imagesAnswer(cat));
    });
    const { code, stderr } = await oai(['image', 'a cat', '-o', 'x.png'], { cwd, fetch: api.fetch });
    expect(code).toBe(2);
    expect(stderr).toBe(
      `oai: ${cwd}/x.png exists\n     what was made is in ${cwd}/x.png.part; --force replaces it\n`,
    );
    expect(await readFile(join(cwd, 'x.png'), 'utf8')).toBe('theirs');
    expect(await readFile(join(cwd, 'x.png.part'))).toEqual(cat);
  });

  it('does not matter where the name is as long as names can be', async () => {
    const name = `${'a'.repeat(251)}.png`;
    expect(await draw(['a cat', '-o', name])).toMatchObject({ code: 0, left: [name] });
  });

  it('is said before anything is asked for where a link leads nowhere', async () => {
    const cwd = await temporaryFolder();
    await symlink('missing/x.png', join(cwd, 'x.png'));
    const { code, stderr } = await oai(['image', 'a cat', '-o', 'x.png'], { cwd, fetch: stubApi().fetch });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `oai: cannot write ${cwd}/x.png: no file can be made there\n`,
    });
  });

  it('is none of a working directory that is gone', async () => {
    const { code, stderr } = await oai(['image', 'a cat'], { cwd: '/nowhere', fetch: stubApi().fetch });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'oai: the working directory is gone\n     -o with an absolute path still works\n',
    });
  });
});

describe('a folder that cannot be made any more', () => {
  it('keeps more from being asked for', async () => {
    const argv = [
      'a cat',
      '-n',
      '20',
      '-m',
      'dall-e-3',
      '-o',
      'no/x.png',
      '--base-url',
      'http://localhost:9/v1',
    ];
    const cwd = await temporaryFolder();
    const answers = [0, 1, 2, 3].map(() => async () => {
      await writeFile(join(cwd, 'no'), '', { flag: 'a' });
      return jsonAnswer(imagesAnswer(cat));
    });
    const api = stubApi(...answers);
    const { code, stderr } = await oai(['image', ...argv], { cwd, fetch: api.fetch });
    expect(code).toBe(2);
    expect(stderr).toContain('cannot make the directory');
    expect(api.requests).toHaveLength(4);
  });
});

describe('images on a terminal', () => {
  it('are told by paths that it does not obey', async () => {
    const stdout = new CapturedOutput({ isTTY: true });
    await draw(['a cat', '-o', 'a\u001b[31mcat.png'], undefined, { stdout });
    expect(stdout.text).toBe('a␛[31mcat.png\n');
  });

  it('are not shown by a dry run, which asks the terminal nothing', async () => {
    const stderr = new CapturedOutput({ isTTY: true });
    const { stderr: said } = await draw(['a cat', '--show', '--dry-run'], [], { stderr });
    expect(said).toBe('');
  });
});

describe('how long it took', () => {
  it('is remembered for the next time, but not of the sandbox', async () => {
    const home = await temporaryFolder();
    const clock = new FakeClock();
    const env = { OPENAI_API_KEY: 'sk-x', OAI_HOME: home };
    await draw(['a cat', '--sandbox'], [], { env, clock });
    expect(await readdir(home)).toEqual([]);
    const slow = () => {
      clock.advance(12_000);
      return jsonAnswer(imagesAnswer(cat));
    };
    await draw(['a cat', '--quality', 'high'], [slow], { env, clock });
    const kept = JSON.parse(await readFile(join(home, 'cache', 'durations.json'), 'utf8'));
    expect(kept).toEqual({ 'image gpt-image-2.5-sunburst high auto x1': [12_000] });
  });
});

describe('images by URL', () => {
  it('tell their URL where they cannot be fetched', async () => {
    const url = 'https://10.0.0.1/y.png?signature=0123456789';
    const answer = () => jsonAnswer(imagesAnswer({ url }));
    const { code, stderr } = await draw(['a cat'], [answer()]);
    expect(code).toBe(6);
    expect(stderr).toContain(`oai: its URL: ${url}\n`);
    const told = await draw(['a cat', '--json'], [answer()]);
    expect(JSON.parse(told.stdout)).toMatchObject({ data: [{ url }] });
  });

  it('are fetched at once, with no key', async () => {
    const answer = jsonAnswer(imagesAnswer({ url: 'http://localhost:9/files/cat.png' }));
    const file = new Response(cat, { headers: { 'content-type': 'image/png' } });
    const { code, stdout, requests, cwd } = await draw(
      ['a cat', '--base-url', 'http://localhost:9/v1'],
      [answer, file],
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'a-cat.png\n' });
    expect(await readFile(join(cwd, 'a-cat.png'))).toEqual(cat);
    expect(requests[1]?.headers.get('authorization')).toBeNull();
  });

  it('are kept in the JSON document beside the path', async () => {
    const url = 'http://localhost:9/files/cat.png';
    const file = new Response(cat, { headers: { 'content-type': 'image/png' } });
    const argv = ['a cat', '--json', '--base-url', 'http://localhost:9/v1'];
    const { stdout } = await draw(argv, [jsonAnswer(imagesAnswer({ url })), file]);
    expect(JSON.parse(stdout)).toMatchObject({ data: [{ url, path: 'a-cat.png' }] });
  });

  it.each([
    ['http://files.test/cat.png', /plain http URL/],
    ['https://169.254.169.254/latest/meta-data', /169\.254\.169\.254/],
    ['https://127.0.0.1/cat.png', /127\.0\.0\.1/],
  ])('are not fetched from %s', async (url, message) => {
    const { code, stderr, left, requests } = await draw(['a cat'], [jsonAnswer(imagesAnswer({ url }))]);
    expect({ code, left, requests: requests.length }).toEqual({ code: 6, left: [], requests: 1 });
    expect(stderr).toMatch(message);
  });
});

describe('the sandbox', () => {
  it('draws two otters of the asked size', async () => {
    const { code, stdout, cwd } = await sandboxed(['two otters', '-n', '2', '--size', '1024x1024']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'two-otters-1.png\ntwo-otters-2.png\n' });
    const bytes = await Promise.all([1, 2].map((n) => readFile(join(cwd, `two-otters-${n}.png`))));
    for (const image of bytes) expect(await decodeImage(image)).toMatchObject({ width: 1024, height: 1024 });
    expect(bytes[0]?.equals(bytes[1] ?? Buffer.of())).toBe(false);
  });

  it.each([
    ['png', '1536x1024', 1536, 1024],
    ['jpeg', '1024x1536', 1024, 1536],
    ['webp', '1536x864', 1536, 864],
  ])('writes real %s images', async (format, size, width, height) => {
    const { code, stdout, cwd } = await sandboxed(['a lounge', '-f', format, '--size', size]);
    expect(code).toBe(0);
    expect(await decodeImage(await readFile(join(cwd, stdout.trim())))).toMatchObject({ width, height });
  });

  it('revises the prompt of a siamese cat, and answers with a URL, as dall-e-3 did while it was there', async () => {
    const clock = new FakeClock({ now: Date.parse('2026-01-15T12:00:00Z') });
    const { code, stdout, stderr, left } = await sandboxed(['a siamese cat', '-m', 'dall-e-3', '--json'], {
      clock,
    });
    expect({ code, left }).toEqual({ code: 0, left: ['a-siamese-cat.png'] });
    expect(JSON.parse(stdout)).toMatchObject({
      data: [{ url: expect.stringContaining('http'), revised_prompt: expect.stringContaining('siamese') }],
    });
    expect(stderr).toContain('oai: revised prompt: ');
  });

  it.each([
    ['refusal', 7],
    ['empty', 8],
    ['gone=gpt-image-2.5-sunburst', 4],
    ['429', 5],
    ['drop', 6],
    ['html', 6],
  ])('can fail: %s is exit %i', async (fault, exitCode) => {
    const { code, stdout, left } = await sandboxed(['a cat', '--retries', '0'], {
      env: { OAI_SANDBOX: fault },
    });
    expect({ code, stdout, left }).toEqual({ code: exitCode, stdout: '', left: [] });
  });

  it('sends previews of an image that is cut off', async () => {
    const env = { OAI_SANDBOX: 'cut@2' };
    const { code, left } = await sandboxed(['a cat', '--partial', '3', '--size', '1024x1024'], { env });
    expect({ code, left }).toEqual({ code: 6, left: ['a-cat.partial-1.png', 'a-cat.partial-2.png'] });
  });
});
