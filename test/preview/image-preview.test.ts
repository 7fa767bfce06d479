import { inflateSync } from 'node:zlib';
import xterm from '@xterm/headless';
import { decode as decodePng } from 'fast-png';
import { describe, expect, it, vi } from 'vitest';
import { Stopped } from '../../src/errors.ts';
import { type ChafaLoader, importChafa } from '../../src/preview/chafa.ts';
import { imagePreview } from '../../src/preview/image-preview.ts';
import { CapturedOutput, type FakeContext, fakeContext } from '../support/context.ts';
import { emptyPng, gif, jpeg, png, webp } from './sample-images.ts';

const KITTY = { TERM: 'xterm-kitty' };
const ITERM2 = { TERM: 'xterm-256color', TERM_PROGRAM: 'iTerm.app' };
const MINTTY = { TERM: 'xterm-256color', TERM_PROGRAM: 'mintty' };
const BLOCKS = { TERM: 'xterm-256color', TERM_PROGRAM: 'Apple_Terminal', COLORTERM: 'truecolor' };

interface TerminalOptions {
  readonly env?: Record<string, string>;
  /** What the terminal says when it is asked. */
  readonly reply?: string;
  readonly color?: boolean;
  readonly columns?: number;
}

function onTerminal({ env = BLOCKS, reply = '', color = true, columns = 80 }: TerminalOptions): FakeContext {
  const stderr = Object.assign(new CapturedOutput({ isTTY: true, color }), { columns });
  return fakeContext({ env, stderr, askTerminal: async () => reply });
}

/** What is written on stderr when the image is drawn; never is anything on stdout. */
async function drawn(image: Uint8Array, options: TerminalOptions = {}, load?: ChafaLoader): Promise<string> {
  const context = onTerminal(options);
  const preview = await imagePreview(context, load);
  await preview?.draw(image);
  expect(context.stdout.text).toBe('');
  return context.stderr.text;
}

/** The commands of Kitty's protocol in a text, and what is beside them. */
function kittyCommands(text: string) {
  const commands = [...text.matchAll(/\u001b_G([^;]*);([A-Za-z0-9+/=]*)\u001b\\/g)].map(
    ([, keys = '', payload = '']) => ({
      keys: Object.fromEntries(keys.split(',').map((key) => key.split('=') as [string, string])),
      payload,
    }),
  );
  return { commands, rest: text.replace(/\u001b_G[^\u001b]*\u001b\\/g, '') };
}

const notInstalled: ChafaLoader = () =>
  Promise.reject(
    Object.assign(new Error("Cannot find package 'chafa-wasm'"), { code: 'ERR_MODULE_NOT_FOUND' }),
  );
const refused: ChafaLoader = () => Promise.reject(new Error('loaded'));

describe('where there is no terminal', () => {
  it.each([
    ['stderr is a pipe', {}, false],
    ['the terminal is dumb', { TERM: 'dumb' }, true],
  ])('nothing is asked, loaded or drawn: %s', async (_, env, isTTY) => {
    const asked = vi.fn();
    const context = fakeContext({ env, stderr: new CapturedOutput({ isTTY }), askTerminal: asked });
    const load = vi.fn(refused);
    expect(await imagePreview(context, load)).toBeUndefined();
    expect([asked.mock.calls, load.mock.calls, context.stderr.text]).toEqual([[], [], '']);
  });
});

