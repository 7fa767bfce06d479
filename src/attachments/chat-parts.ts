import type { ChatContentPart } from '../api/completions.ts';
import type { ImageDetail } from '../flags/attachments.ts';
import type { Attachment } from './attachment.ts';

/**
 * The content of a question with what is attached, in the order in which it was given, the words at its end. Texts alone
 * are one text: every server takes that.
 * @param prompt may be empty
 */
export function contentWith(
  attachments: readonly Attachment[],
  prompt: string,
  detail?: ImageDetail,
): string | ChatContentPart[] {
  const parts = attachments.map((attachment) => partOf(attachment, detail));
  if (prompt !== '') parts.push({ type: 'text', text: prompt });
  const texts = parts.flatMap((part) => (part.type === 'text' ? [part.text] : []));
  return texts.length === parts.length ? texts.join('\n\n') : parts;
}

/** What a chat completion calls it. */
function partOf(attachment: Attachment, detail: ImageDetail | undefined): ChatContentPart {
  switch (attachment.kind) {
    case 'text':
      return { type: 'text', text: fenced(attachment.name, attachment.text) };
    case 'link':
      return image(attachment.url, detail);
    case 'image':
      return image(dataUrl(attachment), detail);
    case 'sound':
      return {
        type: 'input_audio',
        input_audio: { data: attachment.base64, format: attachment.mime === 'audio/wav' ? 'wav' : 'mp3' },
      };
    case 'file':
      return { type: 'file', file: { filename: attachment.fileName, file_data: dataUrl(attachment) } };
  }
}

function image(url: string, detail: ImageDetail | undefined): ChatContentPart {
  return { type: 'image_url', image_url: { url, ...(detail !== undefined && { detail }) } };
}

function dataUrl({ mime, base64 }: { readonly mime: string; readonly base64: string }): string {
  return `data:${mime};base64,${base64}`;
}

/** A text under its name, between fences that are longer than any in it (CommonMark 0.31, 4.5). */
function fenced(name: string, text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${name}:\n${fence}\n${text}${text.endsWith('\n') ? '' : '\n'}${fence}`;
}
