import { mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { defaultModels } from '../../src/api/models.ts';
import { jsonAnswer, stubApi } from '../support/api.ts';
import { CapturedOutput, type FakeContextOptions } from '../support/context.ts';
import { decodeImage } from '../support/decode-image.ts';
import { temporaryFolder } from '../support/folder.ts';
import { type FormFile, formOf } from '../support/forms.ts';
import { fill, image, imagesAnswer, png } from '../support/images.ts';
import { oai } from '../support/oai.ts';

const room = png(64, 48);
const hole = png(64, 48, { alpha: true });
const made = png(10, 10);
const file = (name: string, bytes: Buffer, type = 'image/png'): FormFile => ({ name, type, bytes });
const plain = { model: defaultModels.image, prompt: 'add a pool', image: file('room.png', room) };

interface Desk extends FakeContextOptions {
  files?: Record<string, Uint8Array | string>;
  /** Bytes of `sparse.png`, which takes no room. */
  sparse?: number;
}

/** A PNG whose header claims more pixels than there are. */
function vast(): Buffer {
  const bytes = Buffer.from(png(8, 8));
  bytes.writeUInt32BE(60_000, 16);
  bytes.writeUInt32BE(60_000, 20);
  return bytes;
}

/** Runs a command line in a folder with `room.png` and `hole.png`. */
async function edit(
  argv: readonly string[],
  { files = {}, sparse, ...options }: Desk = {},
  answers = [imagesAnswer(made)],
) {
  const cwd = await temporaryFolder();
  await fill(cwd, { 'room.png': room, 'hole.png': hole, ...files });
  if (sparse !== undefined) {
    await writeFile(join(cwd, 'sparse.png'), room);
    await truncate(join(cwd, 'sparse.png'), sparse);
  }
  const api = stubApi(...answers.map((answer) => jsonAnswer(answer)));
  const run = await oai(['edit', ...argv], { cwd, fetch: api.fetch, ...options });
  const left = (await readdir(cwd)).filter(
    (name) => !['room.png', 'hole.png', 'sparse.png', ...Object.keys(files)].includes(name),
  );
  return { ...run, cwd, requests: api.requests, left };
}

describe('the request', () => {
  it.each<[string, string[], object]>([
    ['an image and a prompt', ['room.png', '-p', 'add a pool'], plain],
    ['a last word that names no file as the prompt', ['room.png', 'add a pool'], plain],
    [
      'several images',
      ['room.png', 'hole.png', 'add a pool'],
      { ...plain, image: undefined, 'image[]': [file('room.png', room), file('hole.png', hole)] },
    ],
    [
      'a mask',
      ['room.png', '--mask', 'hole.png', '-p', 'add a pool'],
      { ...plain, mask: file('hole.png', hole) },
    ],
    ['a size', ['room.png', 'add a pool', '--size', '1024x1024'], { ...plain, size: '1024x1024' }],
    [
      'several results',
      ['room.png', 'add a pool', '-n', '1', '--quality', 'hd'],
      { ...plain, quality: 'high' },
    ],
    ['a format', ['room.png', 'add a pool', '-o', 'x.webp'], { ...plain, output_format: 'webp' }],
    ['any other field', ['room.png', 'add a pool', '--param', 'user=me'], { ...plain, user: 'me' }],
    [
      'a fidelity',
      ['room.png', 'add a pool', '--input-fidelity', 'high', '-m', 'gpt-image-1-mini', '-q'],
      { ...plain, model: 'gpt-image-1-mini', input_fidelity: 'high' },
    ],
  ])('holds %s', async (_, argv, fields) => {
    const { code, requests } = await edit(argv);
    expect(code).toBe(0);
    expect(requests[0]?.url).toBe('https://api.openai.com/v1/images/edits');
    expect(await formOf(requests[0])).toEqual(JSON.parse(JSON.stringify(fields), revived));
  });

  it('names two files of one name apart', async () => {
    const cwd = await temporaryFolder();
    await mkdir(join(cwd, 'a'));
    await fill(cwd, { 'room.png': room, 'a/room.png': hole });
    const api = stubApi(jsonAnswer(imagesAnswer(made)));
    await oai(['edit', 'room.png', 'a/room.png', '-p', 'x'], { cwd, fetch: api.fetch });
    expect((await formOf(api.requests[0]))['image[]']).toEqual([
      file('room.png', room),
      file('room-2.png', hole),
    ]);
  });

  it('carries an image from stdin, and gives the result to stdout', async () => {
    const { code, context, requests } = await edit(['-', '-p', 'make it blue', '-o', '-'], { stdin: room });
    expect(code).toBe(0);
    expect(await formOf(requests[0])).toMatchObject({
      image: file('image.png', room),
      prompt: 'make it blue',
    });
    expect(context.stdout.bytes).toEqual(made);
  });

  it('takes the prompt from a pipe, or from a file', async () => {
    const piped = await edit(['room.png'], { stdin: 'add a pool\n' });
    expect(await formOf(piped.requests[0])).toEqual(plain);
    const read = await edit(['room.png', '-p', '@wish.txt'], { files: { 'wish.txt': 'add a pool\n' } });
    expect(await formOf(read.requests[0])).toEqual(plain);
  });

  it('carries an image that is fetched', async () => {
    const cwd = await temporaryFolder();
    const api = stubApi(
      new Response(room, { headers: { 'content-type': 'image/png' } }),
      jsonAnswer(imagesAnswer(made)),
    );
    const { code } = await oai(['edit', 'http://127.0.0.1:9/room.png', 'add a pool'], {
      cwd,
      fetch: api.fetch,
    });
    expect(code).toBe(0);
    expect(api.requests[0]?.headers.get('authorization')).toBeNull();
    expect(await formOf(api.requests[1])).toEqual({ ...plain, image: file('image.png', room) });
  });

  it('tells the kind of an image by its bytes', async () => {
    const webp = await image('webp', 20, 20);
    const { requests } = await edit(['room.jpg', 'x'], { files: { 'room.jpg': webp } });
    expect(await formOf(requests[0])).toMatchObject({ image: file('room.jpg', webp, 'image/webp') });
  });

  it('leaves out what the model does by itself, and says so', async () => {
    const { requests, stderr } = await edit(['room.png', 'add a pool', '--input-fidelity', 'high']);
    expect(await formOf(requests[0])).toEqual(plain);
    expect(stderr).toBe(
      'oai: gpt-image-2.5-sunburst always keeps closely to the image: left out --input-fidelity high\n',
    );
  });

  it('names the file after the prompt', async () => {
    const { stdout, left } = await edit(['room.png', 'add a pool']);
    expect({ stdout, left }).toEqual({ stdout: 'add-a-pool.png\n', left: ['add-a-pool.png'] });
  });
});

describe('--mask-rect', () => {
  it('makes a mask that is transparent there', async () => {
    const { requests } = await edit(['room.png', '--mask-rect', '10,20,30,5', '-p', 'x']);
    const { mask } = (await formOf(requests[0])) as { mask: FormFile };
    expect(mask).toMatchObject({ name: 'mask.png', type: 'image/png' });
    const { width, height, at } = await decodeImage(mask.bytes);
    expect({ width, height }).toEqual({ width: 64, height: 48 });
    const alpha = (x: number, y: number) => at(x, y)[3];
    const transparent = [];
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) if (alpha(x, y) === 0) transparent.push([x, y]);
    }
    expect(transparent).toHaveLength(30 * 5);
    expect([transparent[0], transparent.at(-1)]).toEqual([
      [10, 20],
      [39, 24],
    ]);
    expect(alpha(9, 20)).toBe(255);
  });
});

