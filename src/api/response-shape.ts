import { isObject, type JsonObject } from '../json.ts';

type Shape = (item: JsonObject) => boolean;

/** The fields of these names are texts. */
function texts(...names: readonly string[]): Shape {
  return (item) => names.every((name) => typeof item[name] === 'string');
}

/** What a part of a message must hold for its reader; of others only the type is looked at. */
const PARTS: Readonly<Record<string, Shape>> = { output_text: texts('text'), refusal: texts('refusal') };

/** The same of items. */
const ITEMS: Readonly<Record<string, Shape>> = {
  message: ({ content }) => Array.isArray(content) && content.every((part) => isOf(PARTS, part)),
  function_call: texts('name', 'arguments'),
  custom_tool_call: texts('name', 'input'),
  mcp_approval_request: texts('id', 'server_label', 'name', 'arguments'),
  image_generation_call: ({ result }) => result == null || typeof result === 'string',
};

function isOf(shapes: Readonly<Record<string, Shape>>, value: unknown): boolean {
  if (!isObject(value) || typeof value['type'] !== 'string') return false;
  const { type } = value;
  return !Object.hasOwn(shapes, type) || shapes[type]?.(value) === true;
}

/** Whether something has what its reader needs of a response. */
export function isResponse(answer: unknown): boolean {
  if (!isObject(answer) || typeof answer['id'] !== 'string') return false;
  const { output } = answer;
  return Array.isArray(output) && output.every(isOutputItem);
}

/** Whether something has what its reader needs of an item of a response. */
export function isOutputItem(item: unknown): boolean {
  return isOf(ITEMS, item);
}
