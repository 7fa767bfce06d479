import { isObject } from '../json.ts';
import { inertJson } from '../output/json.ts';
import { isTooDeep } from '../schemas/json-schema.ts';
import type { Tool, ToolCall } from './tool.ts';

/** What a tool is given. */
export interface GivenArguments {
  /** JSON on one line, or the text for a custom tool: what the program reads. */
  readonly text: string;
  /** The same for people, as JSON: on one line, without a character that a terminal obeys. */
  readonly shown: string;
  readonly isJson: boolean;
}

/** What is wrong with the arguments, in words for the model. */
export interface WrongArguments {
  readonly problem: string;
}

/**
 * Reads the arguments of a call and checks them. What was checked is what is shown and what the program gets: the
 * model's own text could be read otherwise by another reader of JSON (a name that stands there twice, for one).
 */
export function readArguments(call: ToolCall, tool: Tool): GivenArguments | WrongArguments {
  if (tool.definition.type === 'custom')
    return freeText(call.custom?.input ?? call.function?.arguments ?? '');
  return readJsonArguments(call.function?.arguments ?? call.custom?.input ?? '', tool);
}

function freeText(text: string): GivenArguments {
  return { text, shown: inertJson(JSON.stringify(text)), isJson: false };
}

/** The same for a text that a person has changed. */
export function readEdited(text: string, tool: Tool): GivenArguments | WrongArguments {
  return tool.definition.type === 'custom' ? freeText(text) : readJsonArguments(text, tool);
}

function readJsonArguments(text: string, { validate }: Tool): GivenArguments | WrongArguments {
  // Some servers send nothing for a tool that takes nothing.
  const value = parsed(text.trim() === '' ? '{}' : text);
  if (value === undefined) return { problem: 'the arguments are not JSON' };
  if (isTooDeep(value)) return { problem: 'the arguments nest too deep' };
  if (!isObject(value)) return { problem: 'the arguments are no JSON object' };
  const number = inexactNumber(text);
  if (number !== undefined) {
    return { problem: `the number ${number} is too long to be kept exactly: give it as a text` };
  }
  const problems = problemsOf(value, validate);
  if (problems.length > 0) return { problem: `the arguments are wrong: ${problems.join('; ')}` };
  const json = JSON.stringify(value);
  return { text: json, shown: inertJson(json), isJson: true };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function problemsOf(value: unknown, validate: Tool['validate']): readonly string[] {
  try {
    return validate?.(value) ?? [];
  } catch (error) {
    // A pattern that takes forever, for one.
    return [error instanceof Error ? error.message : String(error)];
  }
}

/** The first whole number in JSON that a double does not hold: ids of 64 bits, for one. */
function inexactNumber(json: string): string | undefined {
  // A text in pieces: a pattern that takes a long one at once overflows its stack.
  let isText = false;
  for (const [token] of json.matchAll(/"|\\.|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g)) {
    if (token === '"') isText = !isText;
    else if (!isText && /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token))) return token;
  }
  return undefined;
}
