import type { Context } from '../../context.ts';
import type { JsonObject } from '../../json.ts';

/** What each answer of the cache says it has used, in each run: it was paid for before. */
const unpaid = new WeakMap<Context, JsonObject[]>();

export function noteUnpaid(usage: JsonObject, context: Context): void {
  const known = unpaid.get(context) ?? [];
  unpaid.set(context, known);
  known.push(usage);
}

/** What has come since the last time. */
export function takeUnpaid(context: Context): readonly JsonObject[] {
  return unpaid.get(context)?.splice(0) ?? [];
}
