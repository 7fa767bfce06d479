import type { ResponseInputContent, ResponseInputItem } from '../api/responses.ts';
import type { Attachment } from '../attachments/attachment.ts';
import { usageError } from '../errors.ts';
import type { ImageDetail } from '../flags/attachments.ts';

/** A question with what is attached to it, the words at its end. @throws Failure (usage) on sound */
export function questionItem(
  attachments: readonly Attachment[],
  prompt: string,
  detail: ImageDetail | undefined,
): ResponseInputItem {
  const parts = attachments.map((attachment) => partOf(attachment, detail));
  if (prompt !== '') parts.push({ type: 'input_text', text: prompt });
  return { role: 'user', content: parts };
}

/** What the Responses API calls it. */
function partOf(attachment: Attachment, detail: ImageDetail = 'auto'): ResponseInputContent {
  switch (attachment.kind) {
    case 'text':
      return { type: 'input_text', text: `${attachment.name}:\n\n${attachment.text}` };
    case 'link':
      return { type: 'input_image', image_url: attachment.url, detail };
    case 'image':
      return {
        type: 'input_image',
        image_url: `data:${attachment.mime};base64,${attachment.base64}`,
        detail,
      };
    case 'file':
      return {
        type: 'input_file',
        filename: attachment.fileName,
        file_data: `data:${attachment.mime};base64,${attachment.base64}`,
      };
    case 'sound':
      throw usageError(
        `${attachment.fileName} is sound, which the Responses API does not hear`,
        'oai chat -a hears it; oai transcribe writes it down',
      );
  }
}
