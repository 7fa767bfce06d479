import { answerHead, type ChatAnswer, callId, logprobs } from './chat-answer.ts';
import type { Choice } from './chat-choices.ts';
import type { SpokenAnswer } from './chat-speech.ts';
import { event, type Step } from './event-stream.ts';
import type { StreamFault } from './faults.ts';
import { faultSteps } from './stream-fault.ts';
import { deltasOf, tokensOf } from './tokens.ts';

/** An event that breaks off. */
const GARBLED = event('{"id":"chatcmpl-');

/** One delta of one choice, both as JSON. */
interface Delta {
  readonly delta: string;
  readonly logprobs: string;
}

/** A streamed answer: the role of each choice, its deltas, how it ended, the usage if asked for, `[DONE]`. */
export function* chatSteps(answer: ChatAnswer, fault: StreamFault | undefined): Generator<Step> {
  const { request, choices } = answer;
  const withUsage = request.stream_options?.include_usage === true;
  const head = JSON.stringify(answerHead(answer, 'chat.completion.chunk')).slice(0, -1);
  const tail = withUsage ? ',"usage":null}' : '}';
  const chunk = (index: number, { delta, logprobs }: Delta, finish = 'null') =>
    event(
      `${head},"choices":[{"index":${index},"delta":${delta},"logprobs":${logprobs},"finish_reason":${finish}}]${tail}`,
    );

  for (const choice of choices) yield { kind: 'event', text: chunk(choice.index, opening(choice)) };
  let sent = 0;
  for (const [choice, delta] of inTurn(answer)) {
    if (sent === fault?.after) yield* faultSteps(fault, GARBLED);
    if (sent === fault?.after && fault.kind !== 'garbled') return;
    yield { kind: 'delta', text: chunk(choice.index, delta) };
    sent += 1;
  }
  if (fault !== undefined && sent <= fault.after) {
    yield* faultSteps(fault, GARBLED);
    if (fault.kind !== 'garbled') return;
  }
  for (const { index, spoken } of choices) {
    if (spoken === undefined) continue;
    const delta = JSON.stringify({ audio: { expires_at: spoken.expiresAt } });
    yield { kind: 'event', text: chunk(index, { delta, logprobs: 'null' }) };
  }
  for (const choice of choices) {
    const text = chunk(choice.index, { delta: '{}', logprobs: 'null' }, JSON.stringify(choice.finish));
    yield { kind: 'event', text };
  }
  if (withUsage) {
    yield { kind: 'event', text: event(`${head},"choices":[],"usage":${JSON.stringify(answer.usage)}}`) };
  }
  yield { kind: 'event', text: event('[DONE]') };
}

function opening({ toolCalls, spoken }: Choice): Delta {
  const content = toolCalls.length > 0 || spoken !== undefined ? null : '';
  return { delta: JSON.stringify({ role: 'assistant', content, refusal: null }), logprobs: 'null' };
}

/** A delta of each choice in turn, until all have said all. */
function* inTurn(answer: ChatAnswer): Generator<[Choice, Delta]> {
  let open = answer.choices.map((choice) => ({ choice, deltas: deltasOfChoice(choice, answer) }));
  while (open.length > 0) {
    const left: typeof open = [];
    for (const one of open) {
      const { done, value } = one.deltas.next();
      if (done === true) continue;
      yield [one.choice, value];
      left.push(one);
    }
    open = left;
  }
}

function* deltasOfChoice(choice: Choice, { request, hash }: ChatAnswer): Generator<Delta, undefined> {
  if (choice.spoken !== undefined) return yield* spokenDeltas(choice, choice.spoken);
  for (const tokens of choice.deltas) {
    yield {
      delta: `{"${choice.field}":${JSON.stringify(tokens.join(''))}}`,
      logprobs: request.logprobs === true ? JSON.stringify(logprobs(request, choice.field, tokens)) : 'null',
    };
  }
  // A request with a stream has function tools only.
  for (const [index, { type, name, input }] of choice.toolCalls.entries()) {
    const call = (fields: object) => ({
      delta: JSON.stringify({ tool_calls: [{ index, ...fields }] }),
      logprobs: 'null',
    });
    yield call({ id: callId(hash, choice.index, index), type, function: { name, arguments: '' } });
    for (const tokens of deltasOf(tokensOf(input))) yield call({ function: { arguments: tokens.join('') } });
  }
  return undefined;
}

/** Its words and its sound in turn, the words ahead, as long as there are any. */
function* spokenDeltas({ deltas }: Choice, { id, pcm }: SpokenAnswer): Generator<Delta, undefined> {
  const of = (audio: object) => ({ delta: JSON.stringify({ content: null, audio }), logprobs: 'null' });
  yield of({ id, transcript: '' });
  const words = deltas[Symbol.iterator]();
  for (const piece of inPieces(pcm())) {
    const { done, value } = words.next();
    if (done !== true) yield of({ transcript: value.join('') });
    yield of({ data: piece.toString('base64') });
  }
  for (let left = words.next(); left.done !== true; left = words.next())
    yield of({ transcript: left.value.join('') });
  return undefined;
}

/** Bytes of a piece of sound: a quarter of a second. */
const PIECE_BYTES = 12_000;

/** Bytes in pieces of one size at least, but for the last. */
function* inPieces(bytes: Iterable<Uint8Array>): Generator<Buffer> {
  let gathered: Uint8Array[] = [];
  let length = 0;
  for (const some of bytes) {
    gathered.push(some);
    length += some.length;
    if (length < PIECE_BYTES) continue;
    yield Buffer.concat(gathered);
    gathered = [];
    length = 0;
  }
  if (length > 0) yield Buffer.concat(gathered);
}
