import { cancelBatch, createBatch, listBatches, retrieveBatch } from './batch-answer.ts';
import type { Call, SandboxState } from './call.ts';
import { answerChat } from './chat-completion.ts';
import { createClientSecret } from './client-secret.ts';
import {
  deleteCompletion,
  listCompletions,
  listMessages,
  retrieveCompletion,
  updateCompletion,
} from './completion-answer.ts';
import { answerEmbeddings } from './embedding-answer.ts';
import { methodNotAllowed, unknownUrl } from './error-answer.ts';
import { createFile, deleteFile, downloadFile, listFiles, retrieveFile } from './file-answer.ts';
import {
  createFineTune,
  directFineTune,
  listFineTuneCheckpoints,
  listFineTuneEvents,
  listFineTunes,
  retrieveFineTune,
} from './finetune-answer.ts';
import { answerImages } from './image-answer.ts';
import { serveImage } from './image-shelf.ts';
import { answerModeration } from './moderation-answer.ts';
import { percentDecoded } from './percent.ts';
import {
  answerResponse,
  cancelResponse,
  containerFile,
  createConversation,
  deleteResponse,
  listInputItems,
  retrieveConversation,
  retrieveResponse,
} from './response-answer.ts';
import { answerSpeech } from './speech-answer.ts';
import { answerTextCompletion } from './text-completion.ts';
import { answerTranscription, answerTranslation } from './transcription-answer.ts';
import { addPart, cancelUpload, completeUpload, createUpload } from './upload-answer.ts';
import { createStore, deleteStore, listStores, retrieveStore, updateStore } from './vector-store-answer.ts';
import {
  attachFile,
  cancelFileBatch,
  createFileBatch,
  detachFile,
  listBatchFiles,
  listStoreFiles,
  retrieveFileBatch,
  retrieveStoreFile,
  updateStoreFile,
} from './vector-store-file-answer.ts';
import { searchStore } from './vector-store-search.ts';

interface Route {
  readonly method: string;
  /** Below the base URL. Groups stand for what the answer is given as `id` and `innerId`. */
  readonly path: RegExp;
  /** @throws ApiError as the API refuses requests */
  answer(call: Call, state: SandboxState, id: string, innerId: string): Response | Promise<Response>;
}

