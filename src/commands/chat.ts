import type { Command } from 'commander';
import type { Api } from '../api/client.ts';
import type { ChatMessage } from '../api/completions.ts';
import { defaultModels } from '../api/models.ts';
import { type GivenAttachments, givenAttachments, NO_ATTACHMENTS } from '../attachments/given.ts';
import { answerForm } from '../chat/answer-form.ts';
import { readAsking, readQuestion, toolsOf } from '../chat/asking.ts';
import { Conversation } from '../chat/conversation.ts';
import { awaitAnswer, instructionsFirst, messagesOf, withPrompt } from '../chat/messages.ts';
import { question } from '../chat/request.ts';
import { isText, outputFor, showReply } from '../chat/show-reply.ts';
import { isStreamed, speakingFor } from '../chat/speaking.ts';
import { areStreamed } from '../chat/via.ts';
import { addFlags, type CommandModule } from '../command.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { type AnswerFlags, answerFlags, checkAnswerFlags, refuseForRows } from '../flags/answers.ts';
import { type AttachmentFlags, attachmentFlags } from '../flags/attachments.ts';
import { type BulkOptions, bulkFlags, rowsOf } from '../flags/bulk.ts';
import { type ChatFields, chatFlags } from '../flags/chat.ts';
import {
  checkMemoryFlags,
  type MemoryFlags,
  memoryFlags,
  namesConversation,
  refuseMemoryForRows,
} from '../flags/memory.ts';
import { type MessageFlags, messageFlags } from '../flags/messages.ts';
import { checkOutputFlags, extractWish, type OutputFlags, outputFlags } from '../flags/output.ts';
import { type ReplFlags, replFlags } from '../flags/repl.ts';
import { type RoleFlags, roleFlags } from '../flags/roles.ts';
import { type SamplingFlags, samplingFlags } from '../flags/sampling.ts';
import { refuseSpeakingForRows, type SpeakingFlags, speakingFlags } from '../flags/speaking.ts';
import { type ToolFields, toolFlags } from '../flags/tools.ts';
import { type ViaFlags, viaFlags } from '../flags/via.ts';
import type { Memory } from '../history/memory.ts';
import { historyWanted } from '../history/wanted.ts';
import { writeJson } from '../output/json.ts';
import { startWaits } from '../output/progress.ts';
import { refuseForRepl, replWanted } from '../repl/wanted.ts';
import { chainOf } from '../responses/remember.ts';
import { chosenWay, takenBy } from '../responses/via.ts';
import { type Filling, withRole } from '../roles/use.ts';

export interface ChatOptions
  extends ChatFields,
    ViaFlags,
    ReplFlags,
    RoleFlags,
    MessageFlags,
    MemoryFlags,
    AttachmentFlags,
    SamplingFlags,
    AnswerFlags,
    OutputFlags,
    ToolFields,
    SpeakingFlags,
    BulkOptions {}

type Typed = ChatOptions & { readonly words: readonly string[] };
type Options = Typed & Filling;

function define(command: Command): void {
  command.argument('[prompt...]', 'the question; `-` first or last is stdin');
  addFlags(command, [...chatFlags(defaultModels.chat), ...viaFlags, ...replFlags]);
  addFlags(command, [...roleFlags, ...messageFlags()], 'What is said before:');
  addFlags(command, attachmentFlags, 'What goes along:');
  addFlags(command, memoryFlags, 'Memory:');
  addFlags(command, answerFlags, 'The answer:');
  addFlags(command, outputFlags, 'Output:');
  addFlags(command, toolFlags, 'Tools:');
  addFlags(command, speakingFlags, 'Speaking:');
  addFlags(command, samplingFlags, 'Sampling and service:');
  addFlags(command, rowFlags, 'Rows:');
}

/** Where the results go is said among the other ways of output. */
const rowFlags = bulkFlags.filter(({ flags }) => !outputFlags.some((other) => other.flags === flags));

