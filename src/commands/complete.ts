import type { Command } from 'commander';
import type { Api } from '../api/client.ts';
import { noteRetirement } from '../api/notices.ts';
import type { TextAnswer, TextRequest } from '../api/text-completions.ts';
import { SILENT, showAnswers } from '../chat/show-answers.ts';
import { readTurn, type Turn } from '../chat/turn.ts';
import { verdict } from '../chat/verdict.ts';
import { addFlags, type CommandModule } from '../command.ts';
import { type TextFields, textRequest, USUAL_TOKENS } from '../completion/request.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { type AnswerFlags, answerFlags, checkAnswerFlags } from '../flags/answers.ts';
import { samplingFlags } from '../flags/sampling.ts';
import { integer, number, text } from '../flags/values.ts';
import { readPrompt } from '../input/prompt.ts';
import { textValue } from '../input/text.ts';
import { writeJson, writeJsonLine } from '../output/json.ts';
import { startWaiting, type Waiting } from '../output/progress.ts';
import { TextStream } from '../output/text.ts';

export interface CompleteOptions extends TextFields, AnswerFlags {
  readonly model?: string;
}

type Options = CompleteOptions & { readonly words: readonly string[] };

/** Of the flags of chat those that this endpoint has. */
const SHARED =
  /^(?:-n|--separator|-0|--logprobs|--no-stream|--events|--top-p|--stop|--seed|--\w+-penalty|--logit-bias)/;

function define(command: Command): void {
  command.argument('[text...]', 'what to go on with; `-` first or last is stdin');
  addFlags(command, [
    {
      flags: '-m, --model <name>',
      help: 'the model: a base model, or one of a compatible server',
      read: text,
    },
    { flags: '--suffix <text>', help: 'what comes after the completion; or @file' },
    { flags: '--echo', help: 'give the text back before its completion' },
    { flags: '--best-of <n>', help: 'make so many and give the likeliest', read: integer(1, 20) },
    {
      flags: '--max-tokens <n>',
      help: `the most tokens to go on with (default: ${USUAL_TOKENS})`,
      read: integer(1),
    },
    { flags: '-t, --temperature <number>', help: 'from 0 (the likeliest words) to 2', read: number(0, 2) },
    {
      flags: '--top-logprobs <n>',
      help: 'and so many others that it could have been, up to 5',
      read: integer(0, 5),
    },
    ...[...answerFlags, ...samplingFlags].filter(({ flags }) => SHARED.test(flags)),
  ]);
}

const notes = `
The endpoint from before chat, for base models of compatible servers and
fine-tuned ones of your own; OpenAI's own ended on 2026-09-28. A completion that
ends at --max-tokens is as good as any: that is exit 0.
\`oai config set models.complete NAME\` keeps a model.`;

const examples = [
  { line: 'oai complete -m sandbox-base --sandbox "Once upon a time"', note: 'no key needed' },
  { line: 'oai complete -m sandbox-base --max-tokens 40 < story.txt', note: 'a text from a file' },
  {
    line: 'oai complete -m sandbox-base --suffix "return x" "def twice(x):"',
    note: 'what stands between',
  },
  { line: 'oai complete -m sandbox-base -n 3 -0 "A cat named" | xargs -0 -n 1 echo', note: 'three of them' },
];

async function run(options: Options, context: Context): Promise<void> {
  checkAnswerFlags(options);
  const { connect } = await import('../api/client.ts');
  const api = await connect(options, context);
  const model = api.settings.model('complete', options.model);
  if (model === undefined) {
    throw usageError(
      'complete needs a model: OpenAI has none of the kind any more',
      '-m NAME, of the server that you use',
    );
  }
  noteRetirement(model, api, context);
  const suffix =
    options.suffix === undefined ? {} : { suffix: await textValue(options.suffix, '--suffix', context) };
  const prompt = await readPrompt(options.words, context);
  const request = textRequest({ ...options, ...suffix }, model, prompt);
  const waiting = startWaiting(context, `waiting for ${model}`);
  try {
    // The API streams no choice among candidates.
    const isWhole =
      options.json === true || options.stream === false || (options.bestOf ?? 1) > (options.count ?? 1);
    if (isWhole && options.events === true)
      throw usageError('the API streams no --best-of', 'leave out --events');
    await (isWhole
      ? completeWhole(request, options, api, context, waiting)
      : completeStreamed(request, options, api, context, waiting));
  } finally {
    waiting.stop();
  }
}

async function completeWhole(
  request: TextRequest,
  options: CompleteOptions,
  api: Api,
  context: Context,
  waiting: Waiting,
): Promise<void> {
  const { completeText } = await import('../api/text-completions.ts');
  const { textChoices } = await import('../completion/text-turn.ts');
  const answer = await completeText(api, request);
  waiting.stop();
  const choices = textChoices(answer);
  if (options.json === true) await writeJson(context.stdout, answer);
  else {
    const first = new TextStream(context.stdout);
    if (!isLogprobs(options)) await first.write(choices[0]?.text ?? '');
    await showChoices({ choices, failure: undefined }, first, options, context);
  }
  throwVerdict({ choices, failure: undefined });
}

async function completeStreamed(
  request: TextRequest,
  options: CompleteOptions,
  api: Api,
  context: Context,
  waiting: Waiting,
): Promise<void> {
  const { streamText } = await import('../api/text-completions.ts');
  const { chatForm } = await import('../completion/text-turn.ts');
  const start = context.clock.now();
  const stream = await streamText(api, request, context.clock);
  const isText = options.events !== true && !isLogprobs(options);
  const out = isText ? new TextStream(context.stdout) : SILENT;
  const onChunk = (piece: TextAnswer) => {
    waiting.stop();
    return writeJsonLine(context.stdout, piece);
  };
  const turn = await readTurn(
    stream,
    { out, onText: () => waiting.stop(), ...(options.events === true && { onChunk }) },
    { api, count: request.n ?? 1, clock: context.clock, start },
    chatForm,
  );
  waiting.stop();
  if (options.events !== true) await showChoices(turn, out, options, context);
  throwVerdict(turn);
}

type Taken = Pick<Turn, 'choices' | 'failure'>;

/** @param first where the first answer went already */
async function showChoices(
  { choices }: Taken,
  first: typeof SILENT,
  options: CompleteOptions,
  context: Context,
): Promise<void> {
  if (isLogprobs(options)) {
    const { showLogprobs } = await import('../chat/show-logprobs.ts');
    return showLogprobs(choices, context);
  }
  await showAnswers(choices, { first, sink: () => new TextStream(context.stdout) }, options);
}

function isLogprobs({ logprobs, topLogprobs }: CompleteOptions): boolean {
  return logprobs === true || topLogprobs !== undefined;
}

function throwVerdict({ choices, failure }: Taken): void {
  const judged = failure ?? verdict(choices, true);
  if (judged !== undefined) throw judged;
}

export const complete: CommandModule<CompleteOptions> = { define, examples, notes, run };
