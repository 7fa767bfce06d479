import type { Command } from 'commander';
import type { Api } from '../api/client.ts';
import { defaultModels, isReasoningModel } from '../api/models.ts';
import { noteRetirement } from '../api/notices.ts';
import type { ResponseInputItem, ResponseRequest } from '../api/responses.ts';
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
import { inertText } from '../output/terminal.ts';
import { hostedTools } from '../responses/hosted-tools.ts';
import { questionItem } from '../responses/input.ts';
import { before, openMemory, Remembering } from '../responses/remember.ts';
import { type ResponseParts, responseRequest, responseTool } from '../responses/request.ts';
import { type ResponseTurn, readResponse, responseText } from '../responses/turn.ts';
import { openCalls, responseVerdict } from '../responses/verdict.ts';

export interface RespondOptions
  extends GlobalOptions,
    ResponseFlags,
    AttachmentFlags,
    HostedToolFlags,
    Pick<OutputFlags, 'extract' | 'extractLang' | 'extractAll' | 'raw'>,
    Pick<MemoryFlags, 'continue' | 'conversation' | 'create' | 'fork' | 'history'>,
    Pick<ToolFields, 'tools' | 'tool' | 'toolSpec' | 'yes' | 'maxTurns' | 'toolTimeout' | 'toolLimit'>,
    Pick<SamplingFlags, 'topP' | 'verbosity' | 'promptCacheKey' | 'metadata'>,
    Pick<AnswerFlags, 'stream' | 'events' | 'jsonObject' | 'schema'> {}

type Options = RespondOptions & { readonly words: readonly string[] };

