import type { RealtimeClientEvent } from '../api/realtime.ts';
import type { ChatTools } from '../chat/chat-tools.ts';
import { withParams } from '../input/params.ts';
import { isObject, type JsonObject } from '../json.ts';
import { RATE } from '../speech/live-sound.ts';

export const turnDetections = ['server_vad', 'semantic_vad', 'none'] as const;
export type TurnDetection = (typeof turnDetections)[number];

/** The update that an event carries. */
export type SessionFields = Extract<RealtimeClientEvent, { type: 'session.update' }>['session'];

/** The sound of the Realtime API. */
const PCM = { type: 'audio/pcm', rate: RATE } as const;

/** What a session that talks is to be. */
export interface TalkWish {
  /** What answers come as: a spoken one brings its words along. */
  readonly modality: 'text' | 'audio';
  readonly instructions: string | undefined;
  readonly voice: string | undefined;
  readonly maxTokens: number | undefined;
  /** Undefined where nothing is listened to. */
  readonly turnDetection: TurnDetection | undefined;
  readonly tools: ChatTools | undefined;
  /** The fields of `--param`. */
  readonly params: JsonObject;
}

/** The fields of a session that talks. @throws Failure (usage) on a `--param` below a list */
export function talkFields(wish: TalkWish): SessionFields {
  const { modality, instructions, voice, maxTokens, turnDetection, tools, params } = wish;
  const input = turnDetection !== undefined && {
    input: { format: PCM, turn_detection: turnsOf(turnDetection) },
  };
  const output = modality === 'audio' && {
    output: { format: PCM, ...(voice !== undefined && { voice: voiceField(voice) }) },
  };
  const fields = {
    type: 'realtime',
    output_modalities: [modality],
    ...(instructions !== undefined && { instructions }),
    ...((input || output) && { audio: { ...input, ...output } }),
    ...(maxTokens !== undefined && { max_output_tokens: maxTokens }),
    ...(tools !== undefined && toolFields(tools)),
  };
  return withParams(fields, params) as unknown as SessionFields;
}

/** What a session that writes down is to be. */
export interface TranscriptionWish {
  readonly model: string;
  readonly languages: readonly string[];
  readonly turnDetection: TurnDetection | undefined;
  readonly params: JsonObject;
}

/** The fields of a session that writes down what is said. @throws Failure (usage) on a `--param` below a list */
export function transcriptionFields(wish: TranscriptionWish): SessionFields {
  const { model, languages, params } = wish;
  const [language] = languages;
  const asked = hasLanguages(model) ? { languages } : { language };
  const transcription = { model, ...(language !== undefined && asked) };
  const turn_detection = detectionOf(wish.turnDetection ?? 'none');
  const fields = { type: 'transcription', audio: { input: { format: PCM, transcription, turn_detection } } };
  return withParams(fields, params) as unknown as SessionFields;
}

/** Models that take several languages (OpenAPI, `AudioTranscription.languages`). */
export function hasLanguages(model: string): boolean {
  return /^gpt-(?:live-)?transcribe/.test(model);
}

function detectionOf(detection: TurnDetection) {
  return detection === 'none' ? null : { type: detection };
}

/** Each turn is answered when its answer is asked for: sound of a file comes faster than it can be answered. */
function turnsOf(detection: TurnDetection) {
  if (detection === 'none') return null;
  return { type: detection, create_response: false, interrupt_response: false };
}

/** A custom voice is an object with its id. */
function voiceField(voice: string) {
  return voice.startsWith('voice_') ? { id: voice } : voice;
}

/** Tools in the form of a session: a function's fields stand beside its type. */
function toolFields(tools: ChatTools): JsonObject {
  const { tools: _, tool_choice: choice, ...rest } = tools.fields([]) as JsonObject;
  const chosen = isObject(choice) && isObject(choice['function']) ? choice['function'] : undefined;
  return {
    ...rest,
    tools: tools.toolbox.definitions.map((tool) =>
      tool.type === 'function' ? { type: 'function', ...functionOf(tool.function) } : tool,
    ),
    ...(choice !== undefined && {
      tool_choice: chosen === undefined ? choice : { type: 'function', ...chosen },
    }),
  };
}

/** A session knows no strict functions. */
function functionOf({ strict: _, ...called }: { readonly name: string; readonly strict?: unknown }) {
  return called;
}