const notes = `
With nothing to ask, at a terminal, a session opens; /help in it lists its
commands, and -c opens the last one. -i opens one in any case: with a prompt,
that is asked first; without one, the lines of a pipe are what is typed.
Piped text comes first, then a blank line, then the prompt. With a prompt, a
pipe that stays silent for 3 s is left alone; from its first byte on it is read
to its end. \`-\` waits for stdin as long as it takes.
What is attached is told by its bytes, not by its name. Models hear WAV and
MP3; of other sound a WAV is made, where ffmpeg is installed. A text goes along
as it is, under its name.
An answer that is cut is printed as far as it came, and the exit code says so:
6 the connection was lost, 7 refused or filtered, 8 too long or empty, or not
the JSON that was asked for, or without code for -x (its text is on stderr).
On a terminal Markdown is made readable as it comes. In a pipe, with --raw, and
after \`oai config set markdown false\` it stays as it is written.
With -o the text is saved, and shown on a terminal as well; stdout gets the
path. What came of an answer that is cut stays beside, as NAME.part.
A tool runs when you say so: asked at a terminal, with --yes, or because
tools.allow in your config names it. Otherwise its calls are printed as JSON,
with the conversation, and the exit code is 10: run them, and go on with
--messages FILE --tool-result ID=@RESULT. COMMAND is a program and its words, no
line for a shell; what it takes is in COMMAND.json, or it says so to --schema.
At a terminal each exchange is kept; a question that failed, too, and -c without
a prompt asks it again (in a session, /retry). A conversation goes on with the
profile, model and system prompt that it had, unless flags say otherwise. \`oai
history\` shows what is kept, and deletes it.`;

const examples = [
  { line: 'oai chat "explain recursion as a haiku"', note: 'the answer streams' },
  { line: 'oai chat --sandbox "hello"', note: 'no key needed' },
  { line: 'git diff | oai chat "write the commit message"', note: 'a pipe and a prompt' },
  { line: 'git diff | oai chat -r commit', note: 'a role: a kept prompt with its settings' },
  { line: 'oai chat -r translate --var to=French "good morning"', note: 'with a value for its place' },
  { line: 'oai chat -s @reviewer.md -t 0 "review this" < main.c', note: 'a system prompt from a file' },
  {
    line: 'oai chat --message user:sea --message assistant:mer "sky"',
    note: 'an example of what is wanted',
  },
  { line: 'oai chat -a plan.png -a room.jpg "what differs?"', note: 'images, sound, PDF, text' },
  { line: 'oai chat --sandbox -a - "what is this?" < cat.png', note: 'what is piped in, attached' },
  {
    line: 'oai chat --audio coral -o joke.wav "tell me a joke"',
    note: 'said into a file, its words printed',
  },
  { line: 'oai chat --json "hello" | jq -r ".choices[0].message.content"', note: 'the whole answer as JSON' },
  { line: 'oai chat -n 3 -0 "name a cat" | xargs -0 -n 1 echo', note: 'three answers, apart' },
  { line: 'oai chat --schema person.json "Ann is 30" | jq .name', note: 'JSON that fits a schema' },
  { line: 'oai chat --logprobs --top-logprobs 3 "yes or no?"', note: 'how sure it is of each word' },
  { line: 'oai chat -x "mend this script" < script.md > mended.sh', note: 'the code alone' },
  { line: 'oai chat -o tar.md "explain tar"', note: 'saved whole, or not at all' },
  { line: 'oai chat -c "and in Korean?"', note: 'goes on with the last conversation' },
  { line: 'oai chat --conversation trip --create "where to?"', note: 'one that has a name' },
  { line: 'git diff | oai chat -i "review this"', note: 'then talk about it at the terminal' },
  { line: "printf 'hi\\n/usage\\n' | oai chat -i", note: 'a session as a script' },
  {
    line: 'oai chat --rows jsonl "Translate to Korean: {{title}}" < in.jsonl > out.jsonl',
    note: 'each row by itself, in order',
  },
  { line: 'oai chat --each -o done.jsonl "sum up" < texts.txt', note: 'again goes on where it stopped' },
  {
    line: 'oai chat --tool weather=./weather.sh --yes "what is the weather in Oslo?"',
    note: 'a program of yours tells: JSON on stdin, its result on stdout',
  },
  {
    line: 'oai chat --via responses --tool weather=./weather.sh --yes "rain in Oslo?"',
    note: 'by the Responses API: the model reasons beside its tools',
  },
  { line: 'oai chat --param safety_identifier=u7 "hello"', note: 'a field that has no flag' },
  {
    line: 'oai chat --record tapes "hello" && oai chat --replay tapes "hello"',
    note: 'the same answer for ever: no network, no key',
  },
];

