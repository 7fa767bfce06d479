import type { Api } from '../api/client.ts';
import type { EmbeddingFields } from '../api/embeddings.ts';
import { defaultModels } from '../api/models.ts';
import { noteRetirement } from '../api/notices.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { readParams, withParams } from '../input/params.ts';
import { type IndexStore, otherKind } from './index-store.ts';

/** What the user asks of embeddings. */
export interface EmbeddingWish {
  readonly model?: string;
  readonly dimensions?: number;
  /** Each `name=value`, as typed. */
  readonly param?: readonly string[] | undefined;
}

/**
 * The fields of a request whose vectors can be compared with those of the index.
 * @param name of the index, for errors
 * @throws Failure (usage) where the index is of another model, or of other dimensions
 */
export function fieldsFor(
  { model: flag, dimensions, param = [] }: EmbeddingWish,
  store: IndexStore,
  name: string,
  api: Api,
  context: Context,
): EmbeddingFields {
  const params = readParams(param);
  for (const field of ['input', 'encoding_format', 'model', 'dimensions']) {
    if (field in params) throw usageError(`--param ${field}: the command decides that`);
  }
  const { kind } = store;
  const asked = flag === undefined ? undefined : api.settings.model('embed', flag);
  if (kind !== undefined && asked !== undefined && asked !== kind.model) {
    throw otherKind(name, kind, `-m asks for ${asked}`);
  }
  if (kind !== undefined && dimensions !== undefined && dimensions !== kind.dimensions) {
    throw otherKind(name, kind, `--dimensions asks for ${dimensions}`);
  }
  const model = kind?.model ?? api.settings.model('embed', flag) ?? defaultModels.embed;
  noteRetirement(model, api, context);
  const count = kind === undefined ? dimensions : (kind.asked ?? undefined);
  return withParams({ model, ...(count !== undefined && { dimensions: count }) }, params);
}
