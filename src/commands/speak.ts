import { extname } from 'node:path';
import type { Command } from 'commander';
import type { Api } from '../api/client.ts';
import { defaultModels } from '../api/models.ts';
import { DEFAULT_VOICE, type Via, voices } from '../api/voices.ts';
import { joinableFormats, type SpeechFormat } from '../audio/join.ts';
import { addFlags, type CommandModule } from '../command.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import type { GlobalOptions } from '../flags/global.ts';
import { choice, number, text } from '../flags/values.ts';
import { readParams } from '../input/params.ts';
import { readTextArgument } from '../input/prompt.ts';
import { textValue } from '../input/text.ts';
import { writeJson } from '../output/json.ts';
import type { Player } from '../output/player.ts';
import { startWaiting } from '../output/progress.ts';
import { writeRows } from '../output/table.ts';
import { findTarget, type Target } from '../output/target.ts';
import { inertText } from '../output/terminal.ts';
import type { Route, Wish } from '../speech/routes.ts';

export interface SpeakOptions extends GlobalOptions {
  readonly voice?: string;
  readonly voices?: boolean;
  readonly model?: string;
  /** Text or `@file`. */
  readonly instructions?: string;
  readonly speed?: number;
  readonly format?: SpeechFormat;
  /** A file, a directory, a pattern, or `-`. */
  readonly output?: string;
  readonly force?: boolean;
  readonly play?: boolean;
  readonly via?: Via;
}

type Options = SpeakOptions & { readonly words: readonly string[] };

function define(command: Command): void {
  command.argument('[text...]', 'what to say; without it, or for `-`, stdin is read');
  addFlags(command, [
    {
      flags: '-v, --voice <name>',
      help: `one of --voices, or the id of your own (default: ${DEFAULT_VOICE})`,
      read: text,
    },
    { flags: '--voices', help: 'list the voices' },
    { flags: '-m, --model <name>', help: `the model (default: ${defaultModels.speak})`, read: text },
    { flags: '--instructions <text>', help: 'how to say it; @file reads it from a file' },
    { flags: '--speed <factor>', help: 'from 0.25 to 4 (default: 1)', read: number(0.25, 4) },
    {
      flags: '-f, --format <format>',
      help: 'mp3, opus, aac, flac, wav or pcm (default: as -o says, else mp3)',
      read: choice(...joinableFormats),
    },
    { flags: '-o, --output <path>', help: 'a file, a directory, or - for stdout', read: text },
    { flags: '--force', help: 'replace a file that exists' },
    { flags: '--play', help: 'play it, as it comes; without -o no file is made' },
    {
      flags: '--via <route>',
      help: 'speech (default), or realtime, which takes its place',
      read: choice('speech', 'realtime'),
    },
  ]);
}

const notes = `
Files are named after the text unless -o says otherwise, never replace one
another, and their path is printed. A text of any length is spoken: it is split
between sentences, and the parts are joined into one sound.
Listeners must be told that the voice is made by AI and is no person's
(OpenAI's usage policies).`;

const examples = [
  { line: 'oai speak "good morning"', note: 'saved as good-morning.mp3' },
  { line: 'oai speak --sandbox -v marin -o hello.wav "hello"', note: 'no key needed' },
  { line: 'oai speak -o book.mp3 < chapter.txt', note: 'a text of any length' },
  { line: 'oai speak --instructions "whisper" -o - "psst" > psst.mp3', note: 'the bytes, as they come' },
  { line: 'oai speak --voices', note: 'the voices' },
];

async function run(options: Options, context: Context): Promise<void> {
  if (options.voices === true) return listVoices(options, context);
  const { connect } = await import('../api/client.ts');
  const api = await connect(options, context);
  const said = await readTextArgument(options.words, context, 'text');
  const chosen = api.settings.model('speak', options.model);
  const player = options.play === true ? await loadPlayer(options, api, context) : undefined;
  const format = formatOf(options) ?? player?.format ?? 'mp3';
  const voice = options.voice ?? DEFAULT_VOICE;
  const instructions = await instructionsOf(options.instructions, context);
  const { findRoute } = await import('../speech/routes.ts');
  const { speed, via } = options;
  const params = readParams(options.param ?? []);
  const wish: Wish = { said, voice, speed, instructions, format, chosen, via, params };
  const route = await findRoute(wish, api, context);
  if (api.dryRun) return route.show();
  const target = await whereTo(options, said, player, context);
  const place = { target, player };
  const made = await makeSound(route, place, wish, api, context);
  await tell(made, wish, options, context);
}

