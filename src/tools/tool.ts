import type { ChatTool } from '../api/completions.ts';
import type { JsonSchema } from '../schemas/json-schema.ts';
import type { Validate } from '../schemas/validator.ts';
import type { Program } from './program.ts';

/** A tool that the model may ask for. */
export interface Tool {
  readonly name: string;
  /** As it is sent. */
  readonly definition: ChatTool;
  /** Checks arguments; undefined where nothing says what they are to be. */
  readonly validate: Validate | undefined;
  /** What runs it; undefined where only the caller of this program can. */
  readonly program: Program | undefined;
}

/** A call of a tool that the model asks for, as the API gives it. Arguments and input are the model's own text. */
export interface ToolCall {
  readonly id: string;
  readonly type: 'function' | 'custom' | 'approval';
  readonly function?: { readonly name: string; readonly arguments: string };
  readonly custom?: { readonly name: string; readonly input: string };
  /** A tool of an MCP server, which the API runs by itself once it may. */
  readonly approval?: ApprovalAsked;
}

/** What an MCP server is to be allowed. */
export interface ApprovalAsked {
  /** The label that the server has in the request. */
  readonly server: string;
  readonly name: string;
  readonly arguments: string;
}

/** The name that a call is for. */
export function calledName(call: ToolCall): string {
  return (call.function ?? call.custom ?? call.approval)?.name ?? '';
}

/** Makes the check of a tool's arguments. @throws Failure (usage) where the schema is none */
export async function argumentCheck(
  parameters: JsonSchema | undefined,
  from: string,
): Promise<Validate | undefined> {
  if (parameters === undefined) return undefined;
  const { validator } = await import('../schemas/validator.ts');
  return validator(parameters, from, 'the arguments');
}
