import type { Api } from '../api/client.ts';
import type { Via, ViaFlags } from '../flags/via.ts';

/** The endpoint by which a chat is held: as the flag says, or the profile. */
export function viaOf({ via }: ViaFlags, { settings }: Pick<Api, 'settings'>): Via {
  return via ?? settings.chatVia;
}
