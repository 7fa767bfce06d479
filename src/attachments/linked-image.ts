import { extname } from 'node:path';
import { addressKind, isLocalhost, literalAddress } from '../api/address.ts';
import type { Api } from '../api/client.ts';
import { Reach, type Resolve, systemResolve } from '../api/reach.ts';
import type { Context } from '../context.ts';

/** The kinds of images that every server with sight takes, as their addresses end. */
const IMAGES: readonly string[] = ['.png', '.jpg', '.jpeg', '.webp', '.gif'];

/** Whether a URL says of itself that it leads to an image. */
export function namesImage({ pathname }: URL): boolean {
  return IMAGES.includes(extname(pathname).toLowerCase());
}

/**
 * Whether the server is to fetch an image by itself: it does such things, and the image is on the internet, as far as can
 * be known. The address of anything in a network of the user's goes to nobody.
 * @param resolve looks names up
 */
export async function mayBePassedOn(
  url: URL,
  api: Api,
  context: Context,
  resolve: Resolve = systemResolve,
): Promise<boolean> {
  if (!api.settings.takesImageUrls || !namesImage(url) || isPrivateByName(url)) return false;
  // Plain http is for the server to judge.
  const asked = new URL(url);
  asked.protocol = 'https:';
  // A dry run asks nobody, not even for an address.
  const offline = api.files.offline || api.dryRun;
  const reach = new Reach({ typed: false, baseUrl: PUBLIC, offline }, context.env, resolve);
  return reach.hop(asked, undefined).then(
    () => true,
    () => false,
  );
}

/** What is near a server that is public for certain is public itself. */
const PUBLIC = 'https://1.1.1.1';

/** Names that are good in one network alone (RFC 6762, RFC 8375, and what routers and companies use). */
const PRIVATE_NAMES = /(?:^[^.]+|\.(?:local|internal|intranet|lan|home|corp|localdomain|home\.arpa))\.?$/i;

function isPrivateByName({ hostname }: URL): boolean {
  const literal = literalAddress(hostname);
  if (literal !== undefined) return addressKind(literal) !== 'public';
  return isLocalhost(hostname) || PRIVATE_NAMES.test(hostname);
}
