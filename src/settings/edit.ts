import { constants, type Stats } from 'node:fs';
import { type FileHandle, link, lstat, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Context, sleep } from '../context.ts';
import { errno, Failure, reasonOf, usageError } from '../errors.ts';
import { decodeUtf8 } from '../input/text.ts';
import { makeFolders } from '../output/folders.ts';
import { throughLinks } from '../output/writable.ts';
import { configPath, shortPath } from './paths.ts';
import { isTable, type TomlTable } from './schema.ts';
import { parseToml, readPlainFile, validConfig } from './sources.ts';

/** A change to one setting: its path in the document, and its new value; undefined takes it out. */
export interface Change {
  readonly path: readonly string[];
  readonly value: unknown;
}

/** Another writer is waited for this long in all, in ms, and looked for this often. */
const LONGEST_WAIT = 3000;
const WAIT_STEP = 50;
/** A part this old, in ms, is a dead writer's: a living one has it for a few milliseconds. */
const DEAD_AFTER = 10_000;

/** The path of the user's config file. @throws Failure (usage) where there is no home to have it in */
export function requireConfigPath(context: Context): string {
  const path = configPath(context);
  if (path === undefined) {
    throw usageError(
      'there is no home directory for config.toml',
      'set HOME, or OAI_HOME to a folder of your choice',
    );
  }
  return path;
}

/**
 * Changes the user's `config.toml`, or makes it. Comments and layout stay. The new file (0600) is written beside as
 * `config.toml.part`, which also keeps other writers out until it is renamed. A link is written through.
 * @returns the file's path
 * @throws Failure (usage) when it cannot be written, is broken, or a change would break it
 */
export async function editConfig(changes: readonly Change[], context: Context): Promise<string> {
  const path = requireConfigPath(context);
  const name = shortPath(path, context.home);
  const target = await regularTarget(path, name);
  const part = `${target}.part`;
  const handle = await openPart(part, name, context);
  const own = await handle.stat();
  try {
    await handle.writeFile(await changedText(readOld(target, name), changes, name));
    await handle.sync();
    // Who was held up long enough to be taken for dead must not give another's unfinished text its name.
    if (!(await isStill(part, own))) throw anotherWrites(part, name, context);
    await handle.close();
    await rename(part, target);
  } catch (error) {
    // Asked while the file is open: until then nobody else's has its number.
    if (await isStill(part, own)) await rm(part, { force: true }).catch(() => {});
    await handle.close().catch(() => {});
    throw errno(error) === undefined ? error : cannotWrite(name, error);
  }
  return path;
}

/** The text that `editConfig` would write. Nothing is written. @throws as that does */
export async function editedText(
  changes: readonly Change[],
  context: Context,
): Promise<{ path: string; text: string }> {
  const path = requireConfigPath(context);
  const name = shortPath(path, context.home);
  const target = await regularTarget(path, name);
  return { path, text: await changedText(readOld(target, name), changes, name) };
}

/** What config.toml holds, which need not be valid settings. @throws Failure (usage) when it is no TOML */
export async function readRawConfig(context: Context): Promise<TomlTable> {
  const path = requireConfigPath(context);
  const name = shortPath(path, context.home);
  return parseToml(readOld(path, name), name);
}

/** Where a path leads: to a file or to nothing yet. Renaming over a device would take it from everybody. */
async function regularTarget(path: string, name: string): Promise<string> {
  try {
    const target = await throughLinks(path);
    const there = await lstat(target).catch((error: unknown) => {
      if (errno(error) === 'ENOENT') return undefined;
      throw error;
    });
    if (there === undefined || there.isFile()) return target;
    const shown = target === path ? name : `${name}, which leads to ${target},`;
    throw usageError(`${shown} is no regular file: nothing can be kept there`);
  } catch (error) {
    throw error instanceof Failure ? error : cannotWrite(name, error);
  }
}

async function openPart(part: string, name: string, context: Context): Promise<FileHandle> {
  const deadline = context.clock.now() + LONGEST_WAIT;
  for (;;) {
    const handle = await openNew(part, name);
    if (handle !== undefined) return handle;
    await clearDead(part, name, context);
    if (context.clock.now() >= deadline) throw anotherWrites(part, name, context);
    await sleep(context.clock, WAIT_STEP, context.signal);
  }
}

function anotherWrites(part: string, name: string, context: Context): Failure {
  return usageError(`another oai is writing ${name}`, `if none is, delete ${shortPath(part, context.home)}`);
}