describe('--dry-run', () => {
  it('is a command that sends the same form', async () => {
    const { code, stdout, left } = await edit(
      ['room.png', '--mask', 'hole.png', '-p', "it's @new", '--dry-run'],
      {},
      [],
    );
    expect({ code, left }).toEqual({ code: 0, left: [] });
    expect(stdout).toBe(
      [
        'curl -sSN https://api.openai.com/v1/images/edits',
        '  -H "Authorization: Bearer $OPENAI_API_KEY"',
        '  --form-string model=gpt-image-2.5-sunburst',
        "  --form-string 'prompt=it'\\''s @new'",
        `  -F 'image=@"room.png";type=image/png;filename="room.png"'`,
        `  -F 'mask=@"hole.png";type=image/png;filename="hole.png"'\n`,
      ].join(' \\\n'),
    );
  });

  it('is harmless on a terminal, and finds paths with quotes in them', async () => {
    const stdout = new CapturedOutput({ isTTY: true });
    const files = { 'a "b".png': room };
    await edit(['a "b".png', '-p', '\u001b]0;x\u0007', '--dry-run'], { stdout, files }, []);
    expect(stdout.text).toContain('prompt=␛]0;x␇');
    expect(stdout.text).toContain(`-F 'image=@"a \\"b\\".png";type=image/png;filename="a \\"b\\".png"'`);
  });

  it('makes the files that only this program has, and names stdin and URLs', async () => {
    const made = await edit(['room.png', '--mask-rect', '0,0,5,5', '-p', 'x', '--dry-run'], {}, []);
    expect(made.stdout).toMatch(
      /^dir=\$\(mktemp -d\)\nbase64 -d >"\$dir"\/mask\.png <<'BASE64'\n[A-Za-z0-9+/=\n]+\nBASE64\ncurl /,
    );
    expect(made.stdout).toContain(`-F mask=@"$dir"/mask.png';type=image/png;filename="mask.png"'`);
    const url = 'https://example.com/a_room.png';
    const fetched = await edit([url, '--mask', 'hole.png', '-p', 'x', '--dry-run'], {}, []);
    expect(fetched.stdout).toMatch(
      /^dir=\$\(mktemp -d\)\ncurl -fsSL https:\/\/example\.com\/a_room\.png -o "\$dir"\/image\.png\ncurl -sSN /,
    );
    const piped = await edit(['-', '-p', 'x', '--dry-run'], { stdin: room }, []);
    expect(piped.stdout).toContain(`-F 'image=@-;type=image/png;filename="image.png"'`);
  });
});

