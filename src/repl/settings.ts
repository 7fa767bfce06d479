import { usageError } from '../errors.ts';
import { type AnswerFlags, answerFlags } from '../flags/answers.ts';
import type { ChatFields } from '../flags/chat.ts';
import { chatFlags } from '../flags/chat.ts';
import type { Flag } from '../flags/flag.ts';
import { type SamplingFlags, samplingFlags } from '../flags/sampling.ts';
import type { SpeakingFlags } from '../flags/speaking.ts';
import type { ToolFields } from '../flags/tools.ts';
import { type ViaFlags, viaFlags } from '../flags/via.ts';
import { didYouMean } from '../settings/nearest.ts';

/** The flags of a chat that can be changed while it is open. */
export type SessionFlags = ChatFields &
  ViaFlags &
  SamplingFlags &
  AnswerFlags &
  SpeakingFlags &
  Pick<ToolFields, 'yes' | 'maxTurns'>;

/** A setting of the requests: a flag that has the same name. */
export interface Setting {
  /** As it is typed: `top-p`. */
  readonly name: string;
  /** As the flags are read: `topP`. */
  readonly key: string;
  readonly help: string;
  readonly flag: Flag;
  /** It is on or off. */
  readonly isSwitch: boolean;
}

/** Flags of answers that change what is asked for, and not how one answer is printed. */
const FORMS: readonly string[] = ['json-object', 'schema', 'count', 'no-stream'];

const all: readonly Setting[] = [
  ...chatFlags('')
    .map(settingOf)
    .filter(({ name }) => name !== 'model'),
  ...viaFlags.map(settingOf),
  ...samplingFlags.map(settingOf),
  ...answerFlags.map(settingOf).filter(({ name }) => FORMS.includes(name)),
];

export const settings: readonly Setting[] = all;

function settingOf(flag: Flag): Setting {
  const [, name = ''] = /--([\w-]+)/.exec(flag.flags) ?? [];
  const key = name.replace(/^no-/, '').replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  return { name, key, help: flag.help, flag, isSwitch: !flag.flags.includes('<') };
}

/** @throws Failure (usage) with the nearest name, where there is none */
export function settingCalled(name: string): Setting {
  const found = settings.find((setting) => setting.name === name.replace(/^--/, '').replaceAll('_', '-'));
  if (found !== undefined) return found;
  const names = settings.map((setting) => setting.name);
  throw usageError(`there is no setting ${name}${didYouMean(name, names)}`, '/set lists them');
}

/**
 * The flags with another value of a setting.
 * @param typed `-` unsets it
 * @throws Failure (usage) on a value that the flag does not take
 */
export function withSetting(flags: SessionFlags, setting: Setting, typed: string): SessionFlags {
  const { key, flag } = setting;
  const { [key as keyof SessionFlags]: earlier, ...rest } = flags;
  if (typed === '-') return rest as SessionFlags;
  const value = setting.isSwitch ? switched(setting, typed) : (flag.read?.(typed, setting.name) ?? typed);
  const held = flag.repeatable === true ? [...(Array.isArray(earlier) ? earlier : []), value] : value;
  return { ...rest, [key]: held } as SessionFlags;
}

function switched({ name }: Setting, typed: string): boolean {
  if (typed !== 'on' && typed !== 'off') throw usageError(`${name} is on or off, not ${typed}`);
  // `no-stream on` is what --no-stream says.
  return (typed === 'on') !== name.startsWith('no-');
}

/** What a setting is just now, as it would be typed; undefined where it is not set. */
export function settingText(flags: SessionFlags, { key, name, isSwitch }: Setting): string | undefined {
  const value = flags[key as keyof SessionFlags];
  if (value === undefined) return undefined;
  if (isSwitch) return (value === true) !== name.startsWith('no-') ? 'on' : 'off';
  if (!Array.isArray(value)) return String(value);
  return value.map((one: unknown) => (Array.isArray(one) ? one.join('=') : String(one))).join(', ');
}
