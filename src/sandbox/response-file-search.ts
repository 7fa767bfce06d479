import { isObject, type JsonObject } from '../json.ts';
import type { SandboxState } from './call.ts';
import type { ResponseTool } from './response-request.ts';
import { type FoundPassage, findPassages } from './vector-store-search.ts';

/** What the hosted tool `file_search` found. */
export interface FileSearch {
  /** For the fields of its item. */
  readonly results: readonly JsonObject[];
  /** Files that the answer cites: each once, the best first. */
  readonly cited: readonly { readonly id: string; readonly name: string }[];
  /** What the answer says of it. */
  readonly words: string;
}

/** Passages where the tool asks for no number: as many as an answer can show. */
const USUAL_COUNT = 3;
/** Characters of a passage that the answer repeats. */
const SHOWN = 200;

/**
 * Searches the vector stores that a tool may search. One that this sandbox does not have, as it may be of a command that
 * is over, counts as a store of one file.
 */
export function searchFiles(tool: ResponseTool, question: string, state: SandboxState): FileSearch {
  const { vector_store_ids: ids, filters, max_num_results: most, ranking_options: ranking } = tool;
  const stores = (Array.isArray(ids) ? ids : []).flatMap((id) => {
    const store = state.vectorStores.get(String(id));
    return store === undefined || store.isExpired ? [] : [store];
  });
  if (stores.length === 0) {
    return { results: [], cited: [{ id: 'file-sandbox', name: 'notes.md' }], words: '' };
  }
  const found = findPassages(stores, {
    text: question,
    count: typeof most === 'number' ? most : USUAL_COUNT,
    filter: filters ?? undefined,
    threshold: isObject(ranking) ? Number(ranking['score_threshold'] ?? 0) : 0,
  });
  const cited = new Map(found.map(({ file_id: id, filename: name }) => [id, { id, name }]));
  return { results: found.map(resultOf), cited: [...cited.values()], words: found.map(wordsOf).join('') };
}

function resultOf({ file_id, filename, score, attributes, content }: FoundPassage): JsonObject {
  return { file_id, filename, score, attributes, text: textOf(content) };
}

function wordsOf({ filename, content }: FoundPassage): string {
  const line = textOf(content).replace(/\s+/g, ' ');
  return `\nIn ${filename}: “${line.length > SHOWN ? `${line.slice(0, SHOWN)}…` : line}”`;
}

function textOf(content: FoundPassage['content']): string {
  return content.map(({ text }) => text).join('\n');
}
