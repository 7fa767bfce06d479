import type { ChatMessage } from '../api/completions.ts';
import type { ResponseInputContent, ResponseInputItem } from '../api/responses.ts';
import type { Attachment } from '../attachments/attachment.ts';
import { textOf } from '../chat/answer.ts';
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

/** What was said in a chat, as the input of a response. */
export function chatInput(message: ChatMessage): ResponseInputItem[] {
  if (message.role === 'tool') {
    return [{ type: 'function_call_output', call_id: message.tool_call_id, output: textOf(message.content) }];
  }
  if (message.role === 'function') return [];
  if (message.role !== 'assistant') return [{ role: message.role, content: contentOf(message.content) }];
  const said = textOf(message.content);
  const calls = (message.tool_calls ?? []).flatMap((call): ResponseInputItem[] =>
    call.type === 'function'
      ? [
          {
            type: 'function_call',
            call_id: call.id,
            name: call.function.name,
            arguments: call.function.arguments,
          },
        ]
      : [{ type: 'custom_tool_call', call_id: call.id, name: call.custom.name, input: call.custom.input }],
  );
  return [...(said === '' ? [] : [{ role: 'assistant' as const, content: said }]), ...calls];
}

type Content = Extract<ChatMessage, { role: 'user' }>['content'];

/** Sound is left out: the Responses API does not hear. */
function contentOf(content: Content): string | ResponseInputContent[] {
  if (typeof content === 'string') return content;
  return content.flatMap((part): ResponseInputContent[] => {
    if (part.type === 'text') return [{ type: 'input_text', text: part.text }];
    if (part.type === 'image_url') {
      return [
        { type: 'input_image', image_url: part.image_url.url, detail: part.image_url.detail ?? 'auto' },
      ];
    }
    return part.type === 'file' ? [{ type: 'input_file', ...part.file }] : [];
  });
}