describe('bad input, answered before anything is sent', () => {
  const large = Buffer.alloc(60 * 1024 * 1024);
  large.set(room);

  it.each<[string, string[], Desk, string]>([
    [
      'a file that is not there',
      ['nowhere.png', '-p', 'x'],
      {},
      'oai: cannot read nowhere.png: no such file\n',
    ],
    ['a directory', ['.', '-p', 'x'], {}, 'oai: cannot read .: it is a directory\n'],
    [
      'a text file named .png',
      ['notes.png', '-p', 'x'],
      { files: { 'notes.png': 'just text' } },
      'oai: notes.png is not an image: its bytes are text; it must be PNG, JPEG or WebP\n',
    ],
    [
      'bytes that are nothing',
      ['noise.png', '-p', 'x'],
      { files: { 'noise.png': Buffer.from([1, 2, 3, 0, 5, 6, 7, 8, 9, 10, 11, 12]) } },
      'oai: noise.png is not an image: its bytes are of no kind that is known; it must be PNG, JPEG or WebP\n',
    ],
    [
      'a truncated image',
      ['cut.png', '-p', 'x'],
      { files: { 'cut.png': room.subarray(0, 60) } },
      'oai: cut.png breaks off: it is the first 60 bytes of a PNG\n',
    ],
    ['0 bytes', ['none.png', '-p', 'x'], { files: { 'none.png': '' } }, 'oai: none.png is empty (0 bytes)\n'],
    [
      '60 MB',
      ['large.png', '-p', 'x'],
      { files: { 'large.png': large } },
      'oai: large.png is 60 MB; the API takes images below 50 MB\n',
    ],
    ['an empty stdin', ['-', '-p', 'x'], { stdin: '' }, 'oai: stdin is empty (0 bytes)\n'],
    [
      'a mask of another size',
      ['room.png', '--mask', 'small.png', '-p', 'x'],
      { files: { 'small.png': png(10, 10, { alpha: true }) } },
      'oai: small.png is 10x10 and room.png is 64x48: a mask has the size of its image\n',
    ],
    [
      'a mask without alpha',
      ['room.png', '--mask', 'solid.png', '-p', 'x'],
      { files: { 'solid.png': png(64, 48) } },
      'oai: solid.png has no alpha channel: a mask is transparent where the image may change\n     --mask-rect x,y,w,h makes one\n',
    ],
    [
      'a mask that is missing',
      ['room.png', '--mask', 'nowhere.png', '-p', 'x'],
      {},
      'oai: cannot read nowhere.png: no such file\n',
    ],
    [
      'a rectangle outside of the image',
      ['room.png', '--mask-rect', '60,0,10,10', '-p', 'x'],
      {},
      'oai: --mask-rect 60,0,10,10 does not lie within room.png, which is 64x48\n',
    ],
    [
      'a rectangle that is none',
      ['room.png', '--mask-rect', '1,2,3', '-p', 'x'],
      {},
      'oai: --mask-rect 1,2,3 is not x,y,width,height in pixels, such as 100,50,200,200\n',
    ],
    [
      'a rectangle of nothing',
      ['room.png', '--mask-rect', '1,2,0,3', '-p', 'x'],
      {},
      'oai: --mask-rect 1,2,0,3 is not x,y,width,height in pixels, such as 100,50,200,200\n',
    ],
    [
      'two masks',
      ['room.png', '--mask', 'hole.png', '--mask-rect', '0,0,1,1', '-p', 'x'],
      {},
      'oai: --mask and --mask-rect contradict each other\n',
    ],
    [
      'a huge file, which is not read',
      ['sparse.png', '-p', 'x'],
      { sparse: 5_000_000_000 },
      'oai: sparse.png is 4768.4 MB; the API takes images below 50 MB\n',
    ],
    [
      'a device that never ends',
      ['/dev/zero', '-p', 'x'],
      {},
      'oai: /dev/zero goes on beyond 50 MB, where images end\n',
    ],
    [
      'more than DALL·E 2 took',
      ['room.png', '-p', 'x', '-m', 'dall-e-2', '-q'],
      { files: { 'room.png': Buffer.concat([room, Buffer.alloc(5 * 1024 * 1024)]) } },
      'oai: room.png is 5.1 MB; the API takes images below 4 MB\n',
    ],
    ['an empty name', ['', '-p', 'x'], {}, 'oai: the name of the image is empty\n'],
    [
      'a rectangle below the image',
      ['room.png', '--mask-rect', '0,40,10,10', '-p', 'x'],
      {},
      'oai: --mask-rect 0,40,10,10 does not lie within room.png, which is 64x48\n',
    ],
    [
      'a mask of an image that is too large for one',
      ['vast.png', '--mask-rect', '0,0,1,1', '-p', 'x'],
      { files: { 'vast.png': vast() } },
      'oai: vast.png is 60000x60000: a mask is made for up to 50 million pixels\n',
    ],
    [
      'no prompt beside an image on stdin',
      ['-'],
      { stdin: room },
      'oai: no prompt\n     -p "what to change"; stdin is the image\n',
    ],
    [
      'a prompt from stdin beside an image from there',
      ['-', '-p', '@-'],
      { stdin: room },
      'oai: stdin can be read once, but the image and --prompt both want it\n     put one of them in a file\n',
    ],
    [
      'stdin for two images',
      ['-', '-', '-p', 'x'],
      { stdin: room },
      'oai: stdin can be read once, but image 1 and image 2 both want it\n     put one of them in a file\n',
    ],
    [
      'an image to be typed',
      ['-', '-p', 'x'],
      { stdinTTY: true },
      'oai: the image is to come from stdin, which is a terminal\n     pipe it in, or name a file\n',
    ],
    [
      'a null within',
      ['room.png', 'x y', '--param', 'a.b=null'],
      {},
      'oai: --param a: a request with files has no null\n',
    ],
    [
      'no prompt',
      ['room.png'],
      {},
      'oai: no prompt\n     give it as words, or pipe it in; --help shows how\n',
    ],
    ['an empty prompt', ['room.png', '-p', ' '], {}, 'oai: --prompt is empty\n'],
    [
      'no image',
      ['add a pool'],
      {},
      'oai: no image: there is no file add a pool\n     oai edit IMAGE… -p "what to change"\n',
    ],
    [
      'a slip in the name of an image, which is not taken for a prompt',
      ['room.png', 'hoel.png'],
      { stdin: 'x' },
      'oai: cannot read hoel.png: no such file\n     if that is the prompt: -p\n',
    ],
    [
      'seventeen images',
      [...Array.from({ length: 17 }, () => 'room.png'), '-p', 'x'],
      {},
      'oai: 17 images: the API takes up to 16 at a time\n',
    ],
    [
      'a fidelity that the model does not have',
      ['room.png', 'x y', '--input-fidelity', 'low'],
      {},
      'oai: gpt-image-2.5-sunburst always keeps closely to the image: it has no --input-fidelity low\n     -m gpt-image-1.5 has\n',
    ],
    [
      'a null',
      ['room.png', 'x y', '--param', 'user=null'],
      {},
      'oai: --param user: a request with files has no null\n',
    ],
    [
      'stdin for two',
      ['-', '--mask', '-', '-p', 'x'],
      { stdin: room },
      'oai: stdin can be read once, but the image and --mask both want it\n     put one of them in a file\n',
    ],
    ['a link-local address', ['http://169.254.169.254/x.png', 'x y'], {}, 'oai: '],
  ])('%s', async (_, argv, desk, message) => {
    const { code, stdout, stderr, left } = await edit(argv, desk, []);
    expect({ code, stdout, left }).toEqual({ code: 2, stdout: '', left: [] });
    if (message === 'oai: ') expect(stderr).toContain('169.254.169.254');
    else expect(stderr).toBe(message);
  });

  it('is told of a GIF, with the way out', async () => {
    const { code, stderr } = await edit(
      ['x.gif', '-p', 'x'],
      { files: { 'x.gif': await image('gif', 9, 9) } },
      [],
    );
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'oai: x.gif is GIF; it must be PNG, JPEG or WebP\n     for example: magick x.gif x.png\n',
    });
  });
});

