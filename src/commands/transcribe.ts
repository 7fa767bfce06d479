import type { Command } from 'commander';
import { defaultModels } from '../api/models.ts';
import { addFlags, type CommandModule } from '../command.ts';
import type { Context } from '../context.ts';
import {
  type Granularity,
  granularities,
  languageFlag,
  promptFlag,
  type TranscriptOptions,
  temperatureFlag,
  transcriptFormats,
  transcriptOutputFlags,
} from '../flags/transcripts.ts';
import { choice, text } from '../flags/values.ts';
import { readParams } from '../input/params.ts';
import { textValue } from '../input/text.ts';
import { isStdoutPath } from '../output/target.ts';
import { chosenFormat } from '../transcripts/format.ts';
import { languageCode } from '../transcripts/language.ts';
import type { TranscriptWish } from '../transcripts/request.ts';

export interface TranscribeOptions extends TranscriptOptions {
  readonly keyword?: readonly string[];
  readonly timestamps?: readonly Granularity[];
  readonly diarize?: boolean;
  /** Each `NAME=clip.wav`, as typed. */
  readonly speaker?: readonly string[];
  readonly stream?: boolean;
}

type Options = TranscribeOptions & { readonly words: readonly string[] };

function define(command: Command): void {
  command.argument('[audio...]', 'files, directories, patterns, URLs; `-` or a pipe is stdin');
  addFlags(command, [
    {
      flags: '-m, --model <name>',
      help: `the model (default: ${defaultModels.transcribe}, or what gives the times or speakers asked for; whisper-1 on other servers)`,
      read: text,
    },
    languageFlag,
    promptFlag,
    { flags: '--keyword <word>', help: 'a name or a word that is spoken; repeatable', repeatable: true },
    temperatureFlag,
    {
      flags: '--timestamps <kinds>',
      help: 'segment, word, or both with a comma between: when each is spoken',
      read: granularities,
    },
    { flags: '--diarize', help: 'say who speaks' },
    {
      flags: '--speaker <name=clip>',
      help: 'whose voice it is in a clip of 2 to 10 s; up to 4 times',
      repeatable: true,
    },
    { flags: '--stream', help: 'print it as it is recognised, also with -f json: events as JSON Lines' },
    { flags: '--no-stream', help: 'wait for the whole' },
    {
      flags: '-f, --format <format>',
      help: 'text, json, verbose_json, srt, vtt or diarized_json (default: as -o says, else text)',
      read: choice(...transcriptFormats),
    },
    ...transcriptOutputFlags,
  ]);
}

const notes = `
One input goes to stdout, or to -o. Several, or a directory, become a file each,
beside the input or in -o DIR/: talk.txt for talk.mp3 (talk.mp3.txt where there
is a talk.wav too). What is there already is left as it is, so that the same
command goes on where it stopped. Folders in a directory are not looked into;
'DIR/**/*.mp3' goes into all of them. --timeout is for each request.
Files over 25 MB are sent in parts, split where it is quiet; other formats than
WAV, MP3 and FLAC need ffmpeg for that.`;

const examples = [
  { line: 'oai transcribe talk.mp3', note: 'the text, as it is recognised' },
  { line: 'oai transcribe talk.mp3 -f srt --max-line 42 > talk.srt', note: 'subtitles' },
  { line: 'oai transcribe meeting.mp3 --diarize', note: 'who says what' },
  { line: 'oai transcribe recordings/ -o texts/', note: 'a file each; again does what is new' },
  { line: 'oai speak --sandbox "hello" -o - | oai transcribe --sandbox', note: 'no key needed' },
  { line: 'oai transcribe call.wav --keyword Siobhan --language en', note: 'what helps to hear it' },
];

async function run(options: Options, context: Context): Promise<void> {
  const { connect } = await import('../api/client.ts');
  const api = await connect(options, context);
  const { findTranscriptInputs, transcribeAll } = await import('../transcripts/run.ts');
  const found = await findTranscriptInputs(options.words, context);
  const { planTranscript } = await import('../transcripts/request.ts');
  const wish = await readWish(options, context);
  const plan = planTranscript(wish, api, context);
  await transcribeAll(
    found,
    plan,
    { ...options, speakers: wish.speakers.map(({ name }) => name) },
    api,
    context,
  );
}

async function readWish(options: Options, context: Context): Promise<TranscriptWish> {
  const { readSpeakers } = await import('../transcripts/speakers.ts');
  const { output, maxLine, maxLines, timestamps = [], keyword = [] } = options;
  const isForFile = output !== undefined && !isStdoutPath(output);
  return {
    format: chosenFormat(options),
    asJson: options.json === true && !isForFile,
    timestamps,
    diarize: options.diarize === true,
    speakers: await readSpeakers(options.speaker ?? [], context),
    model: options.model,
    languages: (options.language ?? []).map((language) => languageCode(language, '--language')),
    prompt: options.prompt === undefined ? undefined : await textValue(options.prompt, '--prompt', context),
    keywords: keyword.map((word) => text(word, '--keyword')),
    temperature: options.temperature,
    laysOut: (maxLine ?? maxLines) !== undefined,
    stream: options.stream,
    params: readParams(options.param ?? []),
  };
}

export const transcribe: CommandModule<TranscribeOptions> = { define, examples, notes, run };
