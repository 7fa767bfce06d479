import type { Command } from 'commander';
import type { Api } from '../api/client.ts';
import { defaultModels, isReasoningModel } from '../api/models.ts';
import { noteRetirement } from '../api/notices.ts';
import type { ResponseAnswer, ResponseRequest } from '../api/responses.ts';
import { TAKEN_BY_RESPONSES } from '../attachments/attachment.ts';
import { type GivenAttachments, givenAttachments } from '../attachments/given.ts';
import { answerForm } from '../chat/answer-form.ts';
import { type AnswerOutput, answerOutput } from '../chat/answer-output.ts';
import { question as chatQuestion, speaksOpenAI } from '../chat/request.ts';
import { SILENT } from '../chat/show-answers.ts';
import { addFlags, type CommandModule } from '../command.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import type { AnswerFlags } from '../flags/answers.ts';
import { answerFlags } from '../flags/answers.ts';
import { type AttachmentFlags, attachmentFlags } from '../flags/attachments.ts';
import type { GlobalOptions } from '../flags/global.ts';
import { type HostedToolFlags, hostedToolFlags } from '../flags/hosted-tools.ts';
import { checkMemoryFlags, type MemoryFlags, memoryFlags, namesConversation } from '../flags/memory.ts';
import { checkOutputFlags, type OutputFlags, outputFlags } from '../flags/output.ts';
import { type ResponseFlags, responseFlags } from '../flags/responding.ts';
import { type SamplingFlags, samplingFlags } from '../flags/sampling.ts';
import { type ToolFields, toolFlags } from '../flags/tools.ts';
import type { Memory } from '../history/memory.ts';
import { readPrompt } from '../input/prompt.ts';
import { textValue } from '../input/text.ts';
import { writeJson, writeJsonLine } from '../output/json.ts';
import { warn } from '../output/messages.ts';
import { startWaiting, type Waiting } from '../output/progress.ts';
import { InertTextStream, inertText } from '../output/terminal.ts';
import { sayCitations } from '../responses/citations.ts';
import { type Conversed, converse, type Watching } from '../responses/converse.ts';
import { hostedTools } from '../responses/hosted-tools.ts';
import { questionItem } from '../responses/input.ts';
import { MadeFiles } from '../responses/made-files.ts';
import { before, openMemory, Remembering } from '../responses/remember.ts';
import { type ResponseParts, responseRequest, responseTool, samplingFlag } from '../responses/request.ts';
import { responseText } from '../responses/turn.ts';
import { responseVerdict } from '../responses/verdict.ts';

export interface RespondOptions
  extends GlobalOptions,
    ResponseFlags,
    AttachmentFlags,
    HostedToolFlags,
    Pick<OutputFlags, 'extract' | 'extractLang' | 'extractAll' | 'raw'>,
    Pick<MemoryFlags, 'continue' | 'conversation' | 'create' | 'fork' | 'history'>,
    Pick<
      ToolFields,
      'tools' | 'tool' | 'toolSpec' | 'toolResult' | 'yes' | 'maxTurns' | 'toolTimeout' | 'toolLimit'
    >,
    Pick<SamplingFlags, 'topP' | 'verbosity' | 'promptCacheKey' | 'metadata'>,
    Pick<AnswerFlags, 'stream' | 'events' | 'jsonObject' | 'schema'> {}

type Options = RespondOptions & { readonly words: readonly string[] };

/** Of the flags of chat those that this endpoint has. */
const SHARED =
  /^(?:--json-object|--schema|-x, |--extract-|--raw|--no-stream|--events|--top-p|--verbosity|--prompt-cache-key|--metadata|--tools? |--tool-(?:spec|result|timeout|limit)|--yes|--max-turns|-c, |--conversation|--create|--fork|--history|--no-history)/;

function define(command: Command): void {
  command.argument('[prompt...]', 'the question; `-` first or last is stdin');
  addFlags(command, responseFlags(defaultModels.chat));
  const shared = [...answerFlags, ...outputFlags, ...samplingFlags].filter(({ flags }) => SHARED.test(flags));
  addFlags(command, [...attachmentFlags, ...shared], 'The question and its answer:');
  addFlags(
    command,
    memoryFlags.filter(({ flags }) => SHARED.test(flags)),
    'Memory:',
  );
  addFlags(command, [...hostedToolFlags, ...toolFlags.filter(({ flags }) => SHARED.test(flags))], 'Tools:');
}

const notes = `
The Responses API: tools that OpenAI runs by itself, background work, and
conversations that it keeps. The text is on stdout, and below it the paths of
files that were saved; thoughts and what the text cites are on stderr. --json
has the id, to go on with: --previous ID, or \`oai response\`.
A tool of an MCP server is used when you say so: asked at a terminal, or with
--yes. What nobody here may run is printed as JSON, {"id","calls"}, and the exit
code is 10: --previous ID --tool-result CALL=@FILE goes on (of an MCP server
CALL=yes).`;

