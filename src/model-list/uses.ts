import type { Api } from '../api/client.ts';
import { defaultModels, REALTIME_MODEL } from '../api/models.ts';
import { DIARIZE, WHISPER } from '../api/transcription-models.ts';
import { CAPABILITIES, type Capability } from '../settings/schema.ts';

/** What each capability uses where neither the user nor the settings name a model. */
const DEFAULTS: Readonly<Partial<Record<Capability, string>>> = {
  ...defaultModels,
  translate: WHISPER,
  structured: defaultModels.chat,
};

/** What a part of a capability uses, at OpenAI. */
const PARTS: readonly (readonly [use: string, model: string])[] = [
  ['subtitles', WHISPER],
  ['speakers', DIARIZE],
  ['realtime', REALTIME_MODEL],
];

/** What this program uses each model for, with these settings: `chat`, `structured`, `speak`. */
export function usesOf({ settings }: Pick<Api, 'settings'>): ReadonlyMap<string, readonly string[]> {
  const chosen = CAPABILITIES.flatMap((capability) => {
    const model =
      settings.model(capability, undefined) ?? (settings.isOpenAI ? DEFAULTS[capability] : undefined);
    return model === undefined ? [] : [[capability, model] as const];
  });
  const uses = new Map<string, string[]>();
  for (const [use, model] of [...chosen, ...(settings.isOpenAI ? PARTS : [])]) {
    uses.set(model, [...(uses.get(model) ?? []), use]);
  }
  return uses;
}
