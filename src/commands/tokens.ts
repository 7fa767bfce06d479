import type { Command } from 'commander';
import { defaultModels } from '../api/models.ts';
import { addFlags, type CommandModule } from '../command.ts';
import type { Context } from '../context.ts';
import { Failure, usageError } from '../errors.ts';
import type { GlobalOptions } from '../flags/global.ts';
import { integer, text } from '../flags/values.ts';
import { pipedText, readStdin, stdinPieces } from '../input/stdin.ts';
import { decodeUtf8, withoutLastBreak } from '../input/text.ts';
import { writeJson } from '../output/json.ts';
import { warn } from '../output/messages.ts';
import { inertText } from '../output/terminal.ts';
import { loadSettings } from '../settings/settings.ts';
import { counterFor, type Encoding, encodingOf } from '../tokens/encodings.ts';
import { linesOf } from '../tokens/lines.ts';

export interface TokensOptions extends GlobalOptions {
  readonly model?: string;
  readonly each?: boolean;
  /** Tokens. */
  readonly limit?: number;
}

type Options = TokensOptions & { readonly words: readonly string[] };

function define(command: Command): void {
  command.argument('[text...]', 'what to count; without it, or for `-`, stdin is read');
  addFlags(command, [
    { flags: '-m, --model <name>', help: `whose tokens (default: ${defaultModels.chat})`, read: text },
    { flags: '--each', help: 'count each line of stdin by itself' },
    { flags: '--limit <n>', help: 'exit 11 where there are more tokens than this', read: integer(0) },
  ]);
}

const notes = `
Counts here: no key, no network. A pipe gets the bare number, a terminal the
share of the model's context window and the cost as input, too; so does --json.
The last line break of a pipe is not counted, as no command sends it. A request
has a few tokens more: those that part its messages.`;

const examples = [
  { line: 'oai tokens "a cat sat on the mat"', note: 'how many' },
  { line: 'oai tokens -m text-embedding-3-small < chapter.txt', note: 'as an embedding model counts' },
  { line: 'oai tokens --limit 4000 < comment.txt && ./publish', note: 'a gate: exit 11 where it is more' },
  { line: 'oai tokens --each < texts.txt | sort -n | tail -1', note: 'the longest line' },
  { line: 'oai tokens --json "hello" | jq .cost', note: 'what it costs as input, in dollars' },
];

/** Whose tokens are counted, and how. */
interface Counting {
  readonly model: string;
  readonly encoding: Encoding;
  readonly count: (text: string) => number;
}

async function run(options: Options, context: Context): Promise<void> {
  if (options.each === true && options.words.some((word) => word !== '-')) {
    throw usageError('--each counts the lines of stdin', 'leave the text out');
  }
  const settings = await loadSettings(options, context);
  const model = settings.model('chat', options.model) ?? defaultModels.chat;
  const known = encodingOf(model);
  const encoding = known ?? 'o200k_base';
  if (known === undefined) warn(context, `how ${model} counts is not known here; this is ${encoding}`);
  const counting = { model, encoding, count: await counterFor(encoding) };
  if (options.each === true) await countEach(options, counting, context);
  else await countOne(await wholeText(options.words, context), options, counting, context);
}

/** An empty text has no tokens, which is no mistake. @throws Failure (usage) where there is no text at all */
async function wholeText(words: readonly string[], context: Context): Promise<string> {
  const isNamed = words.length === 1 && words[0] === '-';
  if (words.length > 0 && !isNamed) return words.join(' ');
  const piped = isNamed
    ? decodeUtf8(await readStdin(context, 'the text'), 'stdin')
    : await pipedText(context, { patient: true });
  if (piped === undefined) throw usageError('no text', 'give it as words, or pipe it in; --help shows how');
  return withoutLastBreak(piped);
}

async function countOne(
  said: string,
  { json, limit }: TokensOptions,
  { model, encoding, count }: Counting,
  { stdout }: Context,
): Promise<void> {
  const tokens = count(said);
  if (json !== true && !stdout.isTTY) {
    await stdout.write(`${tokens}\n`);
  } else {
    const { factsOf } = await import('../tokens/facts.ts');
    const { contextWindow, cost } = factsOf(model);
    const price = cost(tokens);
    const share = contextWindow === undefined ? undefined : tokens / contextWindow;
    if (json === true) {
      const facts = { contextWindow: contextWindow ?? null, share: rounded(share), cost: rounded(price) };
      await writeJson(stdout, { tokens, encoding, model, ...facts });
    } else {
      const parts = [
        `${tokens.toLocaleString('en')} ${tokens === 1 ? 'token' : 'tokens'} (${encoding})`,
        ...(share === undefined
          ? []
          : [`${short(100 * share)} % of ${model}'s ${contextWindow?.toLocaleString('en')}`]),
        ...(price === undefined ? [] : [`$${short(price)}`]),
      ];
      await stdout.write(`${inertText(parts.join(' · '))}\n`);
    }
  }
  if (limit !== undefined && tokens > limit) {
    throw new Failure('check', `the text has ${tokens} tokens, more than --limit ${limit}`);
  }
}

/** A number with two digits that count, and no exponent: `0.0000027`. */
function short(value: number): string {
  return value.toLocaleString('en', { maximumSignificantDigits: 2, maximumFractionDigits: 20 });
}

/** Without what the arithmetic of floats leaves at the end. */
function rounded(value: number | undefined): number | null {
  return value === undefined ? null : Number(value.toPrecision(6));
}

/** Numbers, line by line: bare, or with `--json` as JSON Lines. */
async function countEach(
  { json, limit = Number.POSITIVE_INFINITY }: TokensOptions,
  { count }: Counting,
  context: Context,
): Promise<void> {
  let [line, over] = [0, 0];
  let first: string | undefined;
  for await (const said of linesOf(stdinPieces(context, 'the text'), 'stdin')) {
    line += 1;
    const tokens = count(said);
    await context.stdout.write(json === true ? `${JSON.stringify({ line, tokens })}\n` : `${tokens}\n`);
    if (tokens <= limit) continue;
    over += 1;
    first ??= `line ${line} has ${tokens}`;
  }
  if (first === undefined) return;
  const lines = over === 1 ? 'line has' : 'lines have';
  throw new Failure('check', `${over} ${lines} more tokens than --limit ${limit}; the first: ${first}`);
}

export const tokens: CommandModule<TokensOptions> = { define, examples, notes, run };
