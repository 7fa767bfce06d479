import type { Command } from 'commander';
import type { Api } from '../api/client.ts';
import type { ChatRequest } from '../api/completions.ts';
import { defaultModels } from '../api/models.ts';
import { noteRetirement } from '../api/notices.ts';
import {
  explainForced,
  isLimited,
  messages,
  speaksOpenAI,
  toRequest,
  withSampling,
} from '../chat/request.ts';
import { type Choice, streamTurn } from '../chat/turn.ts';
import { verdict } from '../chat/verdict.ts';
import { wholeChoices } from '../chat/whole.ts';
import { addFlags, type CommandModule } from '../command.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { type BulkOptions, bulkFlags, rowsOf } from '../flags/bulk.ts';
import { type ChatFields, chatFlags } from '../flags/chat.ts';
import { readPrompt } from '../input/prompt.ts';
import { textValue } from '../input/text.ts';
import { writeJson } from '../output/json.ts';
import { warn } from '../output/messages.ts';
import { startWaiting, type Waiting } from '../output/progress.ts';
import { TextStream } from '../output/text.ts';

export interface ChatOptions extends ChatFields, BulkOptions {}

function define(command: Command): void {
  command.argument('[prompt...]', 'the question; `-` first or last is stdin');
  addFlags(command, [...chatFlags(defaultModels.chat), ...bulkFlags]);
}

const notes = `
Piped text comes first, then a blank line, then the prompt. With a prompt, a
pipe that stays silent for 3 s is left alone; from its first byte on it is read
to its end. \`-\` waits for stdin as long as it takes.
An answer that is cut is printed as far as it came, and the exit code says so:
6 the connection was lost, 7 refused or filtered, 8 too long or empty.`;

const examples = [
  { line: 'oai chat "explain recursion as a haiku"', note: 'the answer streams' },
  { line: 'oai chat --sandbox "hello"', note: 'no key needed' },
  { line: 'git diff | oai chat "write the commit message"', note: 'a pipe and a prompt' },
  { line: 'oai chat -s @reviewer.md -t 0 "review this" < main.c', note: 'a system prompt from a file' },
  { line: 'oai chat --json "hello" | jq -r ".choices[0].message.content"', note: 'the whole answer as JSON' },
  {
    line: 'oai chat --rows jsonl "Translate to Korean: {{title}}" < in.jsonl > out.jsonl',
    note: 'each row by itself, in order',
  },
  { line: 'oai chat --each -o done.jsonl "sum up" < texts.txt', note: 'again goes on where it stopped' },
  { line: 'oai chat --param verbosity=low "hello"', note: 'a field that has no flag' },
];

async function run(
  options: ChatOptions & { readonly words: readonly string[] },
  context: Context,
): Promise<void> {
  if (rowsOf(options) !== undefined) return runEach(options, context);
  refuseOutput(options);
  const { connect } = await import('../api/client.ts');
  const api = await connect(options, context);
  const system = options.system === undefined ? '' : await textValue(options.system, '--system', context);
  const prompt = await readPrompt(options.words, context);

  const request = toRequest(options, messages(system, prompt), api.settings);
  noteRetirement(request.model, api, context);
  const target = speaksOpenAI(api) ? withSampling(request) : { request, forced: false };
  if (target.forced) {
    warn(context, `${request.model} takes these settings only without reasoning: sent reasoning_effort none`);
  }

  const waiting = startWaiting(context, `waiting for ${request.model}`);
  const question = { api, request: target.request, limited: isLimited(target.request), context, waiting };
  try {
    await (options.json === true ? answerWhole(question) : answerStreamed(question));
  } catch (error) {
    throw target.forced ? explainForced(error, request.model) : error;
  } finally {
    waiting.stop();
  }
}

/** @throws Failure (usage) on flags that are for rows */
function refuseOutput({ output, concurrency }: ChatOptions): void {
  if (output !== undefined)
    throw usageError('-o is for rows here', 'an answer goes to stdout: oai chat … > answer.txt');
  if (concurrency !== undefined)
    throw usageError('-j is for rows here', 'add --rows lines, jsonl, csv or nul');
}

/** The same question for each row. */
async function runEach(
  options: ChatOptions & { readonly words: readonly string[] },
  context: Context,
): Promise<void> {
  const { runJob } = await import('../bulk/job.ts');
  const { chatJob } = await import('../chat/each.ts');
  const { connect } = await import('../api/client.ts');
  await runJob(
    options,
    (watcher) => connect(options, context, { watcher }),
    async (api) => {
      const system = options.system === undefined ? '' : await textValue(options.system, '--system', context);
      const request = (prompt: string) => {
        const asked = toRequest(options, messages(system, prompt), api.settings);
        return speaksOpenAI(api) ? withSampling(asked).request : asked;
      };
      const { model } = request('');
      noteRetirement(model, api, context);
      const words = options.words.join(' ');
      const each = { words, field: options.field, asJson: options.json === true, request, isLimited };
      return { what: `asking ${model}`, model, job: chatJob(each, api) };
    },
    context,
  );
}

/** A question that is ready to be asked. */
interface Question {
  readonly api: Api;
  readonly request: ChatRequest;
  /** The user set a limit of tokens. */
  readonly limited: boolean;
  readonly context: Context;
  readonly waiting: Waiting;
}

async function answerWhole({ api, request, limited, context, waiting }: Question): Promise<void> {
  const { completeChat } = await import('../api/completions.ts');
  const answer = await completeChat(api, request);
  waiting.stop();
  await writeJson(context.stdout, answer);
  throwIfAny(verdict(wholeChoices(answer), limited));
}

async function answerStreamed({ api, request, limited, context, waiting }: Question): Promise<void> {
  const { streamChat } = await import('../api/completions.ts');
  const stream = await streamChat(api, request, context.clock);
  const out = new TextStream(context.stdout);
  const turn = await streamTurn(stream, { count: request.n ?? 1, out, api, onText: () => waiting.stop() });
  waiting.stop();
  await out.end();
  await printOtherChoices(turn.choices, context);
  throwIfAny(turn.failure);
  const judged = verdict(turn.choices, limited);
  if (judged?.kind === 'tools')
    await writeJson(
      context.stdout,
      turn.choices.flatMap((choice) => choice.toolCalls),
    );
  throwIfAny(judged);
}

/** The first answer is printed as it arrives, the others after it, each on lines of its own. */
async function printOtherChoices(choices: readonly Choice[], context: Context): Promise<void> {
  for (const { text } of choices.slice(1)) {
    const out = new TextStream(context.stdout);
    await out.write(text);
    await out.end();
  }
}

function throwIfAny(error: Error | undefined): void {
  if (error !== undefined) throw error;
}

export const chat: CommandModule<ChatOptions> = { define, examples, notes, run };