/** Gives undefined while another writer has the file. */
async function openNew(part: string, name: string): Promise<FileHandle | undefined> {
  try {
    await makeFolders(dirname(part), 0o700);
    return await open(part, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  } catch (error) {
    if (errno(error) === 'EEXIST') return undefined;
    throw cannotWrite(name, error);
  }
}

/**
 * Takes away what a writer left that was killed. Of several who see it at once, one may move the new part of a faster
 * one: it is put back.
 */
async function clearDead(part: string, name: string, context: Context): Promise<void> {
  const isDead = (stats: Stats | undefined) =>
    stats !== undefined && context.clock.now() - stats.mtimeMs > DEAD_AFTER;
  try {
    const left = await statOrNothing(part);
    if (left === undefined || !isDead(left)) return;
    const aside = `${part}.${left.ino}`;
    await rename(part, aside);
    if (!isDead(await statOrNothing(aside))) await link(aside, part).catch(() => {});
    await rm(aside, { force: true });
  } catch (error) {
    if (errno(error) !== 'ENOENT') throw cannotWrite(name, error);
  }
}

async function statOrNothing(path: string): Promise<Stats | undefined> {
  return lstat(path).catch(() => undefined);
}

async function isStill(path: string, { dev, ino }: Stats): Promise<boolean> {
  const now = await statOrNothing(path);
  return now !== undefined && now.dev === dev && now.ino === ino;
}

function cannotWrite(name: string, error: unknown): Failure {
  const reason = errno(error) === 'ENOENT' ? 'its folder cannot be made' : reasonOf(error);
  return usageError(`cannot write ${name}: ${reason}`, undefined, error);
}

function readOld(target: string, name: string): string {
  try {
    return decodeUtf8(readPlainFile(target).bytes, name);
  } catch (error) {
    if (errno(error) === 'ENOENT') return '';
    if (error instanceof Failure) throw error;
    throw usageError(`cannot read ${name}: ${reasonOf(error)}`, undefined, error);
  }
}

/** The file's new text, checked: it must read as the old one with the changes and nothing else. */
async function changedText(old: string, changes: readonly Change[], name: string): Promise<string> {
  const wanted = await parseToml(old, name);
  for (const change of changes) applyChange(wanted, change.path, change.value);
  // To take something out is how a config with a bad value is mended.
  if (changes.some(({ value }) => value !== undefined)) validConfig(wanted, name);

  const toml = await import('@decimalturn/toml-patch');
  let text = old;
  for (const change of changes) {
    const values: TomlTable = toml.parse(text);
    const [key = ''] = change.path;
    if (change.path.length === 1 && !Object.hasOwn(values, key) && change.value !== undefined) {
      text = withTopLine(text, toml.stringify({ [key]: change.value }), toml.parseDocument(text).cst);
    } else {
      text = withTableFor(change, text, values);
      const document: TomlTable = toml.parse(text);
      applyChange(document, change.path, change.value);
      text = toml.patch(text, document);
    }
  }
  const read = await parseToml(text, name);
  if (canonical(read) !== canonical(wanted)) {
    throw new Failure('bug', `${name} would not have kept its other settings; it is unchanged`);
  }
  return text.endsWith('\n') ? text : `${text}\n`;
}

function applyChange(table: TomlTable, path: readonly string[], value: unknown, root = true): void {
  const [key = '', ...deeper] = path;
  if (deeper.length === 0) {
    if (value === undefined) delete table[key];
    else table[key] = value;
    return;
  }
  const inner = Object.hasOwn(table, key) ? table[key] : undefined;
  if (isTable(inner)) {
    applyChange(inner, deeper, value, false);
    // `models`, `aliases` or `profiles` without anything in it.
    if (value === undefined && deeper.length === 1 && root && Object.keys(inner).length === 0)
      delete table[key];
  } else if (value !== undefined) {
    const made: TomlTable = {};
    table[key] = made;
    applyChange(made, deeper, value, false);
  }
}

/** Where a part of a TOML document begins and ends; lines count from 1. */
interface Block {
  readonly type: string;
  readonly loc: { readonly start: { readonly line: number }; readonly end: { readonly line: number } };
}

/**
 * A new setting of the top level goes below the last one there, or else above the first table and its comment:
 * the patch alone would part that comment from its table.
 */
function withTopLine(text: string, setting: string, blocks: readonly Block[]): string {
  const end = text.includes('\r\n') ? '\r\n' : '\n';
  const lines = text === '' ? [] : text.replace(/\r?\n$/, '').split(/\r?\n/);
  const firstTable = blocks.find(({ type }) => type === 'Table' || type === 'TableArray');
  const last = blocks.findLast((block) => block.type === 'KeyValue' && isAbove(block, firstTable));
  let at = last?.loc.end.line ?? (firstTable === undefined ? lines.length : firstTable.loc.start.line - 1);
  const added = [setting.trimEnd()];
  if (last === undefined && firstTable !== undefined) {
    while (lines[at - 1]?.trimStart().startsWith('#')) at--;
    added.push('');
  }
  return [...lines.slice(0, at), ...added, ...lines.slice(at), ''].join(end);
}

function isAbove(block: Block, table: Block | undefined): boolean {
  return table === undefined || block.loc.end.line < table.loc.start.line;
}

/** A new profile, `models` or `aliases` gets a table header at the end, as a person would write it. */
function withTableFor({ path, value }: Change, text: string, values: TomlTable): string {
  const table = path[0] === 'profiles' ? path.slice(0, 2) : path.slice(0, 1);
  if (value === undefined || path.length <= table.length) return text;
  const [outer = '', inner] = table;
  const existing = values[outer];
  const missing =
    inner === undefined ? existing === undefined : !isTable(existing) || existing[inner] === undefined;
  // Inline tables (`profiles = {…}`) take no headers: there the new table goes inline too.
  if (!missing || new RegExp(`^\\s*${outer}\\s*[.=]`, 'm').test(text)) return text;
  const header = table.map((key) => (/^[\w-]+$/.test(key) ? key : JSON.stringify(key))).join('.');
  const end = text.includes('\r\n') ? '\r\n' : '\n';
  const before = text.trim() === '' ? '' : `${text.trimEnd()}${end}${end}`;
  return `${before}[${header}]${end}`;
}

/** JSON with its keys in order, for a comparison. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    isTable(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
}
