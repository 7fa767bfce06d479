import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { type SandboxOptions, sandbox } from '../../src/commands/sandbox.ts';
import { Stopped } from '../../src/errors.ts';
import { faultWords } from '../../src/sandbox/faults.ts';
import {
  CapturedOutput,
  type FakeContext,
  type FakeContextOptions,
  fakeContext,
} from '../support/context.ts';

interface Served {
  readonly context: FakeContext;
  /** What stdout says first: the server is up by then. */
  readonly line: string;
  readonly ended: Promise<unknown>;
}

async function start(options: SandboxOptions = {}, given: FakeContextOptions = {}): Promise<Served> {
  const stdout = new CapturedOutput();
  const context = fakeContext({ ...given, stdout });
  if (options.verbose === true) context.verbosity = 'verbose';
  if (options.quiet === true) context.verbosity = 'quiet';
  const up = new Promise<void>((resolve) => {
    stdout.onWrite = resolve;
  });
  const ended = sandbox.run({ port: 0, words: [], ...options }, context).catch((error: unknown) => error);
  await Promise.race([up, ended]);
  return { context, line: stdout.text, ended };
}

async function stop({ context, ended }: Served): Promise<unknown> {
  context.stop(new Stopped('SIGINT'));
  return ended;
}

describe('oai sandbox', () => {
  it('prints its URL, serves, and ends with the signal', async () => {
    const served = await start();
    expect(served.line).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1\n$/);
    const response = await fetch(`${served.line.trim()}/models/gpt-6-luna`);
    expect(await response.json()).toMatchObject({ id: 'gpt-6-luna' });
    expect(await stop(served)).toEqual(new Stopped('SIGINT'));
    expect(served.context.stdout.text).toBe(served.line);
    expect(served.context.stderr.text).toBe(
      `oai: the sandbox answers at ${served.line.trim()}: set OPENAI_BASE_URL or --base-url to it; Ctrl-C ends it\n`,
    );
    await expect(fetch(`${served.line.trim()}/models`)).rejects.toThrow();
  });

  it('prints its URL as JSON', async () => {
    const served = await start({ json: true });
    expect(JSON.parse(served.line)).toEqual({
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/v1$/),
    });
    await stop(served);
  });

  it('says only its URL with --quiet', async () => {
    const served = await start({ quiet: true });
    await stop(served);
    expect(served.context.stderr.text).toBe('');
  });

  it('takes faults from OAI_SANDBOX and tells of each request with --verbose', async () => {
    const served = await start({ verbose: true }, { env: { OAI_SANDBOX: '503x1,dropx1' } });
    const url = `${served.line.trim()}/models`;
    expect((await fetch(url)).status).toBe(503);
    await expect(fetch(url)).rejects.toThrow('fetch failed');
    expect((await fetch(url)).status).toBe(200);
    await stop(served);
    expect(served.context.stderr.text.split('\n').slice(1, 4)).toEqual([
      'oai: GET /v1/models 503',
      'oai: GET /v1/models connection lost',
      'oai: GET /v1/models 200',
    ]);
  });

  it('refuses a fault that it does not know, before it listens', async () => {
    const { ended, line } = await start({}, { env: { OAI_SANDBOX: 'explode' } });
    expect(line).toBe('');
    expect(await ended).toMatchObject({ kind: 'usage', message: expect.stringContaining("'explode'") });
  });

  it('refuses a port in use', async () => {
    const served = await start();
    const port = Number(new URL(served.line).port);
    expect(await (await start({ port })).ended).toMatchObject({
      kind: 'usage',
      message: `--port ${port} is in use`,
    });
    await stop(served);
  });

  it('listens where it is told', async () => {
    const served = await start({ host: 'localhost' });
    expect(served.line).toMatch(/^http:\/\/localhost:\d+\/v1\n$/);
    expect((await fetch(`${served.line.trim()}/models`)).status).toBe(200);
    await stop(served);
  });
});

describe('its flags', () => {
  const parse = (...argv: string[]) => {
    const command = new Command().exitOverride();
    sandbox.define(command);
    return command.parse(argv, { from: 'user' }).opts();
  };

  it('are read to their types', () => {
    expect(parse('--port', '0', '--host', '::1')).toEqual({ port: 0, host: '::1' });
    expect(parse()).toEqual({});
  });

  it.each(['65536', '-1', 'http', '4010.5', ''])('refuse --port %s', (port) => {
    expect(() => parse('--port', port)).toThrow(
      `--port ${port || "''"} is not a whole number from 0 to 65535`,
    );
  });

  it('come with notes that say what a body may have, and which faults need a stream', () => {
    expect(sandbox.notes).toContain('A request body may have 808 MiB.');
    expect(sandbox.notes).toMatch(/has no\neffect where nothing is streamed, as with --json\.$/);
  });

  it('come with notes that list every fault', () => {
    for (const { form, help } of faultWords) {
      expect(sandbox.notes).toMatch(new RegExp(`^ {2}${form} +${help.replace(/[().]/g, '\\$&')}$`, 'm'));
    }
  });
});
