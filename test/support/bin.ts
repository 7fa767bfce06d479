import { type ChildProcess, spawn } from 'node:child_process';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from './folder.ts';

export const bin = join(import.meta.dirname, '..', '..', 'bin', 'oai.js');

/** The Node that runs the built program: CI runs the end-to-end tests once for each that is supported. */
export const node = process.env['OAI_TEST_NODE'] ?? process.execPath;

export interface BinOptions {
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  /** Text for stdin; undefined is /dev/null, `open` a pipe that stays open and silent. */
  readonly stdin?: string | Buffer | 'open';
}

export interface BinResult {
  /** The exit code, or the name of the signal that ended it. */
  readonly code: number | NodeJS.Signals;
  readonly stdout: string;
  readonly stderr: string;
}

/** The environment of a fresh machine: PATH and an empty home. */
export async function freshEnvironment(): Promise<Record<string, string>> {
  return { PATH: process.env['PATH'] ?? '', HOME: await temporaryFolder() };
}

export interface Started {
  readonly child: ChildProcess;
  readonly done: Promise<BinResult>;
  /** Resolves with all of stdout when it holds this text. */
  shows(text: string): Promise<string>;
  /** The same for stderr. */
  complains(text: string): Promise<string>;
}

/** Starts the built program with no terminal. It is killed when the test is over. */
export async function start(argv: readonly string[], options: BinOptions = {}): Promise<Started> {
  return startCommand(node, [bin, ...argv], options);
}

/** Starts any program in the environment of a fresh machine. */
export async function startCommand(
  command: string,
  argv: readonly string[],
  options: BinOptions = {},
): Promise<Started> {
  const { stdin } = options;
  const child = spawn(command, argv, {
    cwd: options.cwd ?? (await temporaryFolder()),
    env: { ...(await freshEnvironment()), ...options.env },
    stdio: [stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  if (stdin !== undefined && stdin !== 'open') child.stdin?.end(stdin);
  child.stdin?.on('error', () => {});

  const written = { stdout: '', stderr: '' };
  const looks = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text) => {
      written[name] += text;
      for (const look of looks) look();
    });
  }
  const done = new Promise<BinResult>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code: code ?? signal ?? 'SIGKILL', ...written }));
  });
  const until = (name: 'stdout' | 'stderr', text: string) =>
    new Promise<string>((resolve, reject) => {
      const look = () => written[name].includes(text) && resolve(written[name]);
      looks.add(look);
      look();
      const missed = () =>
        reject(new Error(`${name} never had ${JSON.stringify(text)}: ${JSON.stringify(written)}`));
      void done.then(missed);
    });
  return { child, done, shows: (text) => until('stdout', text), complains: (text) => until('stderr', text) };
}

/** Runs the built program to its end. */
export async function runBin(argv: readonly string[], options: BinOptions = {}): Promise<BinResult> {
  return (await start(argv, options)).done;
}

/** A PATH on which `oai` is the built program. */
export async function pathWithOai(): Promise<string> {
  const programs = await temporaryFolder();
  await symlink(node, join(programs, 'node'));
  await symlink(bin, join(programs, 'oai'));
  return `${programs}:${process.env['PATH'] ?? ''}`;
}

/** Runs a line of shell in which `oai` is the built program. */
export async function runShell(line: string, options: BinOptions = {}): Promise<BinResult> {
  const PATH = await pathWithOai();
  return (await startCommand('sh', ['-c', line], { ...options, env: { ...options.env, PATH } })).done;
}
