import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Api } from '../api/client.ts';
import { checkedModeration, type ModerationVerdict, moderate } from '../api/moderations.ts';
import type { RowResult } from '../bulk/row-result.ts';
import type { BulkJob } from '../bulk/run.ts';
import { Failure } from '../errors.ts';
import { keyOf } from '../input/rows/row-key.ts';
import { textOf } from '../input/rows/row-text.ts';
import { isObject, type JsonObject } from '../json.ts';
import { type Rule, scoresOf } from './judge.ts';

/** Texts of one request: few enough that one that is refused costs little. */
const MOST_TEXTS = 32;
/** Characters of one request. */
const MOST_CHARACTERS = 100_000;

/**
 * Judges each row.
 * @param fields the rest of the request
 * @param onFlagged told of each row that is flagged
 */
export function moderationJob(
  {
    field,
    fields,
    rule,
  }: { readonly field: string | undefined; readonly fields: JsonObject; readonly rule: Rule },
  onFlagged: () => void,
  api: Api,
): BulkJob<string> {
  const rest = JSON.stringify([fields, [...rule.thresholds].sort(), [...(rule.counted ?? [])].sort(), field]);
  return {
    key: (row) => keyOf(row, rest),
    prepare: (row) => textOf(row, field),
    shared: { limits: [MOST_TEXTS, MOST_CHARACTERS], sizes: (text) => [1, text.length] },
    send: (texts, signal) =>
      api.each(async (own) => {
        const { results } = await moderate(own, [...texts], fields);
        return results.map(judged);
      }, signal),
    batch: {
      endpoint: '/v1/moderations',
      body: (text) => ({ ...fields, input: text }),
      read: (answer) => {
        const [verdict] = checkedModeration(answer, api).results;
        return verdict === undefined
          ? { failure: new Failure('incomplete', 'the answer has no verdict') }
          : judged(verdict);
      },
    },
  };

  function judged(verdict: ModerationVerdict): RowResult {
    const scores = scoresOf(verdict, rule);
    const flagged = scores.filter((score) => score.flagged).map(({ category }) => category);
    if (flagged.length > 0) onFlagged();
    return { result: { ...verdict, flagged: flagged.length > 0, flagged_categories: flagged } };
  }
}

/**
 * How many rows of a file of results are flagged.
 * @param path absolute
 */
export async function flaggedIn(path: string): Promise<number> {
  let count = 0;
  for await (const line of createInterface({
    input: createReadStream(path),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    const value: unknown = JSON.parse(line);
    const result = isObject(value) ? value['result'] : undefined;
    if (isObject(result) && result['flagged'] === true) count += 1;
  }
  return count;
}
