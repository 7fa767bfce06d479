import { readFileSync, statSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bin, node, runBin, runShell } from '../support/bin.ts';
import { temporaryFolder } from '../support/folder.ts';
import { commandOnTerminal, onTerminal, type Screen } from '../support/pty.ts';

const PROMPT = 'gpt-6-luna>';
const SANDBOX = ['chat', '--sandbox'];

/** Resolves when the screen is so; says what is on it when that takes too long. */
async function until(screen: Screen, what: string, isSo: (lines: string[]) => boolean): Promise<void> {
  const deadline = performance.now() + 15_000;
  while (!isSo(screen.lines())) {
    if (performance.now() > deadline) throw new Error(`never showed ${what}:\n${screen.lines().join('\n')}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Resolves when the last line is this. */
function endsWith(screen: Screen, line: string): Promise<void> {
  return until(screen, line, (lines) => lines.at(-1)?.trimEnd() === line);
}

/** Resolves when some line shows this. */
async function shows(screen: Screen, text: string): Promise<void> {
  await until(screen, text, (lines) => lines.some((line) => line.includes(text)));
}

async function opened(argv = SANDBOX, options: Parameters<typeof onTerminal>[1] = {}): Promise<Screen> {
  const screen = await onTerminal(argv, options);
  await shows(screen, PROMPT);
  return screen;
}

/** What the sandbox says of a question. */
const heard = (text: string) => `You said: ${text}`;

describe('a session on a terminal', () => {
  it('talks, and leaves with Ctrl-D and 0, the terminal as it was', async () => {
    const screen = await opened();
    screen.type('hello\r');
    await shows(screen, heard('hello'));
    await endsWith(screen, `gpt-6-luna · hello>`);
    screen.press('Ctrl-D');
    expect(await screen.done).toBe(0);
    expect(screen.raw()).toContain('\u001b[?2004h');
    expect(screen.raw().lastIndexOf('\u001b[?2004l')).toBeGreaterThan(
      screen.raw().lastIndexOf('\u001b[?2004h'),
    );
  });

  it('takes a paste of 2,000 lines for one message', async () => {
    const screen = await opened();
    const lines = Array.from({ length: 2000 }, (_, n) => `line ${n + 1}`);
    screen.type(`\u001b[200~${lines.join('\r')}\u001b[201~`);
    await endsWith(screen, '  line 2000');
    // The line of the sandbox has gone up.
    expect(screen.lines()).toHaveLength(25);
    screen.type('\r');
    await shows(screen, '… 1,978 more lines');
    await shows(screen, 'gpt-6-luna · line 1');
    screen.type('/usage\r');
    await shows(screen, '1 exchange in');
    await endsWith(screen, 'gpt-6-luna · line 1>');
    expect(screen.lines().filter((line) => line.startsWith('gpt-6-luna ·'))).toHaveLength(2);
  });

  it('Ctrl-C stops an answer at once, keeps what came, and the next question follows it', async () => {
    const screen = await opened(SANDBOX, { env: { OAI_SANDBOX: 'stall@2' } });
    screen.type('tell me a story\r');
    await shows(screen, 'You said');
    const pressed = performance.now();
    screen.press('Ctrl-C');
    await shows(screen, 'interrupted: what came is kept');
    expect(performance.now() - pressed).toBeLessThan(500);
    screen.type('/json\r');
    await shows(screen, '"state": "cut"');
  });

  it('writes several lines, and goes up and down in them', async () => {
    const screen = await opened();
    screen.type('one\ntwo\u001b\rthree\u001b[A\u001b[AX');
    await endsWith(screen, '  three');
    expect(
      screen
        .lines()
        .slice(-3)
        .map((line) => line.trimEnd()),
    ).toEqual([`${PROMPT} oneX`, '  two', '  three']);
    screen.type('\r');
    await endsWith(screen, 'gpt-6-luna · oneX>');
  });

  it('completes commands, models and paths with Tab', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'holiday notes.txt'), 'sun');
    const screen = await opened(SANDBOX, { cwd: folder });
    screen.type('/mod\t');
    await endsWith(screen, `${PROMPT} /model`);
    screen.type('gpt-6-as\t');
    await endsWith(screen, `${PROMPT} /model gpt-6-astra`);
    screen.type('\u0015/attach ho\t');
    await endsWith(screen, `${PROMPT} /attach holiday\\ notes.txt`);
    screen.type('\r');
    await endsWith(screen, 'gpt-6-luna · +1>');
  });

  it('edits Hangul, however it is composed', async () => {
    const screen = await opened();
    // An IME sends whole syllables, and takes one back to send the next.
    screen.type('ㅎ\u007f하\u007f한글이');
    await endsWith(screen, `${PROMPT} 한글이`);
    screen.type('\u001b[D\u001b[D\u007f대\r');
    await shows(screen, heard('대글이'));
  });

  it('finds what was typed in an earlier session, which nobody else may read', async () => {
    const HOME = await temporaryFolder();
    const first = await opened(SANDBOX, { env: { HOME } });
    first.type('the capital of Korea\r');
    await shows(first, heard('the capital'));
    first.press('Ctrl-D');
    await first.done;
    expect(statSync(join(HOME, '.local/share/oai/chat-input.jsonl')).mode & 0o777).toBe(0o600);
    const second = await opened(SANDBOX, { env: { HOME } });
    second.type('\u0012KOR');
    await shows(second, 'search "KOR": the capital of Korea');
    second.type('\r');
    await shows(second, heard('the capital of Korea'));
  });

  it('writes in $EDITOR with Ctrl-O, and says when that fails', async () => {
    const folder = await temporaryFolder();
    const editor = join(folder, 'my editor');
    await writeFile(
      editor,
      '#!/bin/sh\n[ -t 0 ] && printf "was: %s\\nnow" "$(cat "$1")" > "$1.new" && mv "$1.new" "$1"\n',
    );
    await chmod(editor, 0o755);
    const screen = await opened(SANDBOX, { env: { EDITOR: `'${editor}'` } });
    screen.type('before\u000f');
    await endsWith(screen, '  now');
    expect(screen.lines().at(-2)).toBe(`${PROMPT} was: before`);
    screen.type('\r');
    await shows(screen, heard('was: before'));
    const failing = await opened(SANDBOX, { env: { EDITOR: 'false', VISUAL: '' } });
    failing.type('kept\u000f');
    await shows(failing, 'false failed (exit code 1): nothing is changed');
    failing.type('!');
    await endsWith(failing, `${PROMPT} kept!`);
    const missing = await opened(SANDBOX, { env: { EDITOR: 'no-such-editor' } });
    missing.type('\u000f');
    await shows(missing, 'no-such-editor failed (exit code 127)');
  });

  it('is suspended by Ctrl-Z, and goes on with fg', async () => {
    const screen = await commandOnTerminal('bash', ['--norc', '-i'], { env: { PS1: '$ ' } });
    await shows(screen, '$');
    screen.type(`${node} ${bin} chat --sandbox\r`);
    await shows(screen, PROMPT);
    screen.type('half a\u001a');
    await shows(screen, 'Stopped');
    screen.type('echo from the shell\r');
    await shows(screen, 'from the shell');
    screen.type('fg\r');
    await endsWith(screen, `${PROMPT} half a`);
    screen.type(' question\r');
    await shows(screen, heard('half a question'));
  });

  it('is drawn anew when the window changes its size', async () => {
    const screen = await opened();
    screen.type('a question that is longer than a narrow window has room for');
    await shows(screen, 'room for');
    screen.resize(40, 24);
    await endsWith(screen, 'an a narrow window has room for');
    screen.resize(100, 24);
    await endsWith(screen, `${PROMPT} a question that is longer than a narrow window has room for`);
    screen.type('\r');
    await shows(screen, 'You said');
  });

  it('is on disk before the answer begins: hung up in the middle of one, -c goes on', async () => {
    const HOME = await temporaryFolder();
    const first = await opened(SANDBOX, { env: { HOME, OAI_SANDBOX: 'stall@2' } });
    first.type('where were we\r');
    await shows(first, 'You said');
    first.hangUp();
    expect(await first.done).toBe(129);
    const second = await onTerminal([...SANDBOX, '-c'], { env: { HOME } });
    await shows(second, 'going on with "where were we"');
    await shows(second, '· where were we>');
    second.type('/json\r');
    await shows(second, '"state": "answered"');
    await shows(second, 'You said');
    second.type('/retry\r');
    await shows(second, heard('where were we'));
  });

  it('told to end leaves the terminal tidy', async () => {
    const screen = await opened();
    screen.type('half a line');
    await endsWith(screen, `${PROMPT} half a line`);
    process.kill(screen.pid, 'SIGTERM');
    expect(await screen.done).toBe(143);
    expect(screen.lines().slice(-2)).toEqual([`${PROMPT} half a line`, 'oai: stopped by SIGTERM']);
    expect(screen.raw().lastIndexOf('\u001b[?2004l')).toBeGreaterThan(
      screen.raw().lastIndexOf('\u001b[?2004h'),
    );
  });

  it('before its first word too', async () => {
    const HOME = await temporaryFolder();
    const first = await opened(SANDBOX, { env: { HOME, OAI_SANDBOX: 'stall@0' } });
    first.type('anybody there?\r');
    await shows(first, 'waiting');
    for (let list = ''; !list.includes('anybody'); ) {
      list = (await runBin(['history', 'list'], { env: { HOME } })).stdout;
    }
    first.hangUp();
    expect(await first.done).toBe(129);
    const second = await onTerminal([...SANDBOX, '-c'], { env: { HOME } });
    await shows(second, 'the last question got no answer: /retry asks it again');
    second.type('/retry\r');
    await shows(second, heard('anybody there?'));
  });

  it('chooses models and conversations from a list that can be searched', async () => {
    const screen = await opened();
    screen.type('/model\r');
    await shows(screen, '? Model');
    screen.type('astra');
    await shows(screen, '❯ gpt-6-astra');
    screen.type('\r');
    await endsWith(screen, 'gpt-6-astra>');
    screen.type('/model\r');
    await shows(screen, '? Model');
    screen.press('Ctrl-C');
    await endsWith(screen, 'gpt-6-astra>');
    screen.type('one\r');
    await shows(screen, heard('one'));
    screen.type('/new\r/load\r');
    await shows(screen, '? Conversation');
    screen.type('\r');
    await shows(screen, 'going on with "one"');
  });
});

describe('pipes', () => {
  it('a pipe and a prompt come first, then the person at the terminal', async () => {
    const line = `printf 'a diff\\n' | '${node}' '${bin}' chat --sandbox -i "review this"`;
    const screen = await commandOnTerminal('sh', ['-c', line]);
    await shows(screen, 'a diff');
    await shows(screen, 'gpt-6-luna ·');
    screen.type('thanks\r');
    await shows(screen, heard('thanks'));
    screen.press('Ctrl-D');
    expect(await screen.done).toBe(0);
  });

  it('a script has no prompts and no escape codes', async () => {
    const { code, stdout, stderr } = await runBin(['chat', '-i', '--sandbox'], { stdin: 'hi\n/usage\n' });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(heard('hi'));
    expect(stdout).toContain('spent    1 request');
    expect(stdout).not.toContain('\u001b');
    expect(stdout).not.toContain('gpt-6-luna>');
  });

  it('keeps nothing in CI', async () => {
    const HOME = await temporaryFolder();
    await runShell("printf 'hi\\n' | oai chat -i --sandbox", { env: { HOME } });
    expect(() => readFileSync(join(HOME, '.local/share/oai/chat-input.jsonl'))).toThrow('ENOENT');
  });
});
