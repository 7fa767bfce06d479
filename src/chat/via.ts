import type { Api } from '../api/client.ts';
import type { Via, ViaFlags } from '../flags/via.ts';
import type { ChatTools } from './chat-tools.ts';

/** The endpoint by which a chat is held: as the flag says, or the profile. */
export function viaOf({ via }: ViaFlags, { settings }: Pick<Api, 'settings'>): Via {
  return via ?? settings.chatVia;
}

/** Whether answers with calls of these tools may come in pieces, by the way that the flags choose. */
export function areStreamed(
  tools: Pick<ChatTools, 'hasCustom'> | undefined,
  flags: ViaFlags,
  api: Api,
): boolean {
  return tools?.hasCustom !== true || viaOf(flags, api) === 'responses';
}