describe('an image on its side', () => {
  it('is masked as people see it', async () => {
    const plain = { create: { width: 64, height: 32, channels: 3, background: 'red' } } as const;
    const turned = await sharp(plain).jpeg().withMetadata({ orientation: 6 }).toBuffer();
    const files = {
      'x.jpg': turned,
      'tall.png': png(32, 64, { alpha: true }),
      'wide.png': png(64, 32, { alpha: true }),
    };
    const { code, requests } = await edit(['x.jpg', '--mask-rect', '0,40,10,10', '-p', 'x'], { files });
    expect(code).toBe(0);
    const { mask } = (await formOf(requests[0])) as { mask: FormFile };
    expect(await decodeImage(mask.bytes)).toMatchObject({ width: 32, height: 64 });
    for (const name of ['tall.png', 'wide.png']) {
      expect(await edit(['x.jpg', '--mask', name, '-p', 'x'], { files })).toMatchObject({ code: 0 });
    }
    const beyond = await edit(['x.jpg', '--mask-rect', '40,0,10,10', '-p', 'x'], { files }, []);
    expect(beyond.stderr).toBe('oai: --mask-rect 40,0,10,10 does not lie within x.jpg, which is 32x64\n');
  });

  it('is not one that is no JPEG', async () => {
    const files = { 'x.png': png(64, 32), 'tall.png': png(32, 64, { alpha: true }) };
    expect(await edit(['x.png', '--mask', 'tall.png', '-p', 'x'], { files }, [])).toMatchObject({ code: 2 });
  });
});

