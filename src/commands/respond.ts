import type { Command } from 'commander';
import type { Api } from '../api/client.ts';
import type { ChatMessage } from '../api/completions.ts';
import { defaultModels } from '../api/models.ts';
import { noteRetirement } from '../api/notices.ts';
import type { ResponseAnswer, ResponseInputItem, ResponseRequest } from '../api/responses.ts';
import { TAKEN_BY_RESPONSES } from '../attachments/attachment.ts';
import { type GivenAttachments, givenAttachments } from '../attachments/given.ts';
import { type AnswerForm, answerForm } from '../chat/answer-form.ts';
import { Conversation } from '../chat/conversation.ts';
import { askedAgain, instructionsFirst } from '../chat/messages.ts';
import { question } from '../chat/request.ts';
import type { RouteRequest } from '../chat/route.ts';
import { isText, outputFor, showReply } from '../chat/show-reply.ts';
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
import { hasTools, type ToolFields, toolFlags } from '../flags/tools.ts';
import type { Memory } from '../history/memory.ts';
import { readPrompt } from '../input/prompt.ts';
import { textValue } from '../input/text.ts';
import { writeJson } from '../output/json.ts';
import { startWaits } from '../output/progress.ts';
import { inertText } from '../output/terminal.ts';
import { withApprovals } from '../responses/approvals.ts';
import { BesideResponses } from '../responses/beside.ts';
import { hostedTools } from '../responses/hosted-tools.ts';
import { MadeFiles } from '../responses/made-files.ts';
import { withReasoning } from '../responses/reasoning.ts';
import { chainOf, openMemory } from '../responses/remember.ts';
import { type ResponseFields, responseFormat } from '../responses/request.ts';
import { type Chain, ResponsesRoute } from '../responses/route.ts';
import { showResponse } from '../responses/show-response.ts';

export interface RespondOptions
  extends GlobalOptions,
    ResponseFlags,
    AttachmentFlags,
    HostedToolFlags,
    Pick<OutputFlags, 'extract' | 'extractLang' | 'extractAll' | 'raw'>,
    Omit<MemoryFlags, 'add'>,
    ToolFields,
    Pick<SamplingFlags, 'topP' | 'verbosity' | 'serviceTier' | 'promptCacheKey' | 'metadata'>,
    Pick<AnswerFlags, 'stream' | 'events' | 'jsonObject' | 'schema'> {}

type Options = RespondOptions & { readonly words: readonly string[] };

/** Of the flags of chat those that this endpoint has. */
const SHARED =
  /^(?:--json-object|--schema|-x, |--extract-|--raw|--no-stream|--events|--top-p|--verbosity|--service-tier|--prompt-cache-key|--metadata|--tools? |--tool-|--no-parallel-tools|--yes|--max-turns|-c, |--conversation|--create|--last|--fork|--history|--no-history|--usage)/;

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
What --background began is kept as running; -c without a prompt waits for it and
shows it, or asks again what failed.
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
  let memory = await openMemory(options, api.settings.history, context);
  try {
    const isOptional =
      attached.all.length > 0 ||
      options.toolResult !== undefined ||
      (memory?.unanswered ?? memory?.running) !== undefined;
    const prompt = await readPrompt(options.words, context, { isOptional });
    memory?.checkTarget(api.settings);
    const isAsked = prompt !== '' || attached.all.length > 0 || options.toolResult !== undefined;
    const { running } = memory ?? {};
    if (running !== undefined) {
      const response = await pickedUp(running, api, context);
      if (!isAsked) return await showResponse(response, options, api, context);
      // What it says is a part of the conversation from here on.
      memory?.close();
      memory = await openMemory(options, api.settings.history, context);
    }
    await ask({ attached, prompt, memory }, options, api, context);
  } finally {
    memory?.close();
  }
}

/** The answer to the last question, which was asked in the background. */
async function pickedUp(id: string, api: Api, context: Context): Promise<ResponseAnswer> {
  const { pickUp } = await import('../responses/kept-response.ts');
  return pickUp(id, api, context);
}

/** What is asked, and where it is kept. */
interface Given {
  readonly attached: GivenAttachments;
  readonly prompt: string;
  readonly memory: Memory | undefined;
}

