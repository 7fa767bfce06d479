import { readdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as toml from '@decimalturn/toml-patch';
import { expect, it, vi } from 'vitest';
import { editConfig } from '../../src/settings/edit.ts';
import { failureOf, world } from './world.ts';

vi.mock('@decimalturn/toml-patch', { spy: true });

it('a patch that would lose another setting is not written', async () => {
  const { context, configPath } = await world({ config: 'retries = 1\nmodel = "m"\n' });
  vi.mocked(toml.patch).mockReturnValueOnce('retries = 2\n');
  const failure = await failureOf(editConfig([{ path: ['retries'], value: 2 }], context));
  expect(failure).toMatchObject({
    kind: 'bug',
    message: '~/.config/oai/config.toml would not have kept its other settings; it is unchanged',
  });
  expect(await readFile(configPath, 'utf8')).toBe('retries = 1\nmodel = "m"\n');
  expect(await readdir(dirname(configPath))).toEqual(['config.toml']);
});

it('the order of settings is no loss', async () => {
  const { context, configPath } = await world({ config: 'retries = 1\nmodel = "m"\n' });
  vi.mocked(toml.patch).mockReturnValueOnce('model = "m"\nretries = 2\n');
  await editConfig([{ path: ['retries'], value: 2 }], context);
  expect(await readFile(configPath, 'utf8')).toBe('model = "m"\nretries = 2\n');
});

it('who was taken for dead gives no other writer’s text the name', async () => {
  const { context, configPath } = await world({ config: 'retries = 1\n' });
  const { renameSync, writeFileSync } = await import('node:fs');
  const part = `${configPath}.part`;
  vi.mocked(toml.patch).mockImplementationOnce(() => {
    renameSync(part, `${part}.old`);
    writeFileSync(part, 'half');
    return 'retries = 2\n';
  });
  const failure = await failureOf(editConfig([{ path: ['retries'], value: 2 }], context));
  expect(failure.message).toBe('another oai is writing ~/.config/oai/config.toml');
  expect(await readFile(configPath, 'utf8')).toBe('retries = 1\n');
  expect(await readFile(part, 'utf8')).toBe('half');
});

it('a fault of this program is not taken for one of the file', async () => {
  const { context } = await world({ config: 'retries = 1\n' });
  vi.mocked(toml.patch).mockImplementationOnce(() => {
    throw new TypeError('broken');
  });
  await expect(editConfig([{ path: ['retries'], value: 2 }], context)).rejects.toThrow(TypeError);
});
