import { closeSync, constants, openSync, readSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { version } from '../../package.json';
import { bin, node, runBin, runShell, start, startCommand } from '../support/bin.ts';
import { temporaryFolder } from '../support/folder.ts';

describe('the built program', () => {
  it.each([['--version'], ['-V']])('%s is one line', async (flag) => {
    expect(await runBin([flag])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('alone shows what it can do in one screen', async () => {
    const { code, stdout, stderr } = await runBin([]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('oai chat --sandbox "hello"');
    expect(stdout).toMatch(
      /\n`oai COMMAND --help` shows flags and examples; `oai config init` sets up a key\.\n$/,
    );
    expect(stdout.split('\n').length).toBeLessThanOrEqual(43);
    expect(await runBin(['--help'])).toMatchObject({ stdout });
    expect(await runBin(['help'])).toMatchObject({ stdout });
  });

  it('loads no SDK for --help', async () => {
    const hook = `
      const load = require('module')._load;
      const loaded = [];
      require('module')._load = function (name, ...rest) { loaded.push(name); return load.call(this, name, ...rest); };
      process.on('exit', () => process.stderr.write(loaded.join('\\n')));
      process.argv.splice(1, 0, ${JSON.stringify(bin)});
      require(${JSON.stringify(bin)});`;
    const { stderr } = await (await startCommand(node, ['-e', hook, '--', 'chat', '--help'])).done;
    expect(stderr).toContain('question.cjs');
    expect(stderr).not.toContain('openai');
  });

  it('answers in a pipe, without a key, with no colour', async () => {
    expect(await runBin(['chat', '--sandbox', 'hello'])).toEqual({
      code: 0,
      stdout: 'You said: hello\n',
      stderr: '',
    });
  });

  it('works in the pipelines that it is for', async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'role.md'), 'be brief\n');
    const line = 'printf "a diff" | oai chat --sandbox -s @role.md "sum up" | tee msg.txt';
    const { code, stdout } = await runShell(line, { cwd });
    expect(code).toBe(0);
    expect(stdout).toContain('a diff');
    expect(stdout).toContain('sum up');
    expect(await readFile(join(cwd, 'msg.txt'), 'utf8')).toBe(stdout);
    const lines = 'printf "a\\nb\\n" | while read -r x; do oai chat --sandbox --no-stdin "$x"; done';
    expect(await runShell(lines)).toMatchObject({ code: 0, stdout: 'You said: a\nYou said: b\n' });
  });

  it('takes 10 MB from a pipe and from a file', async () => {
    const text = 'x'.repeat(10_000_000);
    const piped = await runBin(['chat', '--sandbox', 'count'], { stdin: text });
    expect(piped).toMatchObject({ code: 0, stdout: expect.stringMatching(/10,?000,?007/) });
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'big.txt'), text);
    expect(await runShell('oai chat --sandbox count < big.txt', { cwd })).toEqual(piped);
  });

  it('reads what a shell gives as a file: <(…) and named pipes', async () => {
    const cwd = await temporaryFolder();
    const line =
      "mkfifo p; (sleep 0.2; echo be brief > p) & oai chat --sandbox -s @p hello; bash -c 'oai chat --sandbox -s @<(echo be kind) hello'";
    const { stdout } = await runShell(line, { cwd });
    expect(stdout).toContain('As told: be brief');
    expect(stdout).toContain('As told: be kind');
  });

  it('says what cannot be read as stdin, and does without what is not there', async () => {
    expect(await runShell('oai chat --sandbox hello < .')).toEqual({
      code: 2,
      stdout: '',
      stderr: 'oai: cannot read stdin: it is a directory\n',
    });
    for (const redirection of ['<&-', '< /dev/null', '2>&-']) {
      expect(await runShell(`oai chat --sandbox hello ${redirection}`)).toMatchObject({
        code: 0,
        stdout: 'You said: hello\n',
      });
    }
  });

  it('does not need its working directory to be there', async () => {
    const line = 'cd "$(mktemp -d)" && rmdir "$PWD" && oai chat --sandbox hello';
    expect(await runShell(line)).toEqual({ code: 0, stdout: 'You said: hello\n', stderr: '' });
  });

  it('refuses bytes that are not UTF-8 by name', async () => {
    const { code, stderr } = await runBin(['chat', '--sandbox'], { stdin: Buffer.from([0x61, 0xff]) });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr:
        'oai: stdin is not UTF-8 text: byte 2 is 0xff\n     if it is text, convert it first: iconv -f latin1 -t utf-8\n',
    });
  });

  it('does not wait for ever for a pipe that stays silent', async () => {
    const { code, stdout, stderr } = await runBin(['chat', '--sandbox', 'hello'], { stdin: 'open' });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'You said: hello\n' });
    expect(stderr).toContain('nothing came on stdin for 3s; going on without it');
  });

  it('does not lose a producer that starts two seconds late', async () => {
    const { stdout, stderr } = await runShell('(sleep 2; echo late) | oai chat --sandbox hello');
    expect(stdout).toContain('late');
    expect(stderr).toBe('');
  });

  it('has the documented exit codes', async () => {
    const codes = async (argv: string[], env = {}) => (await runBin(argv, { env })).code;
    expect(await codes(['chat', 'hello'])).toBe(3);
    expect(await codes(['chta'])).toBe(2);
    expect(await codes(['chat', '--sandbox', '-m', 'nobody', 'hello'])).toBe(4);
    expect(await codes(['chat', '--sandbox', '--retries', '0', 'hello'], { OAI_SANDBOX: 'fault=429' })).toBe(
      5,
    );
    expect(await codes(['chat', '--sandbox', 'hello'], { OAI_SANDBOX: 'cut@1' })).toBe(6);
    expect(await codes(['chat', '--sandbox', 'hello'], { OAI_SANDBOX: 'refusal' })).toBe(7);
    expect(await codes(['chat', '--sandbox', 'hello'], { OAI_SANDBOX: 'empty' })).toBe(8);
  });

  it('tries again after a passing failure', async () => {
    const env = { OAI_SANDBOX: 'fault=429x2,retry-after=10ms' };
    expect(await runBin(['chat', '--sandbox', 'hello'], { env })).toMatchObject({
      code: 0,
      stdout: 'You said: hello\n',
    });
  });
});