const examples = [
  { line: 'oai respond --sandbox "hello"', note: 'no key needed' },
  { line: 'oai respond --web-search "what is new in Node.js?"', note: 'with what it cites' },
  { line: 'oai respond -a plan.png "what is this?"', note: 'an image, a PDF, a text' },
  { line: 'oai respond --reasoning-summary auto "why is the sky blue?"', note: 'thoughts on stderr' },
  { line: 'oai respond --json "hello" | jq -r .id', note: 'to go on with by --previous' },
  { line: 'oai respond -c --create "and in winter?"', note: 'goes on with the last conversation' },
  { line: 'oai respond --background "a long story" | tee id', note: 'for oai response wait' },
  {
    line: 'oai respond --code-interpreter -o files/ "squares as CSV"',
    note: 'files that it makes are saved',
  },
];

async function run(options: Options, context: Context): Promise<void> {
  checkFlags(options);
  checkOutputFlags(options);
  const { connect } = await import('../api/client.ts');
  const api = await connect(options, context);
  const attached = await givenAttachments(options, options.words, api, context, TAKEN_BY_RESPONSES);
  const isOptional = attached.all.length > 0 || options.toolResult !== undefined;
  const prompt = await readPrompt(options.words, context, { isOptional });
  const memory = await openMemory(options, api.settings.history, context);
  try {
    await ask({ attached, prompt, memory }, options, api, context);
  } finally {
    memory?.close();
  }
}

/** What is asked, and where it is kept. */
interface Given {
  readonly attached: GivenAttachments;
  readonly prompt: string;
  readonly memory: Memory | undefined;
}

async function ask(
  { attached, prompt, memory }: Given,
  options: Options,
  api: Api,
  context: Context,
): Promise<void> {
  memory?.checkTarget(api.settings);
  if (namesConversation(options)) memory?.announce();
  const form = await answerForm(options, api, context);
  const tools = await functionsOf(options, api, context);
  const model = api.settings.model('chat', options.model) ?? defaultModels.chat;
  noteRetirement(model, api, context);
  const instructions =
    options.instructions === undefined
      ? undefined
      : await textValue(options.instructions, '--instructions', context);
  const asked = { instructions, question: chatQuestion(attached.content(prompt)) };
  const earlier = before(memory, asked);
  const functions = tools?.toolbox.definitions.map(responseTool) ?? [];
  const parts: ResponseParts = withReasoning(
    {
      ...options,
      model,
      ...(earlier.instructions !== undefined && { instructions: earlier.instructions }),
      ...(earlier.previous !== undefined && { previous: earlier.previous }),
      store: options.store !== false,
      tools: [...hostedTools(options), ...functions],
      format: formatOf(form.responseFormat),
    },
    api,
    context,
  );
  const { previous, toolResult } = options;
  const results =
    toolResult === undefined || previous === undefined
      ? []
      : await (await import('../responses/given-results.ts')).givenResults(
          toolResult,
          previous,
          api,
          context,
        );
  const isAsked = prompt !== '' || attached.all.length > 0;
  const question = isAsked ? [questionItem(attached.all, prompt, options.imageDetail)] : [];
  const input = [...(earlier.previous === undefined ? earlier.items : []), ...results, ...question];
  if (options.background === true) return begin(responseRequest(parts, input), options, api, context);
  const made = new MadeFiles(options.output, prompt, api, context);
  if (options.output !== undefined && !api.dryRun) await made.check();
  const isText = options.json !== true && options.events !== true;
  const shown = {
    ...options,
    output: undefined,
    force: undefined,
    subject: prompt,
    isText,
    isJson: parts.format !== undefined,
  };
  const output = await answerOutput(shown, api, context);
  const remembering = new Remembering(memory, api.settings, context);
  await remembering.asked(asked, model);
  const waiting = startWaiting(context, `waiting for ${model}`, { elapsed: true });
  try {
    const conversed = await converse(
      {
        parts,
        input,
        earlier: earlier.previous === undefined ? [] : earlier.items,
        remembering,
        toolbox: tools?.toolbox,
        maxTurns: options.maxTurns,
        yes: options.yes === true,
        streamed: options.json !== true && options.stream !== false,
      },
      watching({ output, made, isText, waiting }, options, context),
      api,
      context,
    );
    waiting.stop();
    await finish(conversed, { output, made, isText, check: form.check }, options, context);
  } finally {
    waiting.stop();
  }
}

/** @throws Failure (usage) on flags that do not go together */
function checkFlags({
  previous,
  apiConversation,
  background,
  store,
  events,
  json,
  stream,
  ...memory
}: RespondOptions): void {
  if (previous !== undefined && apiConversation !== undefined) {
    throw usageError('--previous and --api-conversation both say what is gone on with');
  }
  if (namesConversation(memory) && (previous ?? apiConversation) !== undefined) {
    throw usageError(
      `${previous === undefined ? '--api-conversation' : '--previous'} and a conversation that is kept here both say what is gone on with`,
    );
  }
  if (memory.toolResult !== undefined && previous === undefined) {
    throw usageError('--tool-result answers the calls of a response', 'add --previous with its id');
  }
  checkMemoryFlags(memory);
  if (background === true && store === false)
    throw usageError('--background needs what --no-store forbids: that the API keeps the answer');
  if (background === true && events === true) throw usageError('--background waits for no events');
  if (events === true && (json === true || stream === false)) {
    throw usageError(`--events and ${json === true ? '--json' : '--no-stream'} contradict each other`);
  }
}