async function ask(given: Given, options: Options, api: Api, context: Context): Promise<void> {
  const { prompt, memory } = given;
  if (namesConversation(options)) memory?.announce();
  const form = await answerForm(options, api, context);
  const tools = await functionsOf(options, api, context);
  const { asked, isRetry } = await readAsked(given, options, context);
  const said = memory?.before(asked, isRetry) ?? [];
  const route = new ResponsesRoute({
    fields: fieldsOf(options, form, api, context),
    tools,
    chain: chainGiven(options) ?? chainOf(memory, said, api.settings),
    opening: await openingOf(options, api, context),
  });
  const request = (all: ChatMessage[]) => route.request(form.messages(instructionsFirst(all)));
  const keeper = asked.length > 0 ? memory?.keeper({ ...api.settings }, { isRetry }) : undefined;
  if (options.background === true) {
    return begin(request([...said, ...asked]), { asked, keeper }, options, api, context);
  }
  // The folder is for what tools make; the text goes to stdout.
  const { output: folder, ...shown } = options;
  const made = new MadeFiles(folder, prompt, api, context);
  if (folder !== undefined && !api.dryRun) await made.check();
  const output = await outputFor(shown, { form, subject: prompt, speaking: undefined }, api, context);
  const streamed = options.json !== true && options.stream !== false;
  const conversation = new Conversation({
    api,
    context,
    request,
    streamed,
    messages: said,
    tellsUsage: options.usage === true || keeper !== undefined,
    toolbox: withApprovals(
      tools?.toolbox,
      { yes: options.yes === true, maxTurns: options.maxTurns },
      context,
    ),
    keeper,
  });
  const beside = new BesideResponses(
    {
      route,
      made,
      isText: isText(options),
      savesAlways: folder !== undefined,
      mayCall: options.mcp !== undefined,
      goesOnById: true,
    },
    context,
  );
  const waiting = startWaits(context, `waiting for ${route.model}`, { elapsed: true });
  try {
    await showReply(
      { conversation, asked, form, output, api, tools, speaking: undefined, streamed, beside },
      shown,
      context,
      waiting,
    );
  } finally {
    waiting.stop();
  }
}

/** What is said now: what the model is to be, and the question; or the one that got no answer, once more. */
async function readAsked(
  { attached, prompt, memory }: Given,
  options: Options,
  context: Context,
): Promise<{ readonly asked: readonly ChatMessage[]; readonly isRetry: boolean }> {
  const text =
    options.instructions === undefined
      ? ''
      : await textValue(options.instructions, '--instructions', context);
  const told: ChatMessage[] = text === '' ? [] : [{ role: 'developer', content: text }];
  if (prompt !== '' || attached.all.length > 0) {
    return { asked: [...told, question(attached.content(prompt))], isRetry: false };
  }
  const unanswered = options.toolResult === undefined ? memory?.unanswered : undefined;
  if (unanswered === undefined) return { asked: told, isRetry: false };
  return { asked: askedAgain(unanswered, told), isRetry: true };
}

/** What is the same in each request. @throws Failure (usage) */
function fieldsOf(options: Options, form: AnswerForm, api: Api, context: Context): ResponseFields {
  const model = api.settings.model('chat', options.model) ?? defaultModels.chat;
  noteRetirement(model, api, context);
  const fields: ResponseFields = {
    ...options,
    command: 'respond',
    model,
    store: options.store !== false,
    hosted: hostedTools(options),
    format: responseFormat(form.responseFormat),
  };
  return withReasoning(fields, api, context);
}

/** What the flags say that is gone on with. */
function chainGiven({ previous, apiConversation }: RespondOptions): Chain | undefined {
  if ((previous ?? apiConversation) === undefined) return undefined;
  return { id: previous, messages: [], hasAnswered: false, isGiven: true };
}

/** The results of calls that a script comes back with. @throws Failure (usage); Failure or Stopped of the API */
async function openingOf(
  { previous, toolResult }: RespondOptions,
  api: Api,
  context: Context,
): Promise<ResponseInputItem[]> {
  if (toolResult === undefined || previous === undefined) return [];
  const { givenResults } = await import('../responses/given-results.ts');
  return givenResults(toolResult, previous, api, context);
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

async function functionsOf(options: Options, api: Api, context: Context) {
  // Those of an MCP server are asked for in turns, too.
  const { maxTurns: _, ...withoutTurns } = options;
  if (!hasTools(options.mcp === undefined ? options : withoutTurns)) return undefined;
  const { chatTools } = await import('../chat/chat-tools.ts');
  return chatTools({ ...options, via: 'responses' }, api, context);
}

/** Has the API work by itself, and says how to come back. */
async function begin(
  { body, model }: RouteRequest,
  { asked, keeper }: { readonly asked: readonly ChatMessage[]; readonly keeper: Keeping | undefined },
  options: Options,
  api: Api,
  context: Context,
): Promise<void> {
  const { createResponse } = await import('../api/responses.ts');
  await keeper?.asked(asked, { model });
  const start = context.clock.now();
  try {
    const response = await createResponse(api, body as ResponseRequest);
    await keeper?.begun(response.id);
    if (options.json === true) await writeJson(context.stdout, response);
    else await context.stdout.write(`${inertText(response.id)}\n`);
  } catch (error) {
    if (error instanceof Error)
      await keeper?.failed(undefined, { duration: context.clock.now() - start }, error);
    throw error;
  }
}

type Keeping = NonNullable<ReturnType<Memory['keeper']>>;

export const respond: CommandModule<RespondOptions> = { define, examples, notes, run };
