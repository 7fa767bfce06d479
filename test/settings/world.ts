import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { Failure } from '../../src/errors.ts';
import { type FakeContext, type FakeContextOptions, fakeContext } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';

export interface World {
  readonly context: FakeContext;
  readonly home: string;
  readonly cwd: string;
  readonly configPath: string;
}

export interface WorldOptions extends FakeContextOptions {
  /** `~/.config/oai/config.toml`. */
  readonly config?: string | undefined;
  /** `.env` of the working directory. */
  readonly dotenv?: string | undefined;
  /** More files, by their path from home. */
  readonly files?: Readonly<Record<string, string>>;
}

/** A user with a home, a project and these files; all are readable by their owner only. */
export async function world({ config, dotenv, files = {}, ...options }: WorldOptions = {}): Promise<World> {
  const folder = await temporaryFolder();
  const home = join(folder, 'home');
  const cwd = join(folder, 'project');
  await mkdir(home);
  await mkdir(cwd);
  const configPath = join(home, '.config/oai/config.toml');
  if (config !== undefined) await writeOwn(configPath, config);
  if (dotenv !== undefined) await writeOwn(join(cwd, '.env'), dotenv);
  for (const [path, text] of Object.entries(files)) await writeOwn(join(home, path), text);
  return { context: fakeContext({ home, cwd, ...options }), home, cwd, configPath };
}

export async function writeOwn(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  await chmod(path, 0o600);
}

/** The failure that ends the work. */
export async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const error = await work.then(
    (value) => expect.fail(`no failure but ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  );
  if (error instanceof Failure) return error;
  throw error;
}

/** All that a user would see of a failure. */
export function shown(failure: Failure): string {
  return [failure.message, failure.hint].filter((line) => line !== undefined).join('\n');
}