/** Of the flags of chat those that this endpoint has. */
const SHARED =
  /^(?:--json-object|--schema|-x, |--extract-|--raw|--no-stream|--events|--top-p|--verbosity|--prompt-cache-key|--metadata|--tools? |--tool-(?:spec|timeout|limit)|--yes|--max-turns|-c, |--conversation|--create|--fork|--history|--no-history)/;

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
--yes. Otherwise the calls are printed as JSON, and the exit code is 10.`;

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
  const prompt = await readPrompt(options.words, context, { isOptional: attached.all.length > 0 });
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
  const { previous, items, instructions: told } = before(memory, asked);
  const functions = tools?.toolbox.definitions.map(responseTool) ?? [];
  const parts: ResponseParts = {
    ...options,
    model,
    ...(told !== undefined && { instructions: told }),
    ...(previous !== undefined && { previous }),
    store: options.store !== false,
    tools: [...hostedTools(options), ...functions],
    format: formatOf(form.responseFormat),
  };
  const isForced = parts.reasoningEffort === undefined && needsNoReasoning(parts, api);
  if (isForced)
    warn(context, `${model} takes these settings only without reasoning: sent reasoning effort none`);
  const sent = isForced ? { ...parts, reasoningEffort: 'none' as const } : parts;
  const input = [...items, questionItem(attached.all, prompt, options.imageDetail)];
  if (options.background === true) return begin(responseRequest(sent, input), options, api, context);
  const remembering = new Remembering(memory, api.settings, context);
  await remembering.asked(asked, model);
  const waiting = startWaiting(context, `waiting for ${model}`, { elapsed: true });
  try {
    const asking = {
      parts: sent,
      input,
      remembering,
      toolbox: tools?.toolbox,
      subject: prompt,
      check: form.check,
    };
    await converse(asking, options, api, context, waiting);
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
  checkMemoryFlags(memory);
  if (background === true && store === false)
    throw usageError('--background needs what --no-store forbids: that the API keeps the answer');
  if (background === true && events === true) throw usageError('--background waits for no events');
  if (events === true && (json === true || stream === false)) {
    throw usageError(`--events and ${json === true ? '--json' : '--no-stream'} contradict each other`);
  }
}

/** Models of OpenAI that reason take sampling fields only when they do not (design, section 3 c). */
function needsNoReasoning({ temperature = 1, topP = 1, model }: ResponseParts, api: Api): boolean {
  return (temperature !== 1 || topP !== 1) && speaksOpenAI(api) && isReasoningModel(model);
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

/** What is asked, and who answers what is asked back. */
interface Asking {
  readonly parts: ResponseParts;
  readonly input: readonly ResponseInputItem[];
  readonly remembering: Remembering;
  readonly toolbox: Parameters<typeof import('../responses/answer-calls.ts').answerCalls>[1]['toolbox'];
  /** What images are named after. */
  readonly subject: string;
  check(text: string): Error | undefined;
}

/** Asks; runs what may be run, and hands its results back, until there is an answer. */
async function converse(
  asking: Asking,
  options: Options,
  api: Api,
  context: Context,
  waiting: Waiting,
): Promise<void> {
  const { parts, toolbox, check, subject, remembering } = asking;
  const { answerCalls } = await import('../responses/answer-calls.ts');
  const isText = options.json !== true && options.events !== true;
  const shown = {
    ...options,
    output: undefined,
    force: undefined,
    subject,
    isText,
    isJson: parts.format !== undefined,
  };
  const output = await answerOutput(shown, api, context);
  let [next, input] = [parts, asking.input];
  for (let turns = 1; ; turns++) {
    const turn = await exchange(responseRequest(next, input), output, options, api, context, waiting).catch(
      lost,
    );
    const { response, failure, text } = turn;
    if (failure !== undefined) {
      await remembering.failed(text, response, failure);
      throw failure;
    }
    if (response === undefined) return;
    const calls = openCalls(response);
    const mayGoOn = calls.length > 0 && turns <= (toolbox?.maxTurns ?? options.maxTurns ?? 10);
    waiting.stop();
    const answers = mayGoOn
      ? await answerCalls(calls, { toolbox, yes: options.yes === true, signal: api.signal }, context)
      : undefined;
    if (answers === undefined) {
      await remembering.answered(response);
      await finish(response, { subject, calls, check, output }, options, api, context);
      return;
    }
    if (!parts.store) {
      // Nothing is kept to go on with: all is said again.
      input = [...input, ...(response.output as readonly ResponseInputItem[]), ...answers];
      continue;
    }
    input = answers;
    if (parts.apiConversation === undefined) next = { ...parts, previous: response.id };
  }
}

/** Of a request that was never answered. */
function lost(error: unknown): ResponseTurn {
  return {
    response: undefined,
    text: '',
    failure: error instanceof Error ? error : new Error(String(error)),
  };
}

async function exchange(
  request: ResponseRequest,
  output: AnswerOutput,
  options: Options,
  api: Api,
  context: Context,
  waiting: Waiting,
): Promise<ResponseTurn> {
  const { createResponse, streamResponse } = await import('../api/responses.ts');
  const { stdout } = context;
  const isText = options.json !== true && options.events !== true;
  const out = isText ? output.sink() : SILENT;
  if (options.json === true || options.stream === false) {
    const response = await createResponse(api, request);
    waiting.stop();
    const text = responseText(response);
    if (isText) await out.write(text);
    await out.end();
    return { response, text, failure: undefined };
  }
  const stream = await streamResponse(api, request, context.clock);
  const turn = await readResponse(
    stream,
    {
      out,
      onText: () => waiting.stop(),
      onWork: (words) => waiting.update(words),
      onThought: thoughtsOn(context, waiting),
      ...(options.events === true && {
        onEvent: (event: object) => {
          waiting.stop();
          return writeJsonLine(stdout, event);
        },
      }),
    },
    api,
  );
  waiting.stop();
  await out.end();
  return turn;
}

/** What the model thinks, in grey, beside the answer. */
function thoughtsOn({ stderr, verbosity }: Context, waiting: Waiting): (piece: string) => void {
  return (piece) => {
    if (verbosity === 'quiet') return;
    waiting.stop();
    const text = inertText(piece);
    stderr.write(stderr.color ? `\u001b[2m${text}\u001b[22m` : text);
  };
}

type Response = NonNullable<ResponseTurn['response']>;

/** Shows what stands beside the text. @throws what is wrong with the response */
async function finish(
  response: Response,
  {
    subject,
    calls,
    check,
    output,
  }: {
    readonly subject: string;
    readonly calls: readonly object[];
    check: Asking['check'];
    readonly output: AnswerOutput;
  },
  options: Options,
  api: Api,
  context: Context,
): Promise<void> {
  const { sayCitations } = await import('../responses/citations.ts');
  const { saveMadeFiles } = await import('../responses/made-files.ts');
  if (options.json === true) await writeJson(context.stdout, response);
  else if (calls.length > 0 && options.events !== true) await writeJson(context.stdout, calls);
  if (options.json !== true && options.events !== true)
    await saveMadeFiles(response, subject, options.output, api, context);
  if (options.json !== true && options.events !== true) sayCitations(response, context);
  const judged = responseVerdict(response, options.maxTokens !== undefined) ?? check(responseText(response));
  const text = responseText(response);
  await output.finish([{ text, refusal: '', toolCalls: [], finishReason: 'stop', logprobs: [] }], judged);
}

export const respond: CommandModule<RespondOptions> = { define, examples, notes, run };
