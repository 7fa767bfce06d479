import type { Api } from '../api/client.ts';
import { LIVE_TRANSCRIPTION_MODEL } from '../api/models.ts';
import { noteRetirement } from '../api/notices.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { readParams } from '../input/params.ts';
import { languageCode } from '../transcripts/language.ts';
import type { RealtimeOptions } from './options.ts';
import { hasLanguages, transcriptionFields } from './session-fields.ts';
import { soundSource } from './sound-input.ts';
import { transcribeLive } from './transcription.ts';

/** Models that find no turns (OpenAI's guide to realtime transcription). */
function findsNoTurns(model: string): boolean {
  return /^gpt-live-|^gpt-realtime-whisper/.test(model);
}

/** Writes down what is said while it is said. @throws Failure: what came by then is printed */
export async function runTranscription(options: RealtimeOptions, api: Api, context: Context): Promise<void> {
  const { transcribe: path = '-', rate, turnDetection } = options;
  const chosen = options.model ?? api.settings.model('realtime', undefined);
  const named = options.model === undefined ? undefined : api.settings.model('realtime', options.model);
  const model = named ?? (chosen?.includes('transcribe') === true ? chosen : LIVE_TRANSCRIPTION_MODEL);
  if (named !== undefined) noteRetirement(named, api, context);
  const detection = turnDetection ?? (findsNoTurns(model) ? 'none' : 'server_vad');
  if (findsNoTurns(model) && detection !== 'none') {
    throw usageError(
      `--turn-detection ${detection} is not to be had of ${model}`,
      'without it turns end where it is quiet; -m gpt-4o-transcribe has it',
    );
  }
  const languages = (options.language ?? []).map((language) => languageCode(language, '--language'));
  if (languages.length > 1 && !hasLanguages(model)) {
    throw usageError(`${model} takes one --language`, `-m ${LIVE_TRANSCRIPTION_MODEL} takes several`);
  }
  const params = readParams(options.param ?? []);
  const fields = transcriptionFields({ model, languages, turnDetection: detection, params });
  const source = soundSource(path, { flag: '--transcribe', rate }, context);
  const isTimed = options.timeout !== undefined;
  const isJson = options.json === true;
  await transcribeLive({ source, fields, findsTurns: detection !== 'none', isJson, isTimed }, api, context);
}
