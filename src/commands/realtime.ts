import type { Command } from 'commander';
import { LIVE_TRANSCRIPTION_MODEL, REALTIME_MODEL } from '../api/models.ts';
import { addFlags, type CommandModule } from '../command.ts';
import type { Context } from '../context.ts';
import { checkMemoryFlags, memoryFlags } from '../flags/memory.ts';
import { toolFlags } from '../flags/tools.ts';
import { languageFlag } from '../flags/transcripts.ts';
import { choice, duration, integer, text } from '../flags/values.ts';
import { doingOf, RATES, type RealtimeOptions } from '../realtime/options.ts';
import { turnDetections } from '../realtime/session-fields.ts';
import { liveFormats } from '../speech/live-sound.ts';

export type { RealtimeOptions } from '../realtime/options.ts';

type Options = RealtimeOptions & { readonly words: readonly string[] };

function define(command: Command): void {
  command.argument('[prompt...]', 'one turn; none: a session, line by line; `client-secret`: a key for one');
  addFlags(command, [
    {
      flags: '-m, --model <name>',
      help: `the model (default: ${REALTIME_MODEL}; ${LIVE_TRANSCRIPTION_MODEL} for --transcribe)`,
      read: text,
    },
    {
      flags: '--instructions <text>',
      help: 'what the model is to be; @file reads it from a file',
      read: text,
    },
    { flags: '--max-tokens <n>', help: 'the most tokens of an answer', read: integer(1) },
  ]);
  addFlags(
    command,
    [
      { flags: '--in <audio>', help: 'a question that is spoken: a file, or - for stdin', read: text },
      {
        flags: '-o, --output <file>',
        help: 'have the answer spoken, into this file; - is stdout',
        read: text,
      },
      {
        flags: '-f, --format <format>',
        help: `${liveFormats.join(', ')} (default: as -o says, else wav)`,
        read: choice(...liveFormats),
      },
      { flags: '--voice <name>', help: 'who speaks: marin, cedar, …', read: text },
      { flags: '--force', help: 'replace the file of -o' },
      {
        flags: '--turn-detection <kind>',
        help: `who finds where a turn ends: ${turnDetections.join(', ')}`,
        read: choice(...turnDetections),
      },
    ],
    'Speech:',
  );
  addFlags(
    command,
    [
      {
        flags: '--transcribe <audio>',
        help: 'write down what is said, as it is: a file, or - for stdin',
        read: text,
      },
      languageFlag,
      {
        flags: '--rate <hz>',
        help: 'of PCM of 16 bits, which does not say it itself (default: 24000)',
        read: integer(RATES.lowest, RATES.highest),
      },
    ],
    'Transcription:',
  );
  addFlags(
    command,
    toolFlags.filter(({ flags }) => !flags.startsWith('--tool-result')),
    'Tools:',
  );
  addFlags(
    command,
    memoryFlags.filter(({ flags }) => flags !== '--add' && flags !== '--usage'),
    'Memory:',
  );
  addFlags(
    command,
    [
      {
        flags: '--expires-after <duration>',
        help: 'client-secret: 10s to 2h (default: 10m)',
        read: duration,
      },
    ],
    'Client secrets:',
  );
}

const notes = `
Without a prompt and without sound a session opens: at a terminal you type, in a
pipe each line is a turn. /exit or Ctrl-D ends it, Ctrl-C an answer. A session
that is lost cannot be resumed: the next turn opens another one, which is told
what was said. The API ends each after 60 minutes.
With -o the answer is spoken and saved; its words are on stdout, and on stderr
where the sound is there (-o -).
--in and --transcribe take WAV and MP3, and what ffmpeg reads where that is
installed; on stdin PCM of 16 bits, one channel, of --rate, or WAV or MP3. A
line is printed for each turn: --turn-detection has the server find them
(--transcribe: of models that can), else they end where it is quiet.
--json prints each event of the server as a line of JSON; the sound that goes
into a file is left out. client-secret prints the key alone: it opens sessions
of the kind that the flags say, for a browser or an app, until it expires.`;

const examples = [
  { line: 'oai realtime', note: 'a session at the terminal' },
  { line: 'oai realtime --sandbox "hello"', note: 'one turn, no key needed' },
  { line: "printf 'hi\\nand again\\n' | oai realtime", note: 'a session as a script' },
  { line: 'oai realtime --in question.wav -o reply.wav', note: 'a spoken turn' },
  { line: 'oai realtime -o joke.mp3 --voice cedar "tell me a joke"', note: 'typed, and answered by voice' },
  { line: 'oai realtime --transcribe talk.wav --language en', note: 'written down' },
  {
    line: 'arecord -q -f S16_LE -r 24000 | oai realtime --transcribe -',
    note: 'what is said into the microphone, as it is said',
  },
  {
    line: 'oai realtime --tool weather=./weather.sh --yes "what is the weather in Oslo?"',
    note: 'a program of yours tells',
  },
  { line: 'oai realtime client-secret --expires-after 1m', note: 'a key for a browser' },
];

async function run(options: Options, context: Context): Promise<void> {
  checkMemoryFlags(options);
  const doing = doingOf(options);
  const { connect } = await import('../api/client.ts');
  const api = await connect(options, context);
  if (doing === 'client-secret') {
    const { runClientSecret } = await import('../realtime/run-client-secret.ts');
    return runClientSecret(options, api, context);
  }
  if (doing === 'transcribe') {
    const { runTranscription } = await import('../realtime/run-transcription.ts');
    return runTranscription(options, api, context);
  }
  if (doing === 'talk') {
    const { runTalk } = await import('../realtime/run-talk.ts');
    return runTalk(options, api, context);
  }
  const { runTurn } = await import('../realtime/run-turn.ts');
  return runTurn(options, api, context);
}

/** `oai realtime`: a live session, typed or spoken, and live transcription. */
export const realtime: CommandModule<RealtimeOptions> = { define, examples, notes, run };
