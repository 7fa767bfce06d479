import type { Context } from '../context.ts';
import { alignedTable } from '../output/table.ts';
import type { Choice, TokenLogprob } from './answer.ts';

/** One token of an answer, as it is told. */
interface TokenRow {
  /** Of the answer, from 1; only where there are several. */
  readonly answer?: number;
  readonly token: string;
  /** From 0 to 1. */
  readonly probability: number;
  /** Natural logarithm of it. */
  readonly logprob: number;
  /** What it could have been, the likeliest first. */
  readonly top: readonly Omit<TokenRow, 'top' | 'answer'>[];
}

/** Writes the tokens of answers with their probabilities: a table on a terminal, JSON Lines elsewhere. */
export async function showLogprobs(choices: readonly Choice[], { stdout }: Context): Promise<void> {
  const rows = choices.flatMap(({ logprobs }, index) =>
    logprobs.map((token) => rowOf(token, choices.length > 1 ? index + 1 : undefined)),
  );
  if (stdout.isTTY) await stdout.write(await tableOf(rows, stdout.color));
  else for (const row of rows) await stdout.write(`${JSON.stringify(row)}\n`);
  await stdout.flush();
}

function rowOf({ token, logprob, top_logprobs: top }: TokenLogprob, answer: number | undefined): TokenRow {
  return {
    ...(answer !== undefined && { answer }),
    ...likely({ token, logprob }),
    top: (top ?? []).map(likely),
  };
}

function likely({ token, logprob }: Pick<TokenLogprob, 'token' | 'logprob'>) {
  return { token, probability: Math.exp(logprob), logprob };
}

async function tableOf(rows: readonly TokenRow[], color: boolean): Promise<string> {
  const hasAnswers = rows.some(({ answer }) => answer !== undefined);
  const cells = rows.map(({ answer, token, probability, top }) => [
    ...(hasAnswers ? [String(answer)] : []),
    quoted(token),
    percent(probability),
    ...top.map((other) => `${quoted(other.token)} ${percent(other.probability)}`),
  ]);
  const table = await alignedTable(cells);
  if (!color) return table;
  const { Chalk } = await import('chalk');
  const paint = new Chalk({ level: 1 });
  const lines = table.split('\n');
  return lines
    .map((line, index) => {
      const row = rows[index];
      return row === undefined ? line : hue(paint, row.probability)(line);
    })
    .join('\n');
}

/** As sure as not, and as good as sure. */
function hue(paint: import('chalk').ChalkInstance, probability: number) {
  if (probability >= 0.9) return paint.green;
  return probability >= 0.5 ? paint.yellow : paint.red;
}

/** A token with its spaces to be seen. */
function quoted(token: string): string {
  return JSON.stringify(token);
}

function percent(probability: number): string {
  return `${(100 * probability).toFixed(probability < 0.001 ? 3 : 1)}%`;
}
