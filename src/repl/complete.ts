import { readdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Api } from '../api/client.ts';
import { listModels } from '../api/model-list.ts';
import type { Context } from '../context.ts';
import type { Complete, Completion, Suggestion } from '../editor/completion.ts';
import { mayChat } from './models.ts';
import { settings } from './settings.ts';
import type { Shelf } from './shelf.ts';
import { type Completes, slashCommand, slashCommands } from './slash-commands.ts';
import type { Tray } from './tray.ts';
import { pathOf } from './words.ts';

/** How long the server may take to list its models while somebody waits for a completion, in ms. */
const PATIENCE_MS = 3000;

/** Of what there are names to be completed. */
export interface Surroundings {
  readonly api: Api;
  readonly shelf: Shelf;
  readonly tray: Tray;
  readonly context: Context;
}

type Names = Readonly<Record<'models' | 'conversations' | 'attachments', () => Promise<readonly string[]>>>;

/** The newest; more are nothing to choose from. */
const MOST_CONVERSATIONS = 200;

/** Completes commands and what they take, and paths (`./`, `/`, `~/`) in a question. */
export function completer(around: Surroundings): Complete {
  const { context } = around;
  const names: Names = {
    models: modelNames(around.api, context),
    conversations: async () =>
      (await around.shelf.list()).slice(0, MOST_CONVERSATIONS).map(({ name, id }) => name ?? id),
    attachments: () => Promise.resolve(around.tray.names),
  };
  return async (text, cursor) => {
    const before = text.slice(0, cursor);
    const command = /^\/(\S*)$/.exec(before);
    if (command !== null) return commandNames(command[1] ?? '', cursor);
    const [, name = '', gap = ''] = /^\/(\S+)(\s+)/.exec(before) ?? [];
    const completes = slashCommand(name)?.completes;
    const start = name === '' ? wordStart(before) : `/${name}${gap}`.length;
    const typed = before.slice(start);
    if (name === '') return /^(\.{0,2}|~)\//.test(typed) ? files(typed, start, cursor, context) : undefined;
    if (completes === 'files') return files(typed, start, cursor, context);
    if (completes === undefined) return undefined;
    return { start, end: cursor, suggestions: beginning(typed, await suggestionsFor(completes, names)) };
  };
}

/** Where the word begins that stands before the cursor; a blank behind a backslash is part of it. */
function wordStart(before: string): number {
  return before.length - (/(?:\\.|[^\s\\])*$/.exec(before)?.[0].length ?? 0);
}

function commandNames(typed: string, cursor: number): Completion {
  const suggestions = slashCommands.map(({ name, argument, help }) => ({
    text: argument === '' ? `/${name}` : `/${name} `,
    note: help,
  }));
  return { start: 0, end: cursor, suggestions: beginning(`/${typed}`, suggestions) };
}

function beginning(typed: string, suggestions: readonly Suggestion[]): Suggestion[] {
  return suggestions.filter(({ text }) => text.startsWith(typed));
}

async function suggestionsFor(
  completes: Exclude<Completes, 'files'>,
  names: Names,
): Promise<readonly Suggestion[]> {
  if (completes === 'settings') return settings.map(({ name, help }) => ({ text: `${name} `, note: help }));
  if (completes === 'commands') return slashCommands.map(({ name, help }) => ({ text: name, note: help }));
  const words = typeof completes === 'string' ? await names[completes]() : completes;
  return words.map((text) => ({ text }));
}

/** The server is asked once, when a name is wanted for the first time. */
function modelNames(api: Api, { clock }: Context): () => Promise<readonly string[]> {
  let names: readonly string[] | undefined;
  return async () => {
    if (names !== undefined) return names;
    const patience = new AbortController();
    const timer = clock.timer(PATIENCE_MS, () => patience.abort(new Error('too slow')));
    try {
      const { models } = await api.each((own) => listModels(own), patience.signal);
      names = models
        .map(({ id }) => id)
        .filter(mayChat)
        .sort();
      return names;
    } catch {
      // No names is what there is to suggest.
      return [];
    } finally {
      timer.cancel();
    }
  };
}

/** The files of the folder that the typed path leads to; hidden ones when a dot was typed. */
async function files(typed: string, start: number, end: number, context: Context): Promise<Completion> {
  const path = typed.replace(/^["']/, '').replace(/\\(.)/g, '$1');
  const isFolder = path === '' || path.endsWith('/');
  const begun = isFolder ? '' : basename(path);
  const folder = path.slice(0, path.length - begun.length);
  const entries = await readdir(pathOf(folder === '' ? '.' : isFolder ? folder : dirname(path), context), {
    withFileTypes: true,
  }).catch(() => []);
  const suggestions = entries
    .filter(({ name }) => name.startsWith(begun) && (begun.startsWith('.') || !name.startsWith('.')))
    .map((entry) => ({ text: escaped(`${folder}${entry.name}${entry.isDirectory() ? '/' : ''}`) }))
    .sort((a, b) => (a.text < b.text ? -1 : 1));
  return { start, end, suggestions };
}

function escaped(path: string): string {
  return path.replace(/[\s"'\\]/g, '\\$&');
}
