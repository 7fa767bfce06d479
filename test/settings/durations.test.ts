import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { noteDuration, readEstimate } from '../../src/settings/durations.ts';
import { cacheFolder } from '../../src/settings/paths.ts';
import { temporaryFolder } from '../support/folder.ts';

const KIND = 'image gpt-image-2.5-sunburst high 1024x1024';

async function place() {
  const home = await temporaryFolder();
  return { env: {}, cwd: home, home };
}

async function noted(durations: readonly number[]) {
  const context = await place();
  for (const ms of durations) await noteDuration(context, KIND, ms);
  return context;
}

function fileOf({ home }: { home: string }): string {
  return join(home, '.cache', 'oai', 'durations.json');
}

/** A place whose file holds this text. */
async function holding(text: string) {
  const context = await place();
  await mkdir(join(context.home, '.cache', 'oai'), { recursive: true });
  await writeFile(fileOf(context), text);
  return context;
}

describe('the folder of the cache', () => {
  it.each<[string, Record<string, string>, string | undefined, string | undefined]>([
    ['below the home directory', {}, '/home/maria', '/home/maria/.cache/oai'],
    ['where XDG has it', { XDG_CACHE_HOME: '/var/cache' }, '/home/maria', '/var/cache/oai'],
    ['not where a relative one is', { XDG_CACHE_HOME: 'cache' }, '/home/maria', '/home/maria/.cache/oai'],
    [
      'below OAI_HOME',
      { OAI_HOME: '~/oai', XDG_CACHE_HOME: '/var/cache' },
      '/home/maria',
      '/home/maria/oai/cache',
    ],
    ['below a relative OAI_HOME', { OAI_HOME: 'mine' }, undefined, '/desk/mine/cache'],
    ['nowhere', {}, undefined, undefined],
    ['nowhere, for a relative home', {}, 'maria', undefined],
  ])('is %s', (_, env, home, expected) => {
    expect(cacheFolder({ env, cwd: '/desk', home })).toBe(expected);
  });
});

describe('an estimate', () => {
  it.each<[string, number[], number | undefined]>([
    ['nothing, where nothing is known', [], undefined],
    ['the only duration', [12_000], 12_000],
    ['between two', [10_000, 20_000], 15_000],
    ['the one in the middle', [30_000, 1000, 20_000], 20_000],
    ['of the last five', [90_000, 90_000, 90_000, 1000, 2000, 3000, 4000, 5000], 3000],
    ['not of what is no duration', [5000, Number.NaN, -1, 0, Number.POSITIVE_INFINITY], 5000],
  ])('is %s', async (_, durations, expected) => {
    expect(await readEstimate(await noted(durations), KIND)).toBe(expected);
  });

  it('is for one kind of thing', async () => {
    const context = await noted([5000]);
    await noteDuration(context, 'image dall-e-3', 7000);
    expect(await readEstimate(context, KIND)).toBe(5000);
    expect(await readEstimate(context, 'image dall-e-3')).toBe(7000);
    expect(await readEstimate(context, 'image')).toBeUndefined();
  });

  it.each(['', '{', 'null', '[]', '"text"', `{"${KIND}": 5}`, `{"${KIND}": ["5", null, {}, -5]}`, '\u0000'])(
    'is none where the file is garbled: %s',
    async (text) => {
      const context = await holding(text);
      expect(await readEstimate(context, KIND)).toBeUndefined();
      await noteDuration(context, KIND, 5000);
      expect(await readEstimate(context, KIND)).toBe(5000);
    },
  );

  it('takes what a garbled list still has', async () => {
    expect(await readEstimate(await holding(`{"${KIND}": [null, 4000]}`), KIND)).toBe(4000);
  });

  it.each([
    ['there is no home', { env: {}, cwd: '/', home: undefined }],
    [
      'a part of the path is no folder',
      { env: { OAI_HOME: import.meta.filename }, cwd: '/', home: undefined },
    ],
    ['nothing can be made there', { env: { OAI_HOME: '/proc/nowhere' }, cwd: '/', home: undefined }],
  ])('is none where %s, and nobody hears of it', async (_, context) => {
    await noteDuration(context, KIND, 5000);
    expect(await readEstimate(context, KIND)).toBeUndefined();
  });

  it('is none where the name is a folder’s', async () => {
    const context = await place();
    await mkdir(fileOf(context), { recursive: true });
    await noteDuration(context, KIND, 5000);
    expect(await readEstimate(context, KIND)).toBeUndefined();
    expect(await readdir(join(context.home, '.cache', 'oai'))).toEqual(['durations.json']);
  });

  it('is not looked for in what is too large to be ours, which stays as it is', async () => {
    const text = `{"${KIND}": [5000]}${' '.repeat(200_000)}`;
    const context = await holding(text);
    expect(await readEstimate(context, KIND)).toBeUndefined();
    await noteDuration(context, KIND, 7000);
    expect(await readFile(fileOf(context), 'utf8')).toBe(text);
  });
});

describe('the file of durations', () => {
  it('is the user’s alone, in folders that are too', async () => {
    const context = await noted([1234.5]);
    const mode = async (path: string) => (await stat(path)).mode & 0o777;
    expect(await mode(fileOf(context))).toBe(0o600);
    expect(await mode(join(context.home, '.cache'))).toBe(0o700);
    expect(await mode(join(context.home, '.cache', 'oai'))).toBe(0o700);
    expect(JSON.parse(await readFile(fileOf(context), 'utf8'))).toEqual({ [KIND]: [1235] });
    await chmod(fileOf(context), 0o644);
    await noteDuration(context, KIND, 1000);
    expect(await mode(fileOf(context))).toBe(0o600);
  });

  it('may be behind a link, which stays one', async () => {
    const context = await holding('{}');
    const elsewhere = join(context.home, 'elsewhere.json');
    const other = { ...context, env: { XDG_CACHE_HOME: join(context.home, 'linked') } };
    await mkdir(join(context.home, 'linked', 'oai'), { recursive: true });
    await writeFile(elsewhere, '{}');
    await symlink(elsewhere, join(context.home, 'linked', 'oai', 'durations.json'));
    await noteDuration(other, KIND, 1000);
    expect(JSON.parse(await readFile(elsewhere, 'utf8'))).toEqual({ [KIND]: [1000] });
  });

  it('remembers the fifty kinds that were noted last', async () => {
    const context = await place();
    const kinds = Array.from({ length: 50 }, (_, number) => `image model-${number}`);
    for (const kind of kinds) await noteDuration(context, kind, 1000);
    await noteDuration(context, 'image model-0', 2000);
    await noteDuration(context, 'image another', 3000);
    const kept = Object.keys(JSON.parse(await readFile(fileOf(context), 'utf8')));
    expect(kept).toEqual([...kinds.slice(2), 'image model-0', 'image another']);
    expect(await readEstimate(context, 'image model-0')).toBe(1500);
    expect(await readEstimate(context, 'image model-1')).toBeUndefined();
  });

  it('takes any text for a kind', async () => {
    const context = await place();
    for (const kind of ['__proto__', 'constructor', 'image "quoted" \n✓']) {
      await noteDuration(context, kind, 1000);
      expect(await readEstimate(context, kind)).toBe(1000);
    }
  });
});
