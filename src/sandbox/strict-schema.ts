import { isObject, type JsonObject } from '../json.ts';
import { invalidRequest } from './error-answer.ts';

/**
 * The rules of `strict: true` (platform.openai.com/docs/guides/structured-outputs#supported-schemas): the root is
 * an object, every object closes itself and requires all that it has.
 * @param subject what the schema is for: `response_format 'person'`
 * @throws ApiError 400
 */
export function checkStrictSchema(schema: JsonObject, subject: string, param: string): void {
  const refuse = (reason: string) => invalidRequest(`Invalid schema for ${subject}: ${reason}`, param);
  if (schema['type'] !== 'object') {
    const got = schema['type'] === undefined ? 'None' : String(schema['type']);
    throw refuse(`schema must be a JSON Schema of 'type: "object"', got 'type: "${got}"'.`);
  }
  checkNode(schema, [], refuse);
}

function checkNode(node: unknown, path: readonly string[], refuse: (reason: string) => Error): void {
  if (!isObject(node)) return;
  const where = `In context=(${path.map((step) => `'${step}'`).join(', ')})`;
  const properties = isObject(node['properties']) ? node['properties'] : {};
  if (node['type'] === 'object' || node['properties'] !== undefined) {
    if (node['additionalProperties'] !== false) {
      throw refuse(`${where}, 'additionalProperties' is required to be supplied and to be false.`);
    }
    const required = Array.isArray(node['required']) ? node['required'] : [];
    const left = Object.keys(properties).find((name) => !required.includes(name));
    if (left !== undefined) {
      throw refuse(
        `${where}, 'required' is required to be supplied and to be an array including every key in properties. Missing '${left}'.`,
      );
    }
  }
  const groups = { properties, $defs: node['$defs'], definitions: node['definitions'] };
  for (const [group, members] of Object.entries(groups)) {
    if (!isObject(members)) continue;
    for (const [name, member] of Object.entries(members)) checkNode(member, [...path, group, name], refuse);
  }
  checkNode(node['items'], [...path, 'items'], refuse);
  if (Array.isArray(node['anyOf'])) {
    node['anyOf'].forEach((member, index) => {
      checkNode(member, [...path, 'anyOf', String(index)], refuse);
    });
  }
}
