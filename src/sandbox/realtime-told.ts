import type { SessionUpdatedEvent } from 'openai/resources/realtime/realtime';
import { PCM_FORMAT } from './realtime-response-events.ts';
import type { Settings } from './realtime-settings.ts';

/** A session as the API tells it. */
export function sessionTold(id: string, model: string, settings: Settings): SessionUpdatedEvent['session'] {
  const { transcription, turnDetection, instructions, modality, voice, speed } = settings;
  const input = {
    format: PCM_FORMAT,
    ...(transcription !== undefined && { transcription }),
    turn_detection: turnDetection,
  };
  if (settings.kind === 'transcription') {
    const told = { type: 'transcription', object: 'realtime.transcription_session', id, audio: { input } };
    return told as unknown as SessionUpdatedEvent['session'];
  }
  return {
    type: 'realtime',
    object: 'realtime.session',
    id,
    model,
    output_modalities: [modality],
    instructions,
    tools: settings.tools,
    tool_choice: settings.toolChoice,
    max_output_tokens: settings.maxTokens,
    truncation: 'auto',
    tracing: null,
    prompt: null,
    audio: { input, output: { format: PCM_FORMAT, voice, speed } },
  } as unknown as SessionUpdatedEvent['session'];
}
