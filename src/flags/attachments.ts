import type { Flag } from './flag.ts';
import { choice, text } from './values.ts';

/** How closely images are looked at (the SDK's types, `ChatCompletionContentPartImage.ImageURL.detail`). */
export type ImageDetail = 'auto' | 'low' | 'high' | 'original';

/** The flags of what goes along with a question, read. */
export interface AttachmentFlags {
  /** Files, URLs, or `-`. */
  readonly attach?: readonly string[];
  readonly imageDetail?: ImageDetail;
}

export const attachmentFlags: readonly Flag[] = [
  {
    flags: '-a, --attach <file>',
    help: 'an image, sound, PDF or text: a file, a URL, or - for stdin; repeatable',
    read: text,
    repeatable: true,
  },
  {
    flags: '--image-detail <detail>',
    help: 'how closely images are looked at: auto, low, high or original',
    read: choice('auto', 'low', 'high', 'original'),
  },
];
