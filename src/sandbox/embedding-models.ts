/** What an embedding model gives. */
export interface EmbeddingModel {
  /** Numbers of a vector, where the request says nothing else. */
  readonly size: number;
  /** The request may ask for fewer numbers. */
  readonly isShortened: boolean;
}

/** OpenAI's guide to embeddings; `dimensions` in the API's reference. */
const MODELS: Readonly<Record<string, EmbeddingModel>> = {
  'text-embedding-3-small': { size: 1536, isShortened: true },
  'text-embedding-3-large': { size: 3072, isShortened: true },
  'text-embedding-ada-002': { size: 1536, isShortened: false },
};

/** @param model one of the kind `embedding` */
export function embeddingModel(model: string): EmbeddingModel {
  const found = MODELS[model];
  if (found === undefined) throw new Error(`the sandbox does not know the size of ${model}`);
  return found;
}
