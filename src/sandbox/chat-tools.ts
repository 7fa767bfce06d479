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
 * message names, so that a conversation with tools can be tried.
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
    return [await call(tool, tools.indexOf(tool), said)];
  }
  const allowed = allowedTools(request, tools);
  const named = choice === 'none' ? [] : allowed.tools.filter((tool) => said.includes(nameOf(tool)));
  const wanted = named.length === 0 && allowed.required ? allowed.tools.slice(0, 1) : named;
  const most = request.parallel_tool_calls === false ? 1 : wanted.length;
  return Promise.all(wanted.slice(0, most).map((tool) => call(tool, tools.indexOf(tool), said)));
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
