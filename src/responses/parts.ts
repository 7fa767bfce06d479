import type { ResponseAnnotation, ResponseOutputItem } from '../api/responses.ts';
import { isObject } from '../json.ts';

type Message = Extract<ResponseOutputItem, { type: 'message' }>;

/** A part of what a response says: text, or a refusal. */
export type ResponsePart = Message['content'][number];

/** What messages among these items say, part by part; what servers send in the place of parts is left out. */
export function partsIn(items: readonly ResponseOutputItem[]): ResponsePart[] {
  return items.flatMap((item) => {
    if (item.type !== 'message') return [];
    const content: unknown = item.content;
    return Array.isArray(content) ? (content.filter(isObject) as unknown as ResponsePart[]) : [];
  });
}

/** What their texts cite, and the files that they tell of. */
export function annotationsIn(items: readonly ResponseOutputItem[]): ResponseAnnotation[] {
  return partsIn(items).flatMap((part) => {
    // Servers that cite nothing leave it out.
    const annotations: unknown = part.type === 'output_text' ? part.annotations : undefined;
    return Array.isArray(annotations)
      ? (annotations.filter(isObject) as unknown as ResponseAnnotation[])
      : [];
  });
}