describe('a mask', () => {
  it('that is transparent nowhere is warned about', async () => {
    const { code, stderr } = await edit(['room.png', '--mask', 'hole.png', '-p', 'x']);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'oai: hole.png is transparent nowhere: nothing may change\n',
    });
  });
});

describe('the sandbox', () => {
  it('fetches no images of others', async () => {
    const { code, stderr } = await oai(['edit', '--sandbox', 'http://127.0.0.1:9/x.png', 'x y'], {
      cwd: '/',
    });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr:
        'oai: http://127.0.0.1:9/x.png: the sandbox fetches nothing\n     save it first, for example with curl -O\n',
    });
  });

  it('adds a pool to a lounge behind a mask', async () => {
    const cwd = await temporaryFolder();
    await fill(cwd, { 'lounge.png': png(1024, 1024), 'mask.png': png(1024, 1024, { alpha: true }) });
    const argv = ['edit', '--sandbox', 'lounge.png', '--mask', 'mask.png', '-p', 'a pool with a flamingo'];
    const { code, stdout } = await oai(argv, { cwd });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'a-pool-with-a-flamingo.png\n' });
    const bytes = await readFile(join(cwd, 'a-pool-with-a-flamingo.png'));
    expect(await decodeImage(bytes)).toMatchObject({ width: 1024, height: 1024 });
  });

  it('answers with a URL where asked to', async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'room.png'), room);
    const env = { OAI_SANDBOX: 'urls' };
    const { code, stdout } = await oai(['edit', '--sandbox', 'room.png', 'add a pool', '--json'], {
      cwd,
      env,
    });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ data: [{ url: expect.any(String), path: 'add-a-pool.png' }] });
    expect(await decodeImage(await readFile(join(cwd, 'add-a-pool.png')))).toMatchObject({ width: 1536 });
  });
});

/** Buffers, which JSON writes as objects, as buffers. */
function revived(_: string, value: unknown): unknown {
  const isBuffer = typeof value === 'object' && value !== null && 'data' in value && 'type' in value;
  return isBuffer && Array.isArray(value.data) ? Buffer.from(value.data) : value;
}
