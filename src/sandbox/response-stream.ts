import type { JsonObject } from '../json.ts';
import { event, type Step } from './event-stream.ts';
import type { StreamFault } from './faults.ts';
import type { ResponseObject } from './response-shelf.ts';
import { faultySteps } from './stream-fault.ts';
import { deltasOf, tokensOf } from './tokens.ts';

/** An event that breaks off. */
const GARBLED = event('{"type":"response.output_text.delta","delta":"', 'response.output_text.delta');

/** A response as its events: created, each item with its pieces, then how it ended. */
export function responseSteps(done: ResponseObject, fault: StreamFault | undefined): AsyncGenerator<Step> {
  let sequence = 0;
  const step = (type: string, fields: JsonObject, kind: 'event' | 'delta' = 'event'): Step => {
    const data = JSON.stringify({ type, ...fields, sequence_number: sequence });
    sequence += 1;
    return { kind, text: event(data, type) };
  };
  const begun = unfinished(done, 'in_progress');
  const steps = function* (): Generator<Step> {
    yield step('response.created', { response: begun });
    yield step('response.in_progress', { response: begun });
    for (const [index, item] of done.output.entries()) yield* itemSteps(item, index, step);
  };
  const end = function* (): Generator<Step> {
    yield step(done.status === 'incomplete' ? 'response.incomplete' : 'response.completed', {
      response: done,
    });
  };
  return faultySteps(steps(), end(), fault, GARBLED, 'error');
}

/** A response that has nothing to show yet. */
export function unfinished({ usage: _, ...done }: ResponseObject, status: string): ResponseObject {
  return {
    ...done,
    status,
    output: [],
    completed_at: null,
    incomplete_details: null,
  } as unknown as ResponseObject;
}

type MakeStep = (type: string, fields: JsonObject, kind?: 'event' | 'delta') => Step;

function* itemSteps(item: JsonObject, index: number, step: MakeStep): Generator<Step> {
  const at = { item_id: item['id'], output_index: index };
  const { type, status } = item;
  const empty = emptied(item);
  yield step('response.output_item.added', {
    output_index: index,
    item: status === undefined ? empty : { ...empty, status: 'in_progress' },
  });
  if (type === 'message') yield* messageSteps(item, at, step);
  else if (type === 'function_call') {
    const { name, arguments: given } = item;
    for (const piece of deltasOf(tokensOf(String(given)))) {
      yield step('response.function_call_arguments.delta', { ...at, delta: piece.join('') }, 'delta');
    }
    yield step('response.function_call_arguments.done', { ...at, name, arguments: given });
  } else if (type === 'reasoning') yield* summarySteps(item, at, step);
  else if (type === 'web_search_call' || type === 'file_search_call') {
    for (const word of ['in_progress', 'searching', 'completed']) yield step(`response.${type}.${word}`, at);
  } else if (type === 'image_generation_call') {
    for (const word of ['in_progress', 'generating', 'completed']) yield step(`response.${type}.${word}`, at);
  }
  yield step('response.output_item.done', { output_index: index, item });
}

/** An item before it has anything in it. */
function emptied(item: JsonObject): JsonObject {
  const { type } = item;
  if (type === 'message') return { ...item, content: [] };
  if (type === 'function_call') return { ...item, arguments: '' };
  if (type === 'reasoning') return { ...item, summary: [] };
  return type === 'image_generation_call' ? { ...item, result: null } : item;
}

function* messageSteps({ content }: JsonObject, at: JsonObject, step: MakeStep): Generator<Step> {
  for (const [content_index, part] of (content as readonly JsonObject[]).entries()) {
    const place = { ...at, content_index };
    const isRefusal = part['type'] === 'refusal';
    const said = String(isRefusal ? part['refusal'] : part['text']);
    const name = isRefusal ? 'refusal' : 'output_text';
    const first = isRefusal ? { ...part, refusal: '' } : { ...part, text: '', annotations: [], logprobs: [] };
    yield step('response.content_part.added', { ...place, part: first });
    // As many as there are tokens, where they are wanted.
    const logprobs = (part['logprobs'] ?? []) as readonly object[];
    let told = 0;
    for (const piece of deltasOf(tokensOf(said))) {
      const more = isRefusal ? {} : { logprobs: logprobs.slice(told, told + piece.length) };
      told += piece.length;
      yield step(`response.${name}.delta`, { ...place, delta: piece.join(''), ...more }, 'delta');
    }
    const annotations = (part['annotations'] ?? []) as readonly JsonObject[];
    for (const [annotation_index, annotation] of annotations.entries()) {
      yield step('response.output_text.annotation.added', { ...place, annotation_index, annotation });
    }
    yield isRefusal
      ? step('response.refusal.done', { ...place, refusal: said })
      : step('response.output_text.done', { ...place, text: said, logprobs });
    yield step('response.content_part.done', { ...place, part });
  }
}

function* summarySteps({ summary }: JsonObject, at: JsonObject, step: MakeStep): Generator<Step> {
  for (const [summary_index, part] of (summary as readonly JsonObject[]).entries()) {
    const place = { ...at, summary_index };
    yield step('response.reasoning_summary_part.added', {
      ...place,
      part: { type: 'summary_text', text: '' },
    });
    for (const piece of deltasOf(tokensOf(String(part['text'])))) {
      yield step('response.reasoning_summary_text.delta', { ...place, delta: piece.join('') }, 'delta');
    }
    yield step('response.reasoning_summary_text.done', { ...place, text: part['text'] });
    yield step('response.reasoning_summary_part.done', { ...place, part });
  }
}
