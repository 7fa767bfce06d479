import { isObject } from '../json.ts';
import { contentText } from './chat-messages.ts';
import type { ChatRequest } from './chat-request.ts';
import { invalidRequest } from './error-answer.ts';

type Tool = NonNullable<ChatRequest['tools']>[number];

/** One call that the answer makes. `input` is JSON for a function, free text for a custom tool. */
export interface ToolCall {
  readonly type: 'function' | 'custom';
  readonly name: string;
  readonly input: string;
}

function nameOf(tool: Tool): string {
  return tool.type === 'custom' ? tool.custom.name : tool.function.name;
}

/** @param index the tool's place among the tools, for what is said of its schema */
async function call(tool: Tool, index: number, said: string): Promise<ToolCall> {
  if (tool.type === 'custom') return { type: 'custom', name: tool.custom.name, input: said };
  const { name, parameters } = tool.function;
  if (parameters === undefined) return { type: 'function', name, input: '{}' };
  // Loaded only here: the validator is large.
  const { schemaInstance } = await import('./schema-instance.ts');
  const schema = { type: 'object', ...parameters };
  const input = schemaInstance(schema, `function '${name}'`, `tools[${index}].function.parameters`);
  return { type: 'function', name, input: JSON.stringify(input) };
}

/** As much of a text as is looked through for the end of a JSON object, in characters. */
const LONGEST_ARGUMENTS = 10_000;

/**
 * The JSON objects that stand right after a name in a text: `weather {"city":"Oslo"}`, `weather({"city":"Oslo"})`. With
 * them a person says what a tool is to be called with, as a model would know by itself.
 */
function saidArguments(name: string, said: string): string[] {
  const places = [...said.matchAll(/(?<![\w-])([\w-]+)[\s:(]*(?={)/g)].filter(([, word]) => word === name);
  return places.flatMap((place) => objectAt(said.slice(place.index + place[0].length)));
}

/** The JSON object with which a text begins; none where it is broken. */
function objectAt(text: string): string[] {
  for (let end = text.indexOf('}'); end !== -1 && end < LONGEST_ARGUMENTS; end = text.indexOf('}', end + 1)) {
    const found = text.slice(0, end + 1);
    try {
      JSON.parse(found);
      return [found];
    } catch {
      // It goes on.
    }
  }
  return [];
}

/** The calls of a tool that a text names: one for each time that it says with what, or one. */
async function callsOf(tool: Tool, index: number, said: string): Promise<ToolCall[]> {
  const name = nameOf(tool);
  const inputs = tool.type === 'custom' ? [] : saidArguments(name, said);
  if (inputs.length === 0) return [await call(tool, index, said)];
  return inputs.map((input) => ({ type: 'function', name, input }));
}

/** The tool that the request says must be called. */
function chosenName(choice: ChatRequest['tool_choice']): string | undefined {
  if (typeof choice !== 'object') return undefined;
  if (choice.type === 'function') return choice.function.name;
  return choice.type === 'custom' ? choice.custom.name : undefined;
}

/** True when the request names the one tool to call: the API then finishes with `stop`, not `tool_calls`. */
export function isToolForced({ tool_choice: choice }: ChatRequest): boolean {
  return chosenName(choice) !== undefined;
}

/**
 * The calls of an answer. A choice of `required` calls the first tool; `auto` calls those that the user's last
 * message names, so that a conversation with tools can be tried: `weather {"city":"Oslo"} and weather {"city":"Rome"}`
 * are two calls of it.
 * @throws ApiError 400 when the tool to call is not among the tools, or its schema has no instance
 */
export async function toolCalls(request: ChatRequest): Promise<ToolCall[]> {
  const { tools = [], tool_choice: choice = 'auto', messages } = request;
  const last = messages.at(-1);
  const said = last?.role === 'user' ? contentText(last.content) : '';
  const name = chosenName(choice);
  if (name !== undefined) {
    const tool = tools.find((candidate) => nameOf(candidate) === name);
    if (tool === undefined) {
      throw invalidRequest(`Tool choice '${name}' not found in 'tools' parameter.`, 'tool_choice');
    }
    return (await callsOf(tool, tools.indexOf(tool), said)).slice(0, 1);
  }
  const allowed = allowedTools(request, tools);
  const named = choice === 'none' ? [] : allowed.tools.filter((tool) => said.includes(nameOf(tool)));
  const wanted = named.length === 0 && allowed.required ? allowed.tools.slice(0, 1) : named;
  const calls = await Promise.all(wanted.map((tool) => callsOf(tool, tools.indexOf(tool), said)));
  return request.parallel_tool_calls === false ? calls.flat().slice(0, 1) : calls.flat();
}

function allowedTools(
  { tool_choice: choice }: ChatRequest,
  tools: readonly Tool[],
): { tools: readonly Tool[]; required: boolean } {
  if (typeof choice !== 'object' || choice.type !== 'allowed_tools')
    return { tools, required: choice === 'required' };
  const { mode, tools: listed } = choice.allowed_tools;
  const allows = (tool: Tool) =>
    listed.some((entry) => {
      const named = entry[tool.type];
      return entry['type'] === tool.type && isObject(named) && named['name'] === nameOf(tool);
    });
  return { tools: tools.filter(allows), required: mode === 'required' };
}
