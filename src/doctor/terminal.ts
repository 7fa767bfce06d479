import type { Context } from '../context.ts';
import { findPlayer } from '../output/player.ts';
import { importChafa } from '../preview/chafa.ts';
import { detectProtocol } from '../preview/detect-protocol.ts';
import { variable } from '../settings/paths.ts';
import { version } from '../version.ts';
import { type Finding, ok, warning } from './finding.ts';

/** What this program is, and whether the packages are there that it can do without. */
export async function examineProgram(context: Context): Promise<Finding> {
  const packages = {
    sharp: await isThere(() => import('sharp')),
    '@photostructure/sqlite': await isThere(() => import('@photostructure/sqlite')),
    'chafa-wasm': await isThere(importChafa),
  };
  const missing = Object.entries(packages).flatMap(([name, there]) => (there ? [] : [name]));
  const details = { version, runtime: context.runtime, packages };
  const message = `oai ${version} on ${context.runtime}`;
  if (missing.length === 0) return ok('program', message, details);
  const without = missing.map((name) => `${name} (${USES[name]})`).join(', ');
  const advice = `npm install -g ${missing.join(' ')}`;
  return warning('program', `${message}, without ${without}`, advice, details);
}

/** What the packages are for that come along where they can. */
const USES: Readonly<Record<string, string>> = {
  sharp: 'variation --fit',
  '@photostructure/sqlite': 'history, index',
  'chafa-wasm': '--show',
};

async function isThere(load: () => Promise<unknown>): Promise<boolean> {
  try {
    await load();
    return true;
  } catch {
    return false;
  }
}

/** What can be shown, asked and played here. Nothing of it is needed. */
export async function examineTerminal(context: Context): Promise<Finding[]> {
  const { stdin, stdout, stderr, env } = context;
  const pictures = stdout.isTTY ? await detectProtocol(context) : null;
  const player = await findPlayer(undefined, context).then(
    ({ program }) => program,
    () => null,
  );
  const details = {
    stdin: stdin.kind === 'terminal',
    stdout: stdout.isTTY,
    stderr: stderr.isTTY,
    columns: stdout.isTTY ? stdout.columns : null,
    color: stdout.color,
    utf8: isUtf8(env),
    pictures,
    player,
    editor: variable(context, 'VISUAL') ?? variable(context, 'EDITOR') ?? null,
  };
  const found: Finding[] = [];
  if (stdout.isTTY && !details.utf8) {
    found.push(
      warning(
        'terminal',
        'the locale is not UTF-8: what is not English comes out garbled',
        'export LC_ALL=C.UTF-8, or another that `locale -a` lists',
        details,
      ),
    );
  }
  const sound = player === null ? 'nothing here plays sound' : `sound by ${player}`;
  return [...found, ok('terminal', `${shown(details)}; ${sound}`, details)];
}

function shown({ stdin, stdout, columns, color, pictures }: Shown): string {
  if (!stdout) return 'none here: no colour, no pictures, nobody is asked';
  const questions = stdin ? '' : ', stdin is none: nobody is asked';
  const colours = color ? 'colour' : 'no colour';
  return `${columns} columns, ${colours}, pictures as ${pictures}${questions}`;
}

interface Shown {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly columns: number | null;
  readonly color: boolean;
  readonly pictures: string | null;
}

/** As the C library has it: the first of these that is set counts (POSIX, chapter 8.2). */
function isUtf8(env: Context['env']): boolean {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  // macOS and containers often set none, and their terminals are of UTF-8.
  return locale === '' || /utf-?8/i.test(locale);
}