describe("Kitty's protocol", () => {
  it('takes a PNG as it is, in pieces, and asks for no answer', async () => {
    // Noise, so that there are several pieces.
    const sharp = (await import('sharp')).default;
    const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const;
    const file = await sharp({
      create: { width: 90, height: 60, channels: 3, noise, background: 'black' },
    })
      .png()
      .toBuffer();
    const { commands, rest } = kittyCommands(await drawn(file, { env: KITTY }, refused));
    const [first, ...others] = commands;
    expect(first?.keys).toEqual({ a: 'T', q: '2', f: '100', c: '11', m: '1' });
    expect(others.length).toBeGreaterThan(1);
    expect(others.map(({ keys }) => keys)).toEqual(
      others.map((_, at) => ({ q: '2', m: at === others.length - 1 ? '0' : '1' })),
    );
    for (const { payload } of commands.slice(0, -1)) expect(payload.length).toBe(4096);
    expect(commands.at(-1)?.payload.length).toBeLessThanOrEqual(4096);
    expect(Buffer.from(commands.map(({ payload }) => payload).join(''), 'base64')).toEqual(file);
    expect(rest).toBe('\u001b[0m\n');
  });

  it('has one last piece where a single one is enough', async () => {
    const { commands } = kittyCommands(await drawn(png(8, 8), { env: KITTY }, refused));
    expect(commands.map(({ keys }) => keys)).toEqual([{ a: 'T', q: '2', f: '100', c: '1', m: '0' }]);
  });

  it.each([
    ['jpeg', jpeg],
    ['webp', webp],
  ])('takes the pixels of a %s', async (_, make) => {
    const { commands, rest } = kittyCommands(await drawn(await make(320, 200), { env: KITTY }));
    expect(commands[0]?.keys).toMatchObject({ a: 'T', q: '2', f: '32', o: 'z', s: '320', v: '200', c: '40' });
    const pixels = inflateSync(Buffer.from(commands.map(({ payload }) => payload).join(''), 'base64'));
    expect(pixels.length).toBe(320 * 200 * 4);
    const [red = 0, , blue = 0, alpha] = pixels;
    expect([red > 180, blue < 60, alpha]).toEqual([true, true, 255]);
    expect(rest).toBe('\u001b[0m\n');
  });

  it('gets the side that stops the picture from being larger', async () => {
    const keys = async (width: number, height: number, columns: number) =>
      kittyCommands(await drawn(png(width, height), { env: KITTY, columns })).commands[0]?.keys;
    expect(await keys(1000, 500, 80)).toMatchObject({ c: '40' });
    expect(await keys(1000, 500, 30)).toMatchObject({ c: '30' });
    expect(await keys(500, 1000, 80)).toMatchObject({ r: '20' });
    expect(await keys(500, 1000, 80)).not.toHaveProperty('c');
  });

  it('is found out by asking', async () => {
    const reply = '\u001b_Gi=31;OK\u001b\\\u001b[?62c';
    const { commands } = kittyCommands(await drawn(png(), { env: { TERM: 'xterm' }, reply }, refused));
    expect(commands[0]?.keys).toMatchObject({ a: 'T', f: '100' });
  });
});

describe("iTerm2's protocol", () => {
  it.each([
    ['png', async () => png()],
    ['jpeg', () => jpeg()],
    ['gif', gif],
    ['webp', () => webp()],
  ])('takes a %s as it is', async (_, make) => {
    const file = await make();
    const text = await drawn(file, { env: ITERM2 }, refused);
    const [, keys = '', payload = '', rest] =
      /^\u001b\]1337;File=([^:]*):([A-Za-z0-9+/=]*)\u0007(.*)$/s.exec(text) ?? [];
    expect(keys.split(';')).toEqual(['inline=1', `size=${file.length}`, 'width=8', 'preserveAspectRatio=1']);
    expect(Buffer.from(payload, 'base64')).toEqual(Buffer.from(file));
    expect(rest).toBe('\u001b[0m\n');
  });

  it('bounds what is high by its height', async () => {
    expect(await drawn(png(100, 900), { env: ITERM2 }, refused)).toContain(
      ';height=20;preserveAspectRatio=1:',
    );
  });

  it('is borrowed by terminals that show WebP by Sixel', async () => {
    expect(await drawn(png(), { env: MINTTY }, refused)).toContain('\u001b]1337;File=');
    expect(await drawn(await webp(), { env: MINTTY })).toMatch(/^\u001bP[\d;]*q/);
  });
});

