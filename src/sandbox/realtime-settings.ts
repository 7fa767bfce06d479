import type { ChatRequest } from './chat-request.ts';
import { invalidRequest } from './error-answer.ts';
import type { ModelCatalogue } from './models.ts';

/** What a session is for. */
export type SessionKind = 'realtime' | 'transcription';

/** A custom voice is an object with its id. */
export type VoiceField = string | { readonly id: string };

export interface TurnDetection {
  readonly type: 'server_vad' | 'semantic_vad';
  readonly silence_duration_ms?: number;
  readonly prefix_padding_ms?: number;
  readonly create_response?: boolean;
  readonly interrupt_response?: boolean;
}

export interface Transcription {
  readonly model?: string;
  readonly language?: string;
  readonly languages?: readonly string[];
  readonly prompt?: string;
}

export interface FunctionTool {
  readonly type: 'function';
  readonly name: string;
  readonly description?: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
}

/** What the sandbox takes of an update of a session. */
export interface SessionUpdate {
  readonly type: SessionKind;
  readonly output_modalities?: readonly ['audio' | 'text'];
  readonly instructions?: string;
  readonly max_output_tokens?: number | 'inf';
  readonly tools?: readonly FunctionTool[];
  readonly tool_choice?: string | { readonly type: 'function'; readonly name: string };
  readonly parallel_tool_calls?: boolean;
  readonly audio?: {
    readonly input?: {
      readonly transcription?: Transcription | null;
      readonly turn_detection?: TurnDetection | null;
    };
    readonly output?: { readonly voice?: VoiceField; readonly speed?: number };
  };
}

/** A session as it is. */
export interface Settings {
  readonly kind: SessionKind;
  readonly instructions: string;
  readonly modality: 'audio' | 'text';
  readonly voice: string;
  readonly speed: number;
  readonly maxTokens: number | 'inf';
  readonly tools: readonly FunctionTool[];
  readonly toolChoice: NonNullable<SessionUpdate['tool_choice']>;
  readonly parallelCalls: boolean;
  readonly transcription: Transcription | undefined;
  readonly turnDetection: TurnDetection | null;
}

const DEFAULT_INSTRUCTIONS = 'You are a helpful assistant.';

/** As the API has them (OpenAPI, `RealtimeTurnDetection`). */
const SERVER_VAD: TurnDetection = {
  type: 'server_vad',
  prefix_padding_ms: 300,
  silence_duration_ms: 500,
  create_response: true,
  interrupt_response: true,
};

export function defaultSettings(kind: SessionKind): Settings {
  return {
    kind,
    instructions: DEFAULT_INSTRUCTIONS,
    modality: 'audio',
    voice: 'alloy',
    speed: 1,
    maxTokens: 'inf',
    tools: [],
    toolChoice: 'auto',
    parallelCalls: true,
    transcription: undefined,
    turnDetection: SERVER_VAD,
  };
}

/** @throws ApiError 400 where it is not for such a session, or its fields contradict each other */
export function updated(now: Settings, update: SessionUpdate, models: ModelCatalogue): Settings {
  if (update.type !== now.kind) {
    const [wrong, right] = [update.type, now.kind];
    const message = `Passing a ${wrong} session update event to a ${right} session is not allowed.`;
    throw invalidRequest(message, 'session.type', 'invalid_value');
  }
  const { input = {}, output = {} } = update.audio ?? {};
  const transcription =
    input.transcription === undefined ? now.transcription : (input.transcription ?? undefined);
  if (transcription?.model !== undefined) checkTranscriber(transcription.model, models);
  const isLive = transcription?.model?.startsWith('gpt-live-') === true && now.kind === 'transcription';
  const detection = detectionOf(now.turnDetection, input.turn_detection);
  if (isLive && input.turn_detection != null) {
    throw invalidRequest(
      'Turn detection is not supported for this transcription model.',
      'session.audio.input.turn_detection',
      'invalid_value',
    );
  }
  return {
    kind: now.kind,
    instructions: update.instructions ?? now.instructions,
    modality: update.output_modalities?.[0] ?? now.modality,
    voice: output.voice === undefined ? now.voice : voiceName(output.voice),
    speed: output.speed ?? now.speed,
    maxTokens: update.max_output_tokens ?? now.maxTokens,
    tools: update.tools ?? now.tools,
    toolChoice: update.tool_choice ?? now.toolChoice,
    parallelCalls: update.parallel_tool_calls ?? now.parallelCalls,
    transcription,
    turnDetection: isLive ? null : detection,
  };
}

function detectionOf(
  now: TurnDetection | null,
  update: TurnDetection | null | undefined,
): TurnDetection | null {
  if (update === undefined || update === null) return update === undefined ? now : null;
  return update.type === 'server_vad' ? { ...SERVER_VAD, ...update } : update;
}

function checkTranscriber(model: string, models: ModelCatalogue): void {
  if (models.kindOf(model) === 'transcription') return;
  const message = `Model "${model}" cannot be used to transcribe.`;
  throw invalidRequest(message, 'session.audio.input.transcription.model', 'invalid_value');
}

/** The tools of a session, and the wish for one, as a chat has them. */
export function chatTools({ tools, toolChoice, parallelCalls }: Settings): Partial<ChatRequest> {
  if (tools.length === 0) return {};
  const choice =
    typeof toolChoice === 'string' ? toolChoice : { type: 'function', function: { name: toolChoice.name } };
  return {
    tools: tools.map(({ type, ...called }) => ({ type, function: called })),
    tool_choice: choice,
    parallel_tool_calls: parallelCalls,
  } as Partial<ChatRequest>;
}

/** The SDK's types (`RealtimeAudioConfigOutput.voice`), and their hum in Hz. */
const VOICES: Readonly<Record<string, number>> = {
  alloy: 150,
  ash: 110,
  ballad: 130,
  coral: 190,
  echo: 120,
  sage: 180,
  shimmer: 200,
  verse: 140,
  marin: 170,
  cedar: 100,
};
export const voices: readonly string[] = Object.keys(VOICES);
/** Hz, of custom voices. */
const OTHER_PITCH = 160;

/** Hz */
export function pitchOf(voice: string): number {
  return VOICES[voice] ?? OTHER_PITCH;
}

export function voiceName(voice: VoiceField): string {
  return typeof voice === 'string' ? voice : voice.id;
}