describe('an end from outside', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s in the middle of an answer keeps what came and exits with %d', async (signal, code) => {
    const { child, done, shows } = await start(['chat', '--sandbox', 'one two three four'], {
      env: { OAI_SANDBOX: 'stall@2' },
    });
    await shows('You said');
    const start_ms = performance.now();
    child.kill(signal);
    const result = await done;
    expect(performance.now() - start_ms).toBeLessThan(1000);
    expect(result.code).toBe(code);
    expect(result.stdout).toMatch(/^You said: .*\n$/s);
  });

  it('a reader that goes away is no error', async () => {
    const line = '{ oai chat --sandbox hello; echo "code $?" >&2; } | head -c 3';
    expect(await runShell(line, { env: { OAI_SANDBOX: 'deltas=100000' } })).toMatchObject({
      stdout: expect.stringMatching(/^...$/s),
      stderr: 'code 0\n',
    });
  });

  it('a full disk is said and is no success', async () => {
    const { code, stderr } = await runShell('oai chat --sandbox hello > /dev/full');
    expect({ code, stderr }).toEqual({
      code: 8,
      stderr: 'oai: cannot write the result to stdout: no space left on the device\n',
    });
    expect((await runShell('oai --version > /dev/full')).code).toBe(8);
  });

  /** A pipe that somebody holds open and does not read, in a folder of its own. */
  async function deafReader(): Promise<{ fifo: string; reader: number }> {
    const fifo = join(await temporaryFolder(), 'fifo');
    expect((await runShell(`mkfifo '${fifo}'`)).code).toBe(0);
    // Read and write: to open it for reading alone would wait for the writer.
    const reader = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK);
    onTestFinished(() => closeSync(reader));
    return { fifo, reader };
  }

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'a reader who does not read does not keep %s from being heard',
    async (signal) => {
      const { fifo, reader } = await deafReader();
      const line = `exec '${node}' '${bin}' chat --sandbox hello > '${fifo}'`;
      const { child, done } = await startCommand('sh', ['-c', line], {
        env: { OAI_SANDBOX: 'deltas=100000' },
      });
      await pipeHolds(reader, 4096);
      child.kill(signal);
      expect((await done).code).toBe(signal === 'SIGINT' ? 130 : 143);
    },
  );

  it('a pipe that is full from the start does not keep a signal from being heard', async () => {
    const { fifo } = await deafReader();
    // Says that it writes before it does.
    const line = `exec > '${fifo}'; head -c 65536 /dev/zero; exec '${node}' '${bin}' chat --sandbox --verbose hello`;
    const { child, done, complains } = await startCommand('sh', ['-c', line]);
    await complains('< 200');
    child.kill('SIGTERM');
    expect((await done).code).toBe(143);
  });

  it('a pipe given as a file, which has nothing yet, does not keep a signal from being heard', async () => {
    const { fifo } = await deafReader();
    const { child, done, complains } = await start([
      'chat',
      '--sandbox',
      '--verbose',
      '-s',
      `@${fifo}`,
      'hello',
    ]);
    await complains('reading');
    child.kill('SIGINT');
    expect((await done).code).toBe(130);
  });
});

/** Resolves when a pipe holds as many bytes, without reading them: it looks again and again, for a few seconds at most. */
async function pipeHolds(reader: number, bytes: number): Promise<void> {
  const buffer = Buffer.alloc(bytes);
  for (let held = 0; held < bytes; ) {
    try {
      held += readSync(reader, buffer, held, bytes - held, null);
    } catch {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
