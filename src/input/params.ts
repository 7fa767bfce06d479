import { usageError } from '../errors.ts';
import { isObject, type JsonObject } from '../json.ts';

/**
 * The value as JSON when it is JSON, else as the text it is.
 * @throws Failure (usage) on a number that would be sent as another one
 */
function readValue(text: string, name: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return text;
  }
  if (typeof value === 'number' && !(Math.abs(value) <= Number.MAX_SAFE_INTEGER)) {
    throw usageError(
      `--param ${name}: ${text} is too large to be sent as it is`,
      `as text: --param '${name}="${text}"'`,
    );
  }
  return value;
}

/**
 * Reads `--param name=value` flags into one object; dotted names nest, a later flag wins.
 * @throws Failure (usage) on a flag without `=`, an empty name, or a name below a value that is no object
 */
export function readParams(params: readonly string[]): JsonObject {
  const result: JsonObject = {};
  for (const param of params) {
    const equals = param.indexOf('=');
    const names = param.slice(0, Math.max(equals, 0)).split('.');
    if (equals < 1 || names.includes('')) throw usageError(`--param ${param} is not of the form name=value`);
    if (names.includes('__proto__'))
      throw usageError(`--param ${param}: __proto__ is no field of any request`);
    setField(result, names, readValue(param.slice(equals + 1), names.join('.')), param);
  }
  return result;
}

function setField(target: JsonObject, names: readonly string[], value: unknown, param: string): void {
  const [name = '', ...deeper] = names;
  if (deeper.length === 0) {
    target[name] = value;
    return;
  }
  const inner = Object.hasOwn(target, name) ? target[name] : {};
  if (!isObject(inner))
    throw usageError(`--param ${param}: an earlier --param made ${name} a value that holds no fields`);
  target[name] = inner;
  setField(inner, deeper, value, param);
}

/**
 * A request with the fields of `--param` on top; objects are merged, all else is replaced.
 * @throws Failure (usage) on a field of a list
 */
export function withParams<T extends JsonObject>(request: T, params: JsonObject): T & JsonObject {
  const merged: JsonObject = { ...request };
  for (const [name, value] of Object.entries(params)) {
    const own = merged[name];
    if (Array.isArray(own) && isObject(value)) {
      throw usageError(
        `--param ${name} is a list and has no named fields`,
        `give it whole: --param '${name}=[…]'`,
      );
    }
    merged[name] = isObject(own) && isObject(value) ? withParams(own, value) : value;
  }
  return merged as T & JsonObject;
}