async function listVoices(options: Options, context: Context): Promise<void> {
  const columns = {
    voice: (row: (typeof voices)[number]) => row.voice,
    via: (row: (typeof voices)[number]) => row.via.join(', '),
    like: (row: (typeof voices)[number]) => row.character,
  };
  await writeRows(context, voices, columns, options.json === true);
}

const FORMATS: Readonly<Record<string, SpeechFormat>> = {
  '.mp3': 'mp3',
  '.opus': 'opus',
  '.ogg': 'opus',
  '.aac': 'aac',
  '.flac': 'flac',
  '.wav': 'wav',
  '.pcm': 'pcm',
  '.raw': 'pcm',
};

/** @throws Failure (usage) where flag and name contradict each other, or the name is of another format */
function formatOf({ format, output }: SpeakOptions): SpeechFormat | undefined {
  const extension = extname(output ?? '').toLowerCase();
  const named = FORMATS[extension];
  if (format !== undefined && named !== undefined && format !== named) {
    throw usageError(`--format ${format} and -o ${output} contradict each other`);
  }
  if (format === undefined && /^\.(?:m4a|mp4|webm|wma|aiff?|amr|oga)$/.test(extension)) {
    throw usageError(`-o ${output}: the API makes ${joinableFormats.join(', ')}`);
  }
  return format ?? named;
}

async function instructionsOf(text: string | undefined, context: Context): Promise<string | undefined> {
  return text === undefined ? undefined : textValue(text, '--instructions', context);
}

/** @returns undefined where there is none and, in a dry run, nothing to be played either */
async function loadPlayer(
  options: SpeakOptions,
  { dryRun }: Api,
  context: Context,
): Promise<Player | undefined> {
  const { findPlayer } = await import('../output/player.ts');
  try {
    return await findPlayer(formatOf(options), context);
  } catch (error) {
    if (!dryRun) throw error;
    return undefined;
  }
}

/** @returns undefined where the sound is only to be played */
function whereTo(
  { output, force = false, play, json }: SpeakOptions,
  subject: string,
  player: Player | undefined,
  context: Context,
): Promise<Target | undefined> {
  if (json === true && output === '-') throw usageError('--json and -o - both want stdout');
  if (player !== undefined && play === true && output === undefined) return Promise.resolve(undefined);
  const place = { output, force, count: 1, subject, thing: 'sound', example: 'hello.mp3' };
  return findTarget(place, context);
}

/** What was made. */
interface Made {
  /** Undefined where it was only played, or went to stdout. */
  readonly path: string | undefined;
  readonly bytes: number;
  readonly model: string;
  readonly voice: string;
  readonly parts: number;
}

async function makeSound(
  first: Route,
  { target, player }: { readonly target: Target | undefined; readonly player: Player | undefined },
  { format }: Wish,
  api: Api,
  context: Context,
): Promise<Made> {
  const waiting = startWaiting(context, `speaking with ${first.model}`, { elapsed: true });
  let bytes = 0;
  try {
    const { deliver } = await import('../speech/delivery.ts');
    const { openRoute } = await import('../speech/routes.ts');
    const { joined, route } = await openRoute(first);
    const onPiece = (length: number) => {
      bytes += length;
      if (target?.isStdout !== false) waiting.stop();
    };
    const path = await deliver(joined, { target, player, extension: format, onPiece }, api, context);
    const { model, voice, parts } = route;
    return { path, bytes, model, voice, parts };
  } finally {
    waiting.stop();
  }
}

/** Prints the path, or with `--json` what was made. The API's own answer is the sound. */
async function tell(
  { path, voice, ...made }: Made,
  { format }: Wish,
  { json }: SpeakOptions,
  { stdout }: Context,
): Promise<void> {
  if (json === true) await writeJson(stdout, { path: path ?? null, format, voice, ...made });
  else if (path !== undefined) await stdout.write(`${stdout.isTTY ? inertText(path) : path}\n`);
}

export const speak: CommandModule<SpeakOptions> = { define, examples, notes, run };
