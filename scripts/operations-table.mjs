// The table of the README: every operation of OpenAI's document, and the command that reaches it.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const list = join(dirname(fileURLToPath(import.meta.url)), '..', 'src', 'operations', 'list.ts');

/** The commands that have an operation as their own; all others are `oai api`. */
const COMMANDS = new Map([
  ['POST /chat/completions', 'chat`, `structured'],
  ['GET /chat/completions', 'stored list'],
  ['GET /chat/completions/{completion_id}', 'stored get'],
  ['POST /chat/completions/{completion_id}', 'stored update'],
  ['DELETE /chat/completions/{completion_id}', 'stored delete'],
  ['GET /chat/completions/{completion_id}/messages', 'stored messages'],
  ['POST /completions', 'complete'],
  ['POST /responses', 'respond`, `chat --via responses'],
  ['GET /responses/{response_id}', 'response get`, `response wait'],
  ['DELETE /responses/{response_id}', 'response delete'],
  ['POST /responses/{response_id}/cancel', 'response cancel'],
  ['GET /responses/{response_id}/input_items', 'response items'],
  ['POST /fine_tuning/jobs', 'finetune create'],
  ['GET /fine_tuning/jobs', 'finetune list'],
  ['GET /fine_tuning/jobs/{fine_tuning_job_id}', 'finetune get'],
  ['GET /fine_tuning/jobs/{fine_tuning_job_id}/events', 'finetune events'],
  ['GET /fine_tuning/jobs/{fine_tuning_job_id}/checkpoints', 'finetune checkpoints'],
  ['POST /fine_tuning/jobs/{fine_tuning_job_id}/pause', 'finetune pause'],
  ['POST /fine_tuning/jobs/{fine_tuning_job_id}/resume', 'finetune resume'],
  ['POST /fine_tuning/jobs/{fine_tuning_job_id}/cancel', 'finetune cancel'],
  ['POST /images/generations', 'image'],
  ['POST /images/edits', 'edit`, `variation'],
  ['POST /images/variations', 'variation --via variations'],
  ['POST /audio/speech', 'speak'],
  ['POST /audio/transcriptions', 'transcribe'],
  ['POST /audio/translations', 'translate'],
  ['POST /embeddings', 'embed`, `index'],
  ['POST /moderations', 'moderate'],
  ['POST /realtime/client_secrets', 'realtime client-secret'],
  ['POST /files', 'files upload'],
  ['GET /files', 'files list'],
  ['GET /files/{file_id}', 'files get'],
  ['DELETE /files/{file_id}', 'files delete'],
  ['GET /files/{file_id}/content', 'files content'],
  ['POST /uploads', 'files upload'],
  ['POST /uploads/{upload_id}/parts', 'files upload'],
  ['POST /uploads/{upload_id}/complete', 'files upload'],
  ['POST /uploads/{upload_id}/cancel', 'files upload'],
  ['GET /vector_stores', 'vector-store list'],
  ['POST /vector_stores', 'vector-store create'],
  ['GET /vector_stores/{vector_store_id}', 'vector-store get'],
  ['POST /vector_stores/{vector_store_id}', 'vector-store update'],
  ['DELETE /vector_stores/{vector_store_id}', 'vector-store delete'],
  ['POST /vector_stores/{vector_store_id}/search', 'vector-store search'],
  ['GET /vector_stores/{vector_store_id}/files', 'vector-store files'],
  ['POST /vector_stores/{vector_store_id}/files/{file_id}', 'vector-store update'],
  ['DELETE /vector_stores/{vector_store_id}/files/{file_id}', 'vector-store remove'],
  ['POST /vector_stores/{vector_store_id}/file_batches', 'vector-store add'],
  ['POST /batches', 'batch create'],
  ['GET /batches', 'batch list'],
  ['GET /batches/{batch_id}', 'batch get'],
  ['POST /batches/{batch_id}/cancel', 'batch cancel'],
  ['GET /models', 'models list'],
  ['GET /models/{model}', 'models get'],
  ['DELETE /models/{model}', 'models delete'],
]);

/** The table, as Markdown: a row for each path and command, with the methods that it takes. */
export function operationsTable() {
  const text = /`\\\n([\s\S]*?)\n`;/.exec(readFileSync(list, 'utf8'))?.[1] ?? '';
  const known = text.split('\n').map(operationOf);
  const names = new Set(known.map(({ method, path }) => `${method} ${path}`));
  const strangers = [...COMMANDS.keys()].filter((name) => !names.has(name));
  if (strangers.length > 0) throw new Error(`no operations: ${strangers.join(', ')}`);
  /** @type {Map<string, string[]>} */
  const rows = new Map();
  for (const { method, path } of known) {
    const own = COMMANDS.get(`${method} ${path}`);
    const command = `\`oai ${(own ?? 'api').replaceAll('`, `', '`, `oai ')}\``;
    const row = `\`${path}\` | ${command} |`;
    rows.set(row, [...(rows.get(row) ?? []), method]);
  }
  const lines = [...rows].map(([row, methods]) => `| ${methods.join(' ')} | ${row}`);
  const summary = `All ${known.length} operations, and the command that reaches each`;
  const head = '| method | path | command |\n|---|---|---|';
  return `<details><summary>${summary}</summary>\n\n${head}\n${lines.join('\n')}\n\n</details>\n`;
}

/** @param {string} line */
function operationOf(line) {
  const [method = '', path = ''] = line.split(' ');
  return { method, path };
}
