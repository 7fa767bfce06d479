import type { Context } from '../context.ts';
import { writeJson } from '../output/json.ts';
import { writePassages } from '../output/passages.ts';

/** A chunk that was found. */
export interface Hit {
  /** The cosine, with six decimals. */
  readonly score: number;
  /** As the user finds it. */
  readonly path: string;
  /** The numbers of the first and the last line. */
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** Writes what was found: blocks with an excerpt on a terminal, JSON Lines elsewhere, one document with `--json`. */
export async function writeHits(
  hits: readonly Hit[],
  query: string,
  json: boolean,
  { stdout }: Context,
): Promise<void> {
  if (json) return void (await writeJson(stdout, hits));
  if (!stdout.isTTY) {
    for (const hit of hits) await stdout.write(`${JSON.stringify(hit)}\n`);
    return;
  }
  const passages = hits.map(({ score, path, from, text }) => ({ score, place: `${path}:${from}`, text }));
  await writePassages(passages, query, stdout);
}