const ROUTES: readonly Route[] = [
  { method: 'POST', path: /^\/chat\/completions$/, answer: answerChat },
  { method: 'GET', path: /^\/chat\/completions$/, answer: listCompletions },
  { method: 'GET', path: /^\/chat\/completions\/([^/]+)$/, answer: retrieveCompletion },
  { method: 'POST', path: /^\/chat\/completions\/([^/]+)$/, answer: updateCompletion },
  { method: 'DELETE', path: /^\/chat\/completions\/([^/]+)$/, answer: deleteCompletion },
  { method: 'GET', path: /^\/chat\/completions\/([^/]+)\/messages$/, answer: listMessages },
  { method: 'POST', path: /^\/responses$/, answer: answerResponse },
  { method: 'GET', path: /^\/responses\/([^/]+)$/, answer: retrieveResponse },
  { method: 'DELETE', path: /^\/responses\/([^/]+)$/, answer: deleteResponse },
  { method: 'POST', path: /^\/responses\/([^/]+)\/cancel$/, answer: cancelResponse },
  { method: 'GET', path: /^\/responses\/([^/]+)\/input_items$/, answer: listInputItems },
  { method: 'POST', path: /^\/conversations$/, answer: createConversation },
  { method: 'GET', path: /^\/conversations\/([^/]+)$/, answer: retrieveConversation },
  { method: 'GET', path: /^\/containers\/([^/]+)\/files\/[^/]+\/content$/, answer: containerFile },
  { method: 'POST', path: /^\/completions$/, answer: answerTextCompletion },
  { method: 'POST', path: /^\/images\/(generations|edits|variations)$/, answer: answerImages },
  { method: 'POST', path: /^\/audio\/speech$/, answer: answerSpeech },
  { method: 'POST', path: /^\/audio\/transcriptions$/, answer: answerTranscription },
  { method: 'POST', path: /^\/audio\/translations$/, answer: answerTranslation },
  { method: 'POST', path: /^\/embeddings$/, answer: answerEmbeddings },
  { method: 'POST', path: /^\/moderations$/, answer: answerModeration },
  { method: 'POST', path: /^\/realtime\/client_secrets$/, answer: createClientSecret },
  { method: 'POST', path: /^\/files$/, answer: createFile },
  { method: 'GET', path: /^\/files$/, answer: listFiles },
  { method: 'GET', path: /^\/files\/([^/]+)$/, answer: retrieveFile },
  { method: 'DELETE', path: /^\/files\/([^/]+)$/, answer: deleteFile },
  { method: 'GET', path: /^\/files\/([^/]+)\/content$/, answer: downloadFile },
  { method: 'POST', path: /^\/uploads$/, answer: createUpload },
  { method: 'POST', path: /^\/uploads\/([^/]+)\/parts$/, answer: addPart },
  { method: 'POST', path: /^\/uploads\/([^/]+)\/complete$/, answer: completeUpload },
  { method: 'POST', path: /^\/uploads\/([^/]+)\/cancel$/, answer: cancelUpload },
  { method: 'POST', path: /^\/batches$/, answer: createBatch },
  { method: 'GET', path: /^\/batches$/, answer: listBatches },
  { method: 'GET', path: /^\/batches\/([^/]+)$/, answer: retrieveBatch },
  { method: 'POST', path: /^\/batches\/([^/]+)\/cancel$/, answer: cancelBatch },
  { method: 'POST', path: /^\/fine_tuning\/jobs$/, answer: createFineTune },
  { method: 'GET', path: /^\/fine_tuning\/jobs$/, answer: listFineTunes },
  { method: 'GET', path: /^\/fine_tuning\/jobs\/([^/]+)$/, answer: retrieveFineTune },
  { method: 'GET', path: /^\/fine_tuning\/jobs\/([^/]+)\/events$/, answer: listFineTuneEvents },
  { method: 'GET', path: /^\/fine_tuning\/jobs\/([^/]+)\/checkpoints$/, answer: listFineTuneCheckpoints },
  { method: 'POST', path: /^\/fine_tuning\/jobs\/([^/]+)\/pause$/, answer: directFineTune('pause') },
  { method: 'POST', path: /^\/fine_tuning\/jobs\/([^/]+)\/resume$/, answer: directFineTune('resume') },
  { method: 'POST', path: /^\/fine_tuning\/jobs\/([^/]+)\/cancel$/, answer: directFineTune('cancel') },
  { method: 'POST', path: /^\/vector_stores$/, answer: createStore },
  { method: 'GET', path: /^\/vector_stores$/, answer: listStores },
  { method: 'GET', path: /^\/vector_stores\/([^/]+)$/, answer: retrieveStore },
  { method: 'POST', path: /^\/vector_stores\/([^/]+)$/, answer: updateStore },
  { method: 'DELETE', path: /^\/vector_stores\/([^/]+)$/, answer: deleteStore },
  { method: 'POST', path: /^\/vector_stores\/([^/]+)\/search$/, answer: searchStore },
  { method: 'POST', path: /^\/vector_stores\/([^/]+)\/files$/, answer: attachFile },
  { method: 'GET', path: /^\/vector_stores\/([^/]+)\/files$/, answer: listStoreFiles },
  { method: 'GET', path: /^\/vector_stores\/([^/]+)\/files\/([^/]+)$/, answer: retrieveStoreFile },
  { method: 'POST', path: /^\/vector_stores\/([^/]+)\/files\/([^/]+)$/, answer: updateStoreFile },
  { method: 'DELETE', path: /^\/vector_stores\/([^/]+)\/files\/([^/]+)$/, answer: detachFile },
  { method: 'POST', path: /^\/vector_stores\/([^/]+)\/file_batches$/, answer: createFileBatch },
  { method: 'GET', path: /^\/vector_stores\/([^/]+)\/file_batches\/([^/]+)$/, answer: retrieveFileBatch },
  {
    method: 'POST',
    path: /^\/vector_stores\/([^/]+)\/file_batches\/([^/]+)\/cancel$/,
    answer: cancelFileBatch,
  },
  { method: 'GET', path: /^\/vector_stores\/([^/]+)\/file_batches\/([^/]+)\/files$/, answer: listBatchFiles },
  { method: 'GET', path: /^\/sandbox\/images\/([^/]+)$/, answer: serveImage },
  {
    method: 'GET',
    path: /^\/models$/,
    answer: (_, { models }) => Response.json({ object: 'list', data: models.list() }),
  },
  {
    method: 'GET',
    path: /^\/models\/([^/]+)$/,
    answer: (_, { models }, id) => Response.json(models.get(id)),
  },
  {
    method: 'DELETE',
    path: /^\/models\/([^/]+)$/,
    answer(_, { models }, id) {
      models.removeTuned(id);
      return Response.json({ id, object: 'model', deleted: true });
    },
  },
];

/**
 * Answers a request by its path and method.
 * @throws ApiError 404 for a path that is not known, 405 for a method that it does not take
 */
export async function route(call: Call, state: SandboxState): Promise<Response> {
  const here = ROUTES.filter(({ path }) => path.test(call.path));
  const found = here.find(({ method }) => method === call.method);
  if (found !== undefined) {
    const [, id = '', innerId = ''] = found.path.exec(call.path) ?? [];
    return found.answer(call, state, percentDecoded(id), percentDecoded(innerId));
  }
  if (here.length === 0) throw unknownUrl(404, call.method, `/v1${call.path}`);
  const allowed = here.map(({ method }) => method);
  throw methodNotAllowed(call.method, `/v1${call.path}`, allowed);
}