/** The flags that a role may set. */
const flagsOfRoles = [
  ...chatFlags(defaultModels.chat),
  ...viaFlags,
  ...answerFlags,
  ...outputFlags,
  ...samplingFlags,
  ...toolFlags,
];

async function run(typed: Typed, context: Context): Promise<void> {
  const options = await withRole(typed, flagsOfRoles, context);
  checkAnswerFlags(options);
  checkOutputFlags(options);
  if (options.interactive === true) refuseForRepl(options, rowsOf(options) !== undefined);
  if (rowsOf(options) !== undefined) return runEach(options, context);
  refuseConcurrency(options);
  checkMemoryFlags(options);
  if (!namesConversation(options)) return ask(options, undefined, context);
  const memory = await remember(options, context);
  try {
    if (options.add === true) await addToConversation(options, memory, context);
    else await ask(options, memory, context);
  } finally {
    memory.close();
  }
}

async function remember(options: Options, context: Context): Promise<Memory> {
  const { Memory } = await import('../history/memory.ts');
  return Memory.open(options, context);
}

/** @param earlier the conversation that is gone on with */
async function ask(typed: Options, earlier: Memory | undefined, context: Context): Promise<void> {
  const { model: remembered, ...rest } = earlier?.remembered ?? {};
  const options = { ...typed, ...rest };
  const { connect } = await import('../api/client.ts');
  const api = await connect(options, context);
  earlier?.checkTarget(api.settings);
  const before = await messagesOf(options, context);
  if (opensRepl(options, before, context)) return openRepl(options, { api, before, earlier }, context);
  const attached = await givenAttachments(options, options.words, api, context, takenBy(options, api));
  const asking = await readAsking({ before, earlier, attached }, options, api, context);
  const { asked, said, isRetry, tools, form, subject } = asking;
  const wish = { typed: typed.model, remembered };
  const speaking = await speakingFor(options, subject, api, context);
  const wanted = { asked: [...said, ...asked], wish, form, tools, speaking };
  const chain = chainOf(earlier, said, api.settings);
  const { route, toolbox, beside } = await chosenWay(options, wanted, chain, api, context);
  const output = await outputFor(options, { form, subject, speaking }, api, context);

  const isKept = historyWanted(options, api.settings.history, context) !== 'no';
  const memory = earlier ?? (isKept ? await remember(options, context) : undefined);
  earlier?.announce();
  const keeper = memory?.keeper(api.settings, { isRetry });
  const streamed = isStreamed(options, speaking) && areStreamed(tools, options, api);
  const waiting = startWaits(context, `waiting for ${route.model}`);
  const conversation = new Conversation({
    api,
    context,
    request: (all) => route.request(form.messages(said.length > 0 ? instructionsFirst(all) : all)),
    streamed,
    tellsUsage: options.usage === true || keeper !== undefined,
    messages: said,
    toolbox,
    keeper,
  });
  const shown = { conversation, asked, form, output, api, tools, speaking, streamed };
  try {
    await showReply({ ...shown, beside: await beside(isText(options), subject) }, options, context, waiting);
  } catch (error) {
    throw route.explain(error);
  } finally {
    waiting.stop();
    if (memory !== earlier) memory?.close();
  }
}

