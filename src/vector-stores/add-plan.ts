import type { Attributes, Chunking } from '../api/vector-store-files.ts';
import type { Context } from '../context.ts';
import type { GlobalOptions } from '../flags/global.ts';
import type { Pair } from '../flags/metadata.ts';
import type { Told } from './add-report.ts';
import { attributes as readAttributes } from './attributes.ts';
import { type ChunkingFlags, readChunking } from './chunking.ts';
import { type FoundTexts, findStoreTexts } from './local-texts.ts';

export interface AddOptions extends GlobalOptions, ChunkingFlags {
  /** False after `--no-attribute`. */
  readonly attribute?: readonly Pair[] | false;
  readonly force?: boolean;
  /** Uploads at the same time. */
  readonly concurrency?: number;
}

/** What is to be added, and how. */
export interface AddPlan {
  readonly found: FoundTexts;
  readonly attributes: Attributes;
  readonly chunking: Chunking | undefined;
  readonly options: AddOptions;
  /** What stdout gets: each path that is new, all as JSON Lines, or, where it is another's, nothing. */
  readonly told: Told;
  /** A command line that goes on, where the one that was typed would not: it makes the store. */
  readonly goesOn?: string;
}

/** Reads what is to be added, before anything is asked of the API. @throws Failure (usage); Stopped */
export async function planAdd(
  words: readonly string[],
  options: AddOptions,
  told: Told,
  context: Context,
): Promise<AddPlan> {
  return {
    told,
    attributes: options.attribute ? readAttributes(options.attribute) : {},
    chunking: readChunking(options),
    found: await findStoreTexts(words, context),
    options,
  };
}
