import { basename, extname } from 'node:path';
import type { Api } from '../api/client.ts';
import { withoutPassword } from '../api/transport/credentials.ts';
import type { Context } from '../context.ts';
import { imageTypes } from '../input/image-kind.ts';
import { warn } from '../output/messages.ts';
import { quoted } from '../output/shell.ts';
import type { Attachment } from './attachment.ts';

/** What a URL that is not fetched says of itself by its end. */
const ENDS: Readonly<Record<string, readonly ['image' | 'sound' | 'file', string]>> = {
  '.pdf': ['file', 'application/pdf'],
  '.wav': ['sound', 'audio/wav'],
  '.mp3': ['sound', 'audio/mpeg'],
  ...Object.fromEntries(
    Object.values(imageTypes).map(({ extension, mime }) => [`.${extension}`, ['image', mime] as const]),
  ),
  '.jpeg': ['image', 'image/jpeg'],
};

/** A dry run fetches nothing: what is behind a URL goes by its name, and is fetched by the line that is shown. */
export function unseenAttachment(url: URL, api: Api, context: Context): Attachment {
  const fileName = basename(url.pathname) || url.host;
  const found = ENDS[extname(url.pathname).toLowerCase()];
  if (found === undefined) warn(context, `${url.host}: a dry run fetches nothing; shown as if it were a PNG`);
  const [kind, mime] = found ?? ['image', 'image/png'];
  // Stands for the bytes, and for nothing else in the request.
  const base64 = Buffer.from(`the bytes of ${url.href}`).toString('base64');
  api.uploads.addText(base64, `curl -fsSL ${quoted(withoutPassword(url.href))} | base64 | tr -d '\\n'`);
  return { kind, fileName, mime, base64 };
}
