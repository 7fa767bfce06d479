import type { Api } from '../api/client.ts';
import type { ChatContentPart } from '../api/completions.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import type { AttachmentFlags } from '../flags/attachments.ts';
import { fileSize } from '../input/file.ts';
import { warn } from '../output/messages.ts';
import { type Attachment, TAKEN_BY_CHAT, type Taken } from './attachment.ts';
import { contentWith } from './chat-parts.ts';

/** What the flags attach to a question. */
export interface GivenAttachments {
  readonly all: readonly Attachment[];
  /** The content of a question with them. @param prompt may be empty */
  content(prompt: string): string | ChatContentPart[];
  /** How many requests with them may be under way at once before they fill the memory; undefined: any number. */
  readonly most: number | undefined;
}

/** Characters of attachments that are under way at once. Each is held four times or so until it is sent. */
const UNDER_WAY = 128 * 1024 * 1024;
/** Requests that are smaller are no matter. */
const SMALL = 256 * 1024;

function mostAtOnce(all: readonly Attachment[]): number | undefined {
  const size = all.reduce((sum, one) => {
    return sum + (one.kind === 'link' ? 0 : one.kind === 'text' ? one.text.length : one.base64.length);
  }, 0);
  return size < SMALL ? undefined : Math.max(1, Math.floor(UNDER_WAY / size));
}

export const NO_ATTACHMENTS: GivenAttachments = { all: [], content: (prompt) => prompt, most: undefined };

/**
 * Reads what the flags attach. Do so before the prompt is read: `-a -` is stdin.
 * @param words of the prompt
 * @param taken by the endpoint that they are for
 * @throws Failure (usage) that names the attachment, where it is none that the server takes; Failure of a download; Stopped
 */
export async function givenAttachments(
  { attach = [], imageDetail }: AttachmentFlags,
  words: readonly string[],
  api: Api,
  context: Context,
  taken: Taken = TAKEN_BY_CHAT,
): Promise<GivenAttachments> {
  if (attach.length === 0) {
    if (imageDetail !== undefined)
      throw usageError('--image-detail is for images, and none is attached', '-a cat.png attaches one');
    return NO_ATTACHMENTS;
  }
  await noteStray(words, attach, context);
  // What looks into images and sounds is for those who have any.
  const { readAttachments } = await import('./read.ts');
  const all = await readAttachments(attach, api, context, taken);
  if (imageDetail !== undefined && !all.some(({ kind }) => kind === 'image' || kind === 'link')) {
    throw usageError('--image-detail is for images, and none is attached');
  }
  return { all, content: (prompt) => contentWith(all, prompt, imageDetail), most: mostAtOnce(all) };
}

/** A shell makes several words of `-a *.png`, of which the first alone is attached. */
async function noteStray(
  words: readonly string[],
  attach: readonly string[],
  context: Context,
): Promise<void> {
  const [first = ''] = words;
  if (!/[./]/.test(first) || attach.includes(first) || (await fileSize(first, context)) === undefined) return;
  warn(context, `${first} is a word of the prompt here; each attachment takes an -a of its own`);
}
