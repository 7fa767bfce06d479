import type { ChatMessage } from '../api/completions.ts';
import type { RealtimeSession } from '../api/realtime.ts';
import { Failure } from '../errors.ts';
import type { Question } from './conversation.ts';
import type { RealtimeItem } from './items.ts';
import { sendSound } from './sending.ts';
import type { SoundSource } from './sound-input.ts';

/**
 * A question that is spoken, perhaps with a text beside it.
 * @param items what goes before the sound
 */
export function spokenQuestion(source: SoundSource, items: readonly RealtimeItem[], text: string): Question {
  let isTaken = false;
  const message: ChatMessage = { role: 'user', content: text === '' ? `[sound: ${source.name}]` : text };
  const send = async (session: RealtimeSession) => {
    // What was said once cannot be said again.
    if (isTaken && source.isLive) {
      throw new Failure('network', 'the connection was lost, and stdin cannot be read again', {
        hint: 'a file can: --in FILE',
      });
    }
    isTaken = true;
    for await (const piece of source.open()) {
      // Why it has ended is known where it is listened to.
      if (!session.isOpen) break;
      await sendSound(session, piece);
    }
    await session.send({ type: 'input_audio_buffer.commit' });
  };
  return { items, message, send };
}