describe('Sixel', () => {
  it.each([
    [png(1024, 1024), 80, [400, 400]],
    [png(1536, 1024), 80, [480, 320]],
    [png(1024, 1024), 20, [160, 160]],
    [png(64, 32), 80, [64, 32]],
  ])('draws a picture in the midst of the screen (%#)', async (file, columns, size) => {
    const text = await drawn(file, { env: { TERM: 'foot' }, reply: '\u001b[?62;4;22c', columns });
    // Raster attributes: `" Pan ; Pad ; Ph ; Pv`, the last two in pixels.
    const [, width, height] = /^\u001bP[\d;]*q"1;1;(\d+);(\d+)/.exec(text) ?? [];
    expect([Number(width), Number(height)]).toEqual(size);
    expect(text.endsWith('\u001b\\\u001b[0m\n')).toBe(true);
  });
});

/** Draws a text on a terminal of 80 columns, and gives its rows of cells. */
async function screen(text: string) {
  const terminal = new xterm.Terminal({ cols: 80, rows: 24, allowProposedApi: true, convertEol: true });
  await new Promise<void>((resolve) => terminal.write(text, resolve));
  const { active } = terminal.buffer;
  const cell = (x: number, y: number) => {
    const found = active.getLine(y)?.getCell(x);
    return {
      text: found?.getChars() ?? '',
      isRGB: Boolean(found?.isFgRGB() && found.isBgRGB()),
      isPalette: Boolean(found?.isFgPalette() && found.isBgPalette()),
      fg: found?.getFgColor() ?? -1,
      bg: found?.getBgColor() ?? -1,
    };
  };
  const lines = Array.from({ length: 24 }, (_, y) => active.getLine(y)?.translateToString(true) ?? '');
  return { cell, lines, cursor: { x: active.cursorX, y: active.cursorY } };
}