/**
 * Models of OpenAI that reason take sampling fields only when they do not (design, section 3 c).
 * @throws Failure (usage) when an effort was chosen that rules them out
 */
function withReasoning(parts: ResponseParts, api: Api, context: Context): ResponseParts {
  const { model, reasoningEffort: effort } = parts;
  const flag = samplingFlag(parts);
  if (flag === undefined || effort === 'none' || !speaksOpenAI(api) || !isReasoningModel(model)) return parts;
  if (effort !== undefined) {
    throw usageError(
      `${model} takes ${flag} only without reasoning, and --reasoning-effort ${effort} asks for it`,
      'leave out one of the two, or say --reasoning-effort none',
    );
  }
  warn(context, `${model} takes these settings only without reasoning: sent reasoning effort none`);
  return { ...parts, reasoningEffort: 'none' };
}

async function functionsOf(options: Options, api: Api, context: Context) {
  if (options.tools === undefined && options.tool === undefined) return undefined;
  const { chatTools } = await import('../chat/chat-tools.ts');
  return chatTools(options, api, context);
}

/** The format of a chat's answer as the Responses API has it: its fields stand beside its type. */
function formatOf(format: Awaited<ReturnType<typeof answerForm>>['responseFormat']): ResponseParts['format'] {
  if (format === undefined) return undefined;
  return format.type === 'json_schema' ? { type: format.type, ...format.json_schema } : { type: format.type };
}

/** Has the API work by itself, and says how to come back. */
async function begin(request: ResponseRequest, options: Options, api: Api, context: Context): Promise<void> {
  const { createResponse } = await import('../api/responses.ts');
  const response = await createResponse(api, request);
  if (options.json === true) await writeJson(context.stdout, response);
  else await context.stdout.write(`${inertText(response.id)}\n`);
}

/** What stands beside the text. */
interface Beside {
  readonly output: AnswerOutput;
  readonly made: MadeFiles;
  /** The text itself is shown. */
  readonly isText: boolean;
}

/** Who sees what comes. */
function watching(
  { output, made, isText, waiting }: Beside & { readonly waiting: Waiting },
  options: Options,
  context: Context,
): Watching {
  const onEvent = (event: object) => {
    waiting.stop();
    return writeJsonLine(context.stdout, event);
  };
  return {
    made,
    tellsFiles: isText,
    sink: () => (isText ? output.sink() : SILENT),
    arrived: () => waiting.stop(),
    listener: {
      onText: () => waiting.stop(),
      onWork: (words) => waiting.update(words),
      onThought: thoughtsOn(context, waiting),
      ...(options.events === true && { onEvent }),
    },
  };
}

/** What the model thinks, in grey, beside the answer. */
function thoughtsOn({ stderr, verbosity }: Context, waiting: Waiting): (piece: string) => void {
  const inert = new InertTextStream();
  return (piece) => {
    if (verbosity === 'quiet') return;
    waiting.stop();
    const text = inert.push(piece);
    stderr.write(stderr.color ? `\u001b[2m${text}\u001b[22m` : text);
  };
}

/** Shows what stands beside the text. @throws what is wrong with the response */
async function finish(
  { response, items, calls, failure }: Conversed,
  { output, made, isText, check }: Beside & { check(text: string): Error | undefined },
  options: Options,
  context: Context,
): Promise<void> {
  const { stdout } = context;
  if (options.json === true && response !== undefined) {
    if (options.output !== undefined) await made.save(items);
    await writeJson(stdout, withPaths(response, made.paths));
  } else if (isText && response !== undefined && calls.length > 0) {
    await writeJson(stdout, { id: response.id, calls });
  }
  if (isText) sayCitations(items, context);
  const text = response === undefined ? '' : responseText(response);
  const judged =
    failure ?? (response && (responseVerdict(response, options.maxTokens !== undefined) ?? check(text)));
  await output.finish([{ text, refusal: '', toolCalls: [], finishReason: 'stop', logprobs: [] }], judged);
}

/** An image that was saved stands in the answer as its path. */
function withPaths(response: ResponseAnswer, paths: ReadonlyMap<string, string>): object {
  const output = response.output.map((item) => {
    const path = item.type === 'image_generation_call' ? paths.get(item.id) : undefined;
    return path === undefined ? item : { ...item, result: path };
  });
  return paths.size === 0 ? response : { ...response, output };
}

export const respond: CommandModule<RespondOptions> = { define, examples, notes, run };
