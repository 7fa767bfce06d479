import type { Batch } from '../api/batches.ts';
import type { Api } from '../api/client.ts';
import type { Context } from '../context.ts';
import { isObject } from '../json.ts';
import { dollars } from '../output/dollars.ts';
import { warn } from '../output/messages.ts';
import { secondsText } from '../output/time.ts';

/** What a batch pays of the price of the same requests one by one (OpenAI's guide to batches). */
const SHARE_OF_PRICE = 0.5;

/**
 * Says to a person on the terminal what a batch took: time, tokens, and what they cost where the price is known.
 */
export async function sayBatchUsage(batch: Batch, { settings }: Api, context: Context): Promise<void> {
  if (!context.stderr.isTTY || context.verbosity === 'quiet') return;
  const { id, usage, model } = batch;
  const parts = [tookText(batch)];
  const input = countOf(usage?.input_tokens);
  const output = countOf(usage?.output_tokens);
  if (input !== undefined && output !== undefined) {
    const details: unknown = usage?.input_tokens_details;
    parts.push(`${shown(input)} tokens in`, `${shown(output)} out`);
    const { costOf } = await import('../tokens/cost.ts');
    const tokens = {
      inputTokens: input,
      outputTokens: output,
      cachedTokens: (isObject(details) ? countOf(details['cached_tokens']) : undefined) ?? null,
    };
    const cost = typeof model === 'string' ? costOf(settings.profile, model, tokens) : undefined;
    // The sandbox asks for nothing.
    if (cost !== undefined && cost > 0) parts.push(`${dollars(cost * SHARE_OF_PRICE)} at half the price`);
  }
  const told = parts.filter((part) => part !== undefined);
  if (told.length > 0) warn(context, `${id}: ${told.join(', ')}`);
}

/** How long it took from its making to its end. */
function tookText(batch: Batch): string | undefined {
  const { created_at: from, completed_at, expired_at, cancelled_at } = batch;
  const to = completed_at ?? expired_at ?? cancelled_at;
  if (typeof to !== 'number' || typeof from !== 'number' || to < from) return undefined;
  return `took ${secondsText((to - from) * 1000)}`;
}

function countOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function shown(count: number): string {
  return count.toLocaleString('en');
}
