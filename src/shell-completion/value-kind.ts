import type { FlagSheet } from '../command.ts';
import { SHELLS } from './scripts.ts';
import type { TypedCommand } from './typed-line.ts';

/** What a value is: one of a few words, something that is known by its name, a file. */
export type ValueKind =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'known'; readonly what: Known }
  /** Any file where there are no endings. Folders lead to files. */
  | { readonly kind: 'files'; readonly endings: readonly string[] }
  | { readonly kind: 'folders' }
  | { readonly kind: 'free' };

/** What is known on this machine, and can be listed without a network. */
export type Known = 'conversations' | 'models' | 'operations' | 'profiles' | 'roles' | 'settings' | 'voices';

const IMAGES = ['png', 'jpg', 'jpeg', 'webp', 'gif'];
/** What `/audio/transcriptions` takes (the API's reference, `file`), and what is converted here. */
const SOUND = ['mp3', 'wav', 'm4a', 'mp4', 'mpeg', 'mpga', 'webm', 'flac', 'ogg', 'oga', 'opus', 'aac'];

const FREE: ValueKind = { kind: 'free' };
const ANY_FILE = files();

function files(...endings: readonly string[]): ValueKind {
  return { kind: 'files', endings };
}

function known(what: Known): ValueKind {
  return { kind: 'known', what };
}

/** Flags whose name says more than what stands for their value. */
const BY_NAME: Readonly<Record<string, ValueKind>> = {
  '--profile': known('profiles'),
  '--conversation': known('conversations'),
  '--role': known('roles'),
  '--voice': known('voices'),
  '--audio': known('voices'),
  '--mask': files(...IMAGES),
  '--image': files(...IMAGES),
  '--schema': files('json'),
  '--tools': files('toml', 'json'),
  '--messages': files('json', 'jsonl'),
  '--tool-spec': files('json'),
  '--db': files('db'),
  '--input': files('txt', 'jsonl', 'csv'),
  // A path within a document.
  '--pick': FREE,
};

/** What the placeholders of flags and words stand for. */
const BY_PLACEHOLDER: Readonly<Record<string, ValueKind>> = {
  audio: files(...SOUND),
  dir: { kind: 'folders' },
  directory: { kind: 'folders' },
  file: ANY_FILE,
  files: ANY_FILE,
  folder: { kind: 'folders' },
  image: files(...IMAGES),
  images: files(...IMAGES),
  input: ANY_FILE,
  model: known('models'),
  path: ANY_FILE,
  paths: ANY_FILE,
  profile: known('profiles'),
  voice: known('voices'),
};

/** The kind of a flag's value. */
export function flagKind(
  { names, value = '', choices }: FlagSheet,
  line: TypedCommand | undefined,
): ValueKind {
  if (choices !== undefined) return { kind: 'words', words: choices };
  const name = names.find((one) => one.startsWith('--')) ?? '';
  // Words and roles begin with another role.
  if (name === '--from' && line?.sheet.name === 'role') return known('roles');
  if (/model$/.test(name)) return known('models');
  return BY_NAME[name] ?? BY_PLACEHOLDER[value.toLowerCase()] ?? FREE;
}

/** What `NAME` and its like stand for, by the command. */
const NAMES: Readonly<Record<string, Known>> = {
  history: 'conversations',
  models: 'models',
  role: 'roles',
};

/** Commands whose files are lines of JSON. */
const OF_JSON_LINES: readonly string[] = ['batch', 'finetune'];

/** Arguments that are one of a few words. */
const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
  shell: SHELLS,
};

/** The kind of the word at the cursor, that is no verb. @param name of the argument */
export function wordKind({ sheet, verbs, words }: TypedCommand, name: string): ValueKind {
  const choices = ARGUMENTS[name];
  if (choices !== undefined) return { kind: 'words', words: choices };
  if (sheet.name === 'api') return known('operations');
  const verb = verbs.find((one) => one.name === words[0]);
  if (verbs.length === 0 || verb === undefined) return BY_PLACEHOLDER[name.toLowerCase()] ?? FREE;
  const placeholder = verb.words[words.length - 1] ?? verb.words.at(-1) ?? '';
  if (sheet.name === 'config') return settingKind(placeholder, words);
  if (placeholder === 'NEW' || (sheet.name === 'role' && verb.name === 'new')) return FREE;
  if (placeholder === 'NAME')
    return NAMES[sheet.name] === undefined ? FREE : known(NAMES[sheet.name] ?? 'models');
  const kind = BY_PLACEHOLDER[placeholder.toLowerCase()] ?? FREE;
  return kind === ANY_FILE && OF_JSON_LINES.includes(sheet.name) ? files('jsonl') : kind;
}

function settingKind(placeholder: string, [, setting = '']: readonly string[]): ValueKind {
  if (placeholder === 'KEY') return known('settings');
  if (placeholder !== 'VALUE') return FREE;
  if (setting === 'profile') return known('profiles');
  return /(^|\.)(model|models\.\w+|aliases\.[\w-]+)$/.test(setting) ? known('models') : FREE;
}