/** With messages that wait for an answer there is something to ask. */
function opensRepl(options: Options, before: readonly ChatMessage[], context: Context): boolean {
  return replWanted(options, context) && (options.interactive === true || !awaitAnswer(before));
}

/** @param earlier the conversation that is gone on with */
async function openRepl(
  options: Options,
  given: { api: Api; before: readonly ChatMessage[]; earlier: Memory | undefined },
  context: Context,
): Promise<void> {
  refuseForRepl(options, false);
  const { openRepl } = await import('../repl/open.ts');
  const { words, fill } = options;
  const tools = (within: Context) => toolsOf(options, given.api, within);
  await openRepl({ ...given, flags: options, words, fill, tools }, context);
}

/** Puts what the flags and the words say into a conversation. Nobody is asked. @throws Failure (usage) */
async function addToConversation(options: Options, memory: Memory, context: Context): Promise<void> {
  if (options.toolResult !== undefined) {
    throw usageError('--tool-result answers a call of a tool, and --add asks nobody', 'leave out --add');
  }
  const before = await messagesOf(options, context);
  const attached = await attachedTo(options, context);
  const isOptional = before.length > 0 || attached.all.length > 0;
  const content = await readQuestion(options, { attached, isOptional }, context);
  const id = await memory.note(withPrompt(before, content));
  if (options.json === true) await writeJson(context.stdout, { conversation: id });
  else await context.stdout.write(`${id}\n`);
}

/** What is attached where nobody is asked: the API is needed for what it takes, and for its downloads. */
async function attachedTo(options: Options, context: Context): Promise<GivenAttachments> {
  if (options.attach === undefined && options.imageDetail === undefined) return NO_ATTACHMENTS;
  const { connect } = await import('../api/client.ts');
  return givenAttachments(options, options.words, await connect(options, context), context);
}

/** @throws Failure (usage) */
function refuseConcurrency({ concurrency }: ChatOptions): void {
  if (concurrency !== undefined)
    throw usageError('-j is for rows here', 'add --rows lines, jsonl, csv or nul');
}

/** The same question for each row. */
async function runEach(options: Options, context: Context): Promise<void> {
  refuseForRows(options);
  refuseSpeakingForRows(options);
  refuseMemoryForRows(options);
  const { runJob } = await import('../bulk/job.ts');
  const { chatJob } = await import('../chat/each.ts');
  const { connect } = await import('../api/client.ts');
  await runJob(
    options,
    (watcher) => connect(options, context, { watcher }),
    async (api) => {
      const before = await messagesOf(options, context);
      const attached = await givenAttachments(options, options.words, api, context, takenBy(options, api));
      const wish = { typed: options.model, remembered: undefined };
      const said = (prompt: string) => [...before, question(attached.content(options.fill(prompt)))];
      const tools = await toolsOf(options, api, context);
      const form = await answerForm(options, api, context);
      const wanted = { asked: said(''), wish, form, tools, speaking: undefined };
      const { route, toolbox } = await chosenWay(options, wanted, undefined, api, context);
      const each = {
        words: options.words.join(' '),
        field: options.field,
        asJson: options.json === true,
        extract: extractWish(options),
        route,
        messages: (prompt: string) => form.messages(said(prompt)),
        request: (messages: ChatMessage[]) => route.request(messages),
        check: form.check,
        toolbox: tools === undefined ? undefined : toolbox,
      };
      return {
        what: `asking ${route.model}`,
        model: route.model,
        job: chatJob(each, api),
        most: attached.most,
      };
    },
    context,
  );
}

export const chat: CommandModule<ChatOptions> = { define, examples, notes, run };
