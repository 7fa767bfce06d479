import { knownModels } from '../api/models.ts';
import type { Context } from '../context.ts';
import { rememberedModels } from '../model-list/remembered.ts';
import { isOpenAIHost } from '../settings/base-url.ts';
import { resolveTarget } from '../settings/resolve.ts';
import { readSources } from '../settings/sources.ts';
import type { Candidate } from './candidate.ts';
import type { TypedLine } from './typed-line.ts';

/** What the names of models that a command can use have in them, at OpenAI. */
const FOR_COMMAND: Readonly<Record<string, RegExp>> = {
  image: /image|dall-e/,
  edit: /image|dall-e/,
  variation: /image|dall-e/,
  speak: /tts|realtime/,
  transcribe: /transcribe|whisper/,
  embed: /embedding/,
  index: /embedding/,
  moderate: /moderation/,
  realtime: /realtime/,
};

/** What those of chat have not. */
const OTHERS = /image|dall-e|sora|tts|realtime|transcribe|whisper|embedding|moderation|^gpt-live/;

/** Commands that take any model. */
const OF_ALL_KINDS: readonly string[] = ['models', 'config', 'tokens', 'translate'];

/**
 * The models that can be meant: aliases of the settings, and what the server had when it was asked last (`oai models`);
 * where it never was, those that are known of OpenAI.
 */
export async function modelNames(line: TypedLine, context: Context): Promise<readonly Candidate[]> {
  const sources = await readSources(context);
  const { '--profile': profile, '--base-url': baseUrl } = line.values;
  const { profile: chosen, baseUrl: url } = await resolveTarget({ profile, baseUrl }, sources, context);
  const aliases = [...(chosen.config.aliases ?? []), ...(sources.config.aliases ?? [])];
  const isOpenAI = isOpenAIHost(url.value);
  const remembered = await rememberedModels(context, url.value);
  const names = remembered.length > 0 || !isOpenAI ? remembered : knownModels(context.clock.now());
  const fitting = isOpenAI ? names.filter((name) => fits(name, line)) : names;
  return [
    ...aliases.map(([value, model]) => ({ value, help: model })),
    ...fitting.map((value) => ({ value, help: '' })),
  ];
}

function fits(name: string, { wanted }: TypedLine): boolean {
  const command = wanted.kind === 'command' ? undefined : wanted.line?.sheet.name;
  if (command === undefined || OF_ALL_KINDS.includes(command)) return true;
  return FOR_COMMAND[command]?.test(name) ?? !OTHERS.test(name);
}