describe('half-blocks', () => {
  it('are coloured as the picture, and leave the cursor on a fresh line', async () => {
    const { cell, lines, cursor } = await screen(await drawn(png(512, 512)));
    expect(lines.map((line) => line.length)).toEqual([...Array(20).fill(40), 0, 0, 0, 0]);
    expect(cursor).toEqual({ x: 0, y: 20 });
    for (const y of [0, 10, 19]) {
      // libchafa's arithmetic takes one off each of 220, 20 and 20.
      expect(cell(2, y)).toEqual({ text: '▄', isRGB: true, isPalette: false, fg: 0xdb1313, bg: 0xdb1313 });
      expect(cell(37, y)).toEqual({ text: '▄', isRGB: true, isPalette: false, fg: 0x1313db, bg: 0x1313db });
    }
    expect(cell(40, 0)).toMatchObject({ isRGB: false });
  });

  it('fit a narrow terminal', async () => {
    const { lines } = await screen(await drawn(png(512, 512), { columns: 13 }));
    expect(lines.map((line) => line.length).slice(0, 8)).toEqual([13, 13, 13, 13, 13, 13, 13, 0]);
  });

  it('draw JPEG and WebP, too', async () => {
    for (const file of [await jpeg(), await webp()]) {
      const { cell } = await screen(await drawn(file));
      expect([cell(2, 2).fg >> 16 > 180, (cell(37, 2).fg & 255) > 180]).toEqual([true, true]);
    }
  });

  it.each([
    [{ COLORTERM: '24bit', TERM: 'xterm' }, 38, ['2;219;19;19']],
    [{ TERM: 'xterm-256color' }, 38, ['5;160', '5;1']],
  ])('have the colours of %j', async (env, code, colors) => {
    const text = await drawn(png(), { env });
    expect(colors.some((color) => text.includes(`\u001b[${code};${color};`))).toBe(true);
    expect(text.includes(';2;219')).toBe(colors[0]?.startsWith('2;'));
  });

  it('have 16 colours where no more are known', async () => {
    const text = await drawn(png(), { env: { TERM: 'xterm' } });
    const { cell } = await screen(text);
    expect(cell(2, 2)).toMatchObject({ isPalette: true });
    expect(text).not.toMatch(/[;[][34]8;/);
  });

  it('have no colour where there must be none, and are drawn all the same', async () => {
    const text = await drawn(png(512, 512), { color: false });
    expect(text).not.toContain('\u001b');
    const { lines } = await screen(text);
    expect(lines.slice(0, 20).every((line) => /[▀-▟]/.test(line))).toBe(true);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(40);
  });

  it('are what a terminal gets that does not answer', async () => {
    const context = onTerminal({});
    context.askTerminal = (_query, _isAnswered, limit) =>
      new Promise((resolve) => context.clock.timer(limit, () => resolve('')));
    const preview = imagePreview(Object.assign(context, { env: { TERM: 'xterm-256color' } }));
    await context.clock.asked(200);
    context.clock.advance(200);
    await (await preview)?.draw(png());
    expect(context.stderr.text).toContain('▄');
  });
});

describe('beside the picture', () => {
  it('stands its caption, which can do no harm', async () => {
    const context = onTerminal({ env: KITTY });
    context.secrets.add('sk-secret-secret');
    const preview = await imagePreview(context, refused);
    await preview?.draw(png(), { caption: 'sea\u001b[2J\n1 of 2 sk-secret-secret' });
    expect(kittyCommands(context.stderr.text).rest).toBe('\u001b[0m\nsea␛[2J 1 of 2 [key]\n');
  });

  it('is no spinner: it makes room for the question and for the picture', async () => {
    const context = onTerminal({ env: KITTY });
    const clear = vi.fn();
    context.statusLine = { clear };
    const preview = await imagePreview(context, refused);
    expect(clear).toHaveBeenCalledTimes(1);
    await preview?.draw(png());
    expect(clear).toHaveBeenCalledTimes(2);
    expect(context.stderr.writes.length).toBe(1);
  });
});

describe('what cannot be drawn', () => {
  /** The warnings, where there is nothing but them. */
  async function said(image: Uint8Array, options: TerminalOptions = {}, load?: ChafaLoader): Promise<string> {
    const text = await drawn(image, options, load);
    expect(text).toMatch(/^oai: [^\u001b\n]*\n$/);
    return text;
  }

  it.each([
    ['no image', async () => Buffer.from('hello'), 'it is no image'],
    ['nothing', async () => new Uint8Array(), 'it is no image'],
    ['a PNG that breaks off', async () => png().subarray(0, 60), 'it breaks off'],
    ['a JPEG that breaks off', async () => (await jpeg()).subarray(0, 300), 'it breaks off'],
    ['a WebP that breaks off', async () => (await webp()).subarray(0, 40), 'it breaks off'],
    ['too many pixels', async () => emptyPng(60_000, 60_000), '60000x60000 are more than 50 million pixels'],
    ['no width', async () => emptyPng(0, 100), 'it is broken'],
  ])('is said in one line, by any protocol: %s', async (_, make, why) => {
    for (const env of [KITTY, ITERM2, BLOCKS]) {
      expect(await said(await make(), { env })).toBe(`oai: cannot show the image: ${why}\n`);
    }
  });

  it('is a file whose insides are broken; what libpng says of it is not heard', async () => {
    const file = Buffer.from(png(200, 200));
    file.fill(0xff, 50, 90);
    const heard = [vi.spyOn(console, 'log'), vi.spyOn(console, 'error')];
    const written = [vi.spyOn(process.stdout, 'write'), vi.spyOn(process.stderr, 'write')];
    expect(await said(file)).toBe('oai: cannot show the image: it is broken\n');
    for (const spy of [...heard, ...written]) expect(spy).not.toHaveBeenCalled();
  });

  it('leaves the console as it was', async () => {
    const { log, error } = console;
    await drawn(png());
    expect([console.log, console.error]).toEqual([log, error]);
  });

  it('is a kind that the terminal does not know', async () => {
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
    expect(await said(await gif(), { env: KITTY }, refused)).toContain('cannot draw an image of kind gif');
    expect(await said(await gif(), {}, refused)).toContain('cannot draw an image of kind gif');
    expect(await said(svg, { env: ITERM2 }, refused)).toContain('cannot draw an image of kind svg');
  });

  it('is named by its caption, and not mentioned with --quiet', async () => {
    const context = onTerminal({});
    const preview = await imagePreview(context);
    await preview?.draw(Buffer.from('hello'), { caption: 'sea.png' });
    expect(context.stderr.text).toBe('oai: cannot show the image (sea.png): it is no image\n');
    context.verbosity = 'quiet';
    await preview?.draw(Buffer.from('hello'));
    expect(context.stderr.writes.length).toBe(1);
  });

  it('does not keep the next image from being drawn', async () => {
    const context = onTerminal({});
    const preview = await imagePreview(context);
    const file = Buffer.from(png());
    file.fill(0xff, 50, 90);
    await preview?.draw(file);
    await preview?.draw(png());
    expect(context.stderr.text).toMatch(/^oai: .*\n\u001b\[0m.*▄/s);
  });
});

describe('chafa-wasm', () => {
  it('is said to be missing once, with a way out', async () => {
    const context = onTerminal({});
    const load = vi.fn(notInstalled);
    const preview = await imagePreview(context, load);
    expect(load).not.toHaveBeenCalled();
    for (const file of [png(), await jpeg()]) await preview?.draw(file);
    expect(load).toHaveBeenCalledOnce();
    expect(context.stderr.text).toBe(
      'oai: cannot show images in this terminal: the optional package chafa-wasm is not installed; ' +
        '`npm install -g chafa-wasm` adds it to a global oai\n',
    );
  });

  it('is missed by JPEGs only where the terminal takes PNG', async () => {
    const context = onTerminal({ env: KITTY });
    const preview = await imagePreview(context, notInstalled);
    await preview?.draw(png());
    await preview?.draw(await jpeg());
    await preview?.draw(png());
    expect(context.stderr.writes.map((text) => text.slice(0, 3))).toEqual(['\u001b_G', 'oai', '\u001b_G']);
  });

  it('may fail to load, or while it draws', async () => {
    expect(await drawn(png(), {}, refused)).toBe('oai: cannot show the image: chafa-wasm failed: loaded\n');
    const load: ChafaLoader = async () => {
      const { default: make } = await importChafa();
      return {
        default: async () => ({
          decodeImage: (await make()).decodeImage,
          imageToAnsi: () => {
            throw new Error('out of memory');
          },
        }),
      };
    };
    expect(await drawn(png(), {}, load)).toBe(
      'oai: cannot show the image: chafa-wasm failed: out of memory\n',
    );
  });
});

describe('a run that has been stopped', () => {
  it('draws nothing', async () => {
    const load = vi.fn(refused);
    for (const env of [KITTY, BLOCKS]) {
      const context = onTerminal({ env });
      const preview = await imagePreview(context, load);
      context.stop(new Stopped('SIGINT'));
      await preview?.draw(png());
      expect(context.stderr.text).toBe('');
    }
    // Nor is anything made ready for it.
    expect(load).not.toHaveBeenCalled();
  });

  it('draws nothing when that happens while the image is decoded, and says nothing', async () => {
    for (const file of [png(), Buffer.from(png()).fill(0xff, 50, 90)]) {
      const context = onTerminal({});
      const preview = await imagePreview(context, () => {
        context.stop(new Stopped('SIGINT'));
        return importChafa();
      });
      await preview?.draw(file);
      expect(context.stderr.text).toBe('');
    }
  });
});

it('the samples are what they seem', () => {
  expect(decodePng(png(3, 2))).toMatchObject({ width: 3, height: 2, channels: 4 });
});
