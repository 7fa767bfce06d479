import type { OpenAI } from 'openai';
import { isObject, type JsonObject } from '../json.ts';
import type { Api } from './client.ts';
import { checkedDeletion } from './deletion.ts';
import { pathPart } from './ids.ts';
import { type PageQuery, pages } from './pages.ts';
import { notAnAnswer } from './stream.ts';
import type { AttributeValue } from './vector-stores.ts';

export type VectorStoreFile = OpenAI.VectorStores.VectorStoreFile;
export type VectorStoreFileStatus = VectorStoreFile['status'];
export type FileBatch = OpenAI.VectorStores.VectorStoreFileBatch;
export type DetachedFile = OpenAI.VectorStores.VectorStoreFileDeleted;
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** How a file is cut; both in tokens. */
export interface Chunking {
  readonly size: number;
  readonly overlap: number;
}

/** A file that the API has, to be put into a store. */
export interface FileToAttach {
  readonly id: string;
  readonly attributes: Attributes;
  /** Absent: as the API does it. */
  readonly chunking: Chunking | undefined;
}

/** Which files of a store. */
export interface StoreFileQuery extends PageQuery {
  readonly filter?: VectorStoreFileStatus | undefined;
  readonly order?: 'asc' | 'desc' | undefined;
}

/** The files of a store, page by page, each page in a time of its own. @throws Failure or Stopped */
export function listStoreFiles(
  api: Api,
  storeId: string,
  { filter, order, ...query }: StoreFileQuery = {},
  params: JsonObject = {},
): AsyncGenerator<VectorStoreFile[]> {
  const path = `/vector_stores/${pathPart(storeId)}/files`;
  return pages(api, path, query, { filter, order, ...params }, checkedFile);
}

/** @throws Failure or Stopped */
export function retrieveStoreFile(api: Api, storeId: string, fileId: string): Promise<VectorStoreFile> {
  return api.each((own) =>
    own.call(async (client, options) => {
      const params = { vector_store_id: storeId };
      return checkedFile(await client.vectorStores.files.retrieve(fileId, params, options), own);
    }),
  );
}

/** Replaces all attributes of a file. @throws Failure or Stopped */
export function updateStoreFile(
  api: Api,
  storeId: string,
  fileId: string,
  attributes: Attributes,
): Promise<VectorStoreFile> {
  return api.each((own) =>
    own.call(async (client, options) => {
      const params = { vector_store_id: storeId, attributes: { ...attributes } };
      return checkedFile(await client.vectorStores.files.update(fileId, params, options), own);
    }),
  );
}

/** Takes a file out of a store; the file itself stays. @throws Failure or Stopped */
export function detachFile(api: Api, storeId: string, fileId: string): Promise<DetachedFile> {
  return api.each((own) =>
    own.call(async (client, options) =>
      checkedDeletion(
        await client.vectorStores.files.delete(fileId, { vector_store_id: storeId }, options),
        own,
      ),
    ),
  );
}

/** Puts up to 2,000 files into a store, where they are indexed. @throws Failure or Stopped */
export function attachFiles(api: Api, storeId: string, files: readonly FileToAttach[]): Promise<FileBatch> {
  return api.each((own) =>
    own.call(async (client, options) => {
      const body = { files: files.map(attached) };
      return checkedBatch(await client.vectorStores.fileBatches.create(storeId, body, options), own);
    }),
  );
}

function attached({ id, attributes, chunking }: FileToAttach) {
  const { size = 0, overlap = 0 } = chunking ?? {};
  const sizes = { max_chunk_size_tokens: size, chunk_overlap_tokens: overlap };
  return {
    file_id: id,
    attributes: { ...attributes },
    ...(chunking !== undefined && { chunking_strategy: { type: 'static' as const, static: sizes } }),
  };
}

/** How far a batch is. @throws Failure or Stopped */
export function retrieveFileBatch(api: Api, storeId: string, batchId: string): Promise<FileBatch> {
  return api.call(async (client, options) => {
    const params = { vector_store_id: storeId };
    return checkedBatch(await client.vectorStores.fileBatches.retrieve(batchId, params, options), api);
  });
}

/** The files of a batch that are in a state. @throws Failure or Stopped */
export function listBatchFiles(
  api: Api,
  storeId: string,
  batchId: string,
  filter: VectorStoreFileStatus,
): AsyncGenerator<VectorStoreFile[]> {
  const [store, batch] = [pathPart(storeId), pathPart(batchId)];
  return pages(api, `/vector_stores/${store}/file_batches/${batch}/files`, {}, { filter }, checkedFile);
}

/** How a file was cut; undefined where it is not told. */
export function chunkingOf({ chunking_strategy: strategy }: VectorStoreFile): Chunking | undefined {
  if (strategy?.type !== 'static') return undefined;
  const { max_chunk_size_tokens: size, chunk_overlap_tokens: overlap } = strategy.static;
  return { size, overlap };
}

/** What came with status 200 may still be anything. @throws Failure (network) */
function checkedFile(file: unknown, api: Api): VectorStoreFile {
  const isFile = isObject(file) && typeof file['id'] === 'string' && typeof file['status'] === 'string';
  if (!isFile) throw notAnAnswer(api, 'a file of a vector store');
  return file as unknown as VectorStoreFile;
}

function checkedBatch(batch: unknown, api: Api): FileBatch {
  const isBatch = isObject(batch) && typeof batch['id'] === 'string' && isObject(batch['file_counts']);
  if (!isBatch) throw notAnAnswer(api, 'a batch of files');
  return batch as unknown as FileBatch;
}
