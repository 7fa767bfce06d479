import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', 'src');

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

const sources = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) =>
  path.endsWith('.ts'),
);

/** Every import of a file; a path below src is given from src, a package by its name. */
function importsOf(path: string): Import[] {
  const text = readFileSync(join(root, path), 'utf8');
  const statements = text.matchAll(
    /(?:^|\n)\s*(?:import|export)\s+(type\s+)?[^;'"]*?from\s+'([^']+)'|import\(\s*'([^']+)'\s*\)/g,
  );
  return [...statements].map(([, type, fixed, lazy]) => {
    const target = fixed ?? lazy ?? '';
    const to = target.startsWith('.') ? relative(root, resolve(dirname(join(root, path)), target)) : target;
    return { from: path, to, typeOnly: type !== undefined };
  });
}

const imports = sources.flatMap(importsOf);

/** The floor that a file stands on: its folder, or its own name at the top. */
function floorOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.indexOf('/')) : path;
}

/**
 * From the top to the bottom: a file imports from floors below its own, or from its own folder. `api` uses
 * `settings`, `input` and `output`, never the other way round.
 */
const floors: readonly (readonly string[])[] = [
  ['main.ts'],
  ['program.ts', 'report.ts', 'system.ts', 'tab.ts', 'manual.ts'],
  ['terminal.ts'],
  ['overview.ts', 'engine.ts', 'tree.ts'],
  ['catalogue.ts'],
  ['commands'],
  ['realtime'],
  ['repl'],
  ['actions.ts'],
  ['search', 'doctor', 'shell-completion'],
  ['vector-stores'],
  ['translation', 'moderation', 'embeddings', 'structured', 'completion', 'responses', 'batches', 'finetune'],
  ['chat', 'images', 'model-list', 'operations', 'speech', 'transcripts'],
  ['tools'],
  ['schemas'],
  ['bulk'],
  ['attachments'],
  ['history'],
  ['files'],
  ['api'],
  ['roles'],
  ['sandbox', 'settings'],
  ['preview'],
  ['input'],
  ['tokens'],
  ['audio'],
  ['database', 'editor'],
  ['output'],
  ['manual-parts.ts'],
  ['command.ts'],
  ['flags'],
  ['context.ts'],
  ['errors.ts', 'json.ts', 'version.ts'],
];

function heightOf(path: string): number {
  return -floors.findIndex((floor) => floor.includes(floorOf(path)));
}

function listed(found: readonly Import[]): string[] {
  return found.map(({ from, to }) => `${from} imports ${to}`);
}

const inside = imports.filter(({ to }) => to.endsWith('.ts'));
const packages = imports.filter(({ to }) => !to.endsWith('.ts') && !to.endsWith('.json'));

describe('the house', () => {
  it('sees the imports that it judges', () => {
    expect(listed(imports)).toContain('main.ts imports program.ts');
    expect(listed(imports)).toContain('commands/chat.ts imports api/client.ts');
    expect(listed(imports)).toContain('program.ts imports commander');
  });

  it('has a floor for every file', () => {
    const names = floors.flat();
    expect(sources.filter((path) => !names.includes(floorOf(path)))).toEqual([]);
  });

  it('is imported from above only', () => {
    expect(listed(inside.filter(({ from, to }) => heightOf(from) < heightOf(to)))).toEqual([]);
  });

  it('keeps neighbours apart: commands, and the folders of one floor', () => {
    const neighbours = inside.filter(
      ({ from, to }) =>
        (heightOf(from) === heightOf(to) && floorOf(from) !== floorOf(to)) ||
        (floorOf(from) === 'commands' && floorOf(to) === 'commands'),
    );
    expect(listed(neighbours)).toEqual([]);
  });

  it('has commander in program, commands and the shape of a command only', () => {
    const users = packages.filter(({ to }) => to === 'commander');
    expect(
      users.filter(({ from }) => !['program.ts', 'command.ts', 'commands'].includes(floorOf(from))),
    ).toEqual([]);
  });

  it('has the openai runtime in api only', () => {
    const users = packages.filter(({ to, typeOnly }) => /^openai(\/|$)/.test(to) && !typeOnly);
    expect(users.length).toBeGreaterThan(0);
    expect(listed(users.filter(({ from }) => floorOf(from) !== 'api'))).toEqual([]);
  });

  it('touches the process in bin and system.ts only', () => {
    const users = sources.filter((path) => /(?<![\w.'`/-])process\s*\./.test(code(path)));
    expect(users).toEqual(['system.ts']);
    expect(packages.filter(({ to }) => to === 'node:process')).toEqual([]);
  });
});

/** A file without its comments. */
function code(path: string): string {
  return readFileSync(join(root, path), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
}
