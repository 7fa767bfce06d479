import type { Api } from '../api/client.ts';
import type { ChatRequest } from '../api/completions.ts';
import { voiceField, voices } from '../api/voices.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import type { AnswerFlags } from '../flags/answers.ts';
import type { GlobalOptions } from '../flags/global.ts';
import { type AudioFormat, audioFormatOf, type SpeakingFlags } from '../flags/speaking.ts';
import { findTarget, isStdoutPath, NOWHERE, type Target } from '../output/target.ts';

/** How an answer is said. */
export interface Speaking {
  readonly fields: Pick<ChatRequest, 'modalities' | 'audio'>;
  readonly format: AudioFormat;
  readonly target: Target;
}

type Options = SpeakingFlags &
  Pick<AnswerFlags, 'count' | 'events'> &
  Pick<GlobalOptions, 'json'> & {
    /** A file, a directory, a pattern, or `-`. */
    readonly output?: string;
    readonly force?: boolean;
  };

/**
 * Reads what the flags say of an answer that is said; finds out where its sound goes, before anything is asked for.
 * @param subject what files are named after
 * @returns undefined where it is written only
 * @throws Failure (usage)
 */
export async function speakingFor(
  options: Options,
  subject: string,
  api: Api,
  context: Context,
): Promise<Speaking | undefined> {
  const { audio: voice, audioFormat, output, force = false, count = 1, events, json } = options;
  if (voice === undefined) {
    if (audioFormat !== undefined)
      throw usageError('--audio-format is for an answer that is said', '--audio coral says it');
    return undefined;
  }
  checkVoice(voice, api);
  const format = audioFormatOf(options, output);
  if (events === true && format !== 'pcm16') {
    throw usageError(
      `--events are those of a stream, and ${format} comes whole`,
      '--audio-format pcm16 is streamed',
    );
  }
  if (output !== undefined && isStdoutPath(output) && (json === true || events === true)) {
    throw usageError(`${json === true ? '--json' : '--events'} and -o - both want stdout`);
  }
  const place = { output, force, count, subject, thing: 'a spoken answer', example: 'reply.wav' };
  const target = api.dryRun ? NOWHERE : await findTarget(place, context);
  return {
    fields: { modalities: ['text', 'audio'], audio: { voice: voiceField(voice), format } },
    format,
    target,
  };
}

/** @throws Failure (usage) on a voice that OpenAI does not have; other servers have their own */
function checkVoice(name: string, { settings }: Api): void {
  if (!settings.isOpenAI || name.startsWith('voice_') || voices.some(({ voice }) => voice === name)) return;
  const known = voices.map(({ voice }) => voice).join(', ');
  throw usageError(
    `--audio ${name} is none of the voices ${known}`,
    '`oai speak --voices` says what they are like',
  );
}

/** Whether an answer comes in pieces: of sound, `pcm16` alone does (the API's answer to any other format). */
export function isStreamed(
  { json, stream }: Pick<AnswerFlags, 'stream'> & Pick<GlobalOptions, 'json'>,
  speaking: Speaking | undefined,
): boolean {
  return json !== true && stream !== false && (speaking === undefined || speaking.format === 'pcm16');
}
