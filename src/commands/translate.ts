import type { Command } from 'commander';
import { defaultModels } from '../api/models.ts';
import { addFlags, type CommandModule } from '../command.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import {
  languageFlag,
  promptFlag,
  type TranscriptOptions,
  temperatureFlag,
  transcriptOutputFlags,
} from '../flags/transcripts.ts';
import { choice, text } from '../flags/values.ts';
import { readParams } from '../input/params.ts';
import { textValue } from '../input/text.ts';
import { isStdoutPath } from '../output/target.ts';
import { languageCode, readLanguage } from '../transcripts/language.ts';
import type { TranslationWish, Via } from '../translation/plan.ts';

export interface TranslateOptions extends TranscriptOptions {
  readonly to?: string;
  readonly via?: Via;
  /** The model that writes speech down on the way by chat. */
  readonly transcribeModel?: string;
}

type Options = TranslateOptions & { readonly words: readonly string[] };

function define(command: Command): void {
  command.argument(
    '[input...]',
    'files with sound or text, directories, patterns, URLs; `-` or a pipe is stdin',
  );
  addFlags(command, [
    { flags: '--to <language>', help: 'a code or a name: ko, Korean, pt-BR (default: English)', read: text },
    {
      flags: '--via <route>',
      help: 'speech by translations (into English; default) or chat (into any language)',
      read: choice('translations', 'chat'),
    },
    {
      flags: '-m, --model <name>',
      help: `the model that translates (default: whisper-1 for speech into English, else ${defaultModels.chat})`,
      read: text,
    },
    {
      flags: '--transcribe-model <name>',
      help: `what writes speech down first; leads by chat (default: ${defaultModels.transcribe})`,
      read: text,
    },
    languageFlag,
    promptFlag,
    temperatureFlag,
    {
      flags: '-f, --format <format>',
      help: 'text, json, verbose_json, srt or vtt (default: as -o or the subtitles say, else text)',
      read: choice('text', 'json', 'verbose_json', 'srt', 'vtt'),
    },
    ...transcriptOutputFlags,
  ]);
}

const notes = `
What is sound is told by its bytes; all else is text, and goes by chat.
Subtitles (.srt, .vtt) stay subtitles, with their times. Several inputs, or a
directory, become a file each: talk.ko.srt for talk.mp3. What is there already
is left as it is, and so is what has the language in its name, as talk.ko.srt.
Of a directory, sound and subtitles are taken; texts by a pattern: 'docs/*.md'.`;

const examples = [
  { line: 'oai translate interview.mp3', note: 'speech in any language as English text' },
  { line: 'oai translate talk.mp3 --to ko -f srt -o talk.ko.srt', note: 'subtitles in Korean' },
  { line: 'echo 안녕하세요 | oai translate --sandbox --to en', note: 'text; no key needed' },
  { line: 'oai translate movie.srt --to French > movie.fr.srt', note: 'subtitles keep their times' },
  { line: 'oai translate recordings/ --to de -o german/', note: 'a file each' },
];

async function run(options: Options, context: Context): Promise<void> {
  const { connect } = await import('../api/client.ts');
  const api = await connect(options, context);
  const { translateAll } = await import('../translation/run.ts');
  await translateAll(options.words, await readWish(options, context), options, api, context);
}

async function readWish(options: Options, context: Context): Promise<TranslationWish & { asJson: boolean }> {
  const { output, json, format } = options;
  const isForFile = output !== undefined && !isStdoutPath(output);
  const asJson = json === true && !isForFile;
  if (asJson && format !== undefined && !format.endsWith('json')) {
    throw usageError(
      `--json and -f ${format} contradict each other`,
      'with -o both go: the file, and word of it',
    );
  }
  return {
    to: readLanguage(options.to ?? 'en', '--to'),
    via: options.via,
    model: options.model,
    transcribeModel: options.transcribeModel,
    prompt: options.prompt === undefined ? undefined : await textValue(options.prompt, '--prompt', context),
    temperature: options.temperature,
    languages: (options.language ?? []).map((language) => languageCode(language, '--language')),
    params: readParams(options.param ?? []),
    asJson,
  };
}

export const translate: CommandModule<TranslateOptions> = { define, examples, notes, run };
