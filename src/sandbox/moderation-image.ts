import { readImageInfo } from '../input/image-kind.ts';
import { decodeImage } from './image-codec.ts';
import type { Pixels } from './image-picture.ts';
import { unsupportedImage } from './image-url.ts';
import { percentDecoded } from './percent.ts';

/** Words that stand for what is seen on a red picture. */
const RED = 'kill, gore';

/**
 * What the sandbox sees on an image, in words that `suspicionsOf` reads. It looks at no image of the network, and goes
 * by the words of its address (`https://example.com/murder.png`); an image in the request is violent when it is red.
 * @param path names the image in errors
 * @throws ApiError when the base64 holds no image
 */
export async function seenOn(url: string, path: string): Promise<string> {
  const [, data] = /^data:[^,]*;base64,(.*)$/s.exec(url) ?? [];
  if (data === undefined) return percentDecoded(url.replace(/^https?:\/\//, '')).replace(/[_/.?=&-]+/g, ' ');
  const bytes = Buffer.from(data, 'base64');
  const info = /^[\w+/-]+={0,2}$/.test(data) ? readImageInfo(bytes) : undefined;
  if (info === undefined || !info.whole) throw unsupportedImage(path);
  try {
    const pixels = await decodeImage(bytes, info);
    return pixels !== undefined && isRed(pixels) ? RED : '';
  } catch {
    throw unsupportedImage(path);
  }
}

/** Whether most of the light of a picture is red. */
function isRed({ data }: Pixels): boolean {
  let red = 0;
  let others = 0;
  for (let at = 0; at < data.length; at += 4) {
    red += data[at] ?? 0;
    others += (data[at + 1] ?? 0) + (data[at + 2] ?? 0);
  }
  return red > 2 * others;
}
