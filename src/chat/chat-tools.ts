import type { Api } from '../api/client.ts';
import type { ChatMessage, ChatRequest, ChatTool } from '../api/completions.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import {
  DEFAULT_MAX_TURNS,
  DEFAULT_TOOL_LIMIT,
  DEFAULT_TOOL_TIMEOUT,
  type ToolFields,
} from '../flags/tools.ts';
import type { ViaFlags } from '../flags/via.ts';
import { didYouMean } from '../settings/nearest.ts';
import type { Toolbox } from './conversation.ts';
import { areStreamed } from './via.ts';

/** The tools of a chat. */
export interface ChatTools {
  readonly toolbox: Toolbox;
  /** The names of the tools that a program can do, if it may. */
  readonly programs: readonly string[];
  /** What a request with these messages says of tools. */
  fields(messages: readonly ChatMessage[]): Partial<ChatRequest>;
  /** Some take any text: the calls of those are streamed by the Responses API alone. */
  readonly hasCustom: boolean;
}

/** What decides how tools are run. */
interface ToolOptions extends ToolFields, ViaFlags {
  readonly dryRun?: boolean | undefined;
  readonly count?: number;
  readonly events?: boolean;
}

/**
 * Reads what the flags say of tools.
 * @param isForRows nobody is asked: every tool needs the user's word beforehand
 * @throws Failure (usage)
 */
export async function chatTools(
  options: ToolOptions,
  api: Api,
  context: Context,
  isForRows = false,
): Promise<ChatTools> {
  if ((options.count ?? 1) > 1) {
    throw usageError('-n does not go with tools', 'a conversation goes on with one answer');
  }
  const { canAsk, askOnTerminal } = await import('../input/ask.ts');
  const { Consent } = await import('../tools/consent.ts');
  const { toolEnvironment } = await import('../tools/environment.ts');
  const { readTools } = await import('../tools/read-tools.ts');
  const { ProgramToolbox } = await import('../tools/toolbox.ts');
  const settings = api.settings.tools;
  const ask = !isForRows && canAsk(context) ? askOnTerminal(context) : undefined;
  const consent = new Consent({ yes: options.yes === true, allow: settings.allow, ask }, context);
  const env = toolEnvironment(settings, context);
  const mayRun = (name: string, line: string) => consent.forSchema(name, line);
  const tools = await readTools(options, { env, mayRun, dryRun: options.dryRun === true }, context);
  const running = {
    env,
    timeout: options.toolTimeout ?? DEFAULT_TOOL_TIMEOUT,
    outputLimit: options.toolLimit ?? DEFAULT_TOOL_LIMIT,
    maxTurns: options.maxTurns ?? DEFAULT_MAX_TURNS,
    isWatched: !isForRows,
  };
  const toolbox = new ProgramToolbox(tools, consent, running, context);
  if (isForRows) refuseUnallowed(toolbox.forOthers);
  const hasCustom = tools.some(({ definition }) => definition.type === 'custom');
  if (options.events === true && !areStreamed({ hasCustom }, options, api)) {
    throw usageError(
      '--events does not go with custom tools: their calls are not streamed',
      'oai chat --via responses streams them',
    );
  }
  const programs = tools.filter(({ program }) => program !== undefined).map(({ name }) => name);
  return { toolbox, programs, hasCustom, fields: fieldsOf(toolbox.definitions, options) };
}

function refuseUnallowed(names: readonly string[]): void {
  const [name] = names;
  if (name === undefined) return;
  throw usageError(
    `rows run no tool that was not allowed before: ${names.join(', ')}`,
    `--tool ${name}=COMMAND --yes, or \`oai config set tools.allow ${name}\``,
  );
}

function fieldsOf(
  definitions: readonly ChatTool[],
  { toolChoice, parallelTools }: ToolOptions,
): ChatTools['fields'] {
  const choice = toolChoice === undefined ? undefined : choiceOf(toolChoice, definitions);
  return (messages) => ({
    tools: [...definitions],
    // A tool that must be called would be called for ever.
    ...(choice !== undefined &&
      (choice === 'none' || messages.at(-1)?.role !== 'tool') && { tool_choice: choice }),
    ...(parallelTools === false && { parallel_tool_calls: false }),
  });
}

function choiceOf(word: string, definitions: readonly ChatTool[]): NonNullable<ChatRequest['tool_choice']> {
  if (word === 'auto' || word === 'none' || word === 'required') return word;
  const found = definitions.find((tool) => nameOf(tool) === word);
  if (found === undefined) {
    const names = definitions.map(nameOf);
    throw usageError(
      `--tool-choice ${word}: there is no such tool${didYouMean(word, names)}`,
      `auto, none, required, or one of ${names.join(', ')}`,
    );
  }
  return found.type === 'custom'
    ? { type: 'custom', custom: { name: word } }
    : { type: 'function', function: { name: word } };
}

function nameOf(tool: ChatTool): string {
  return tool.type === 'custom' ? tool.custom.name : tool.function.name;
}
