import type { Api } from '../api/client.ts';
import type { ResponseAnswer, ResponseEvent, ResponseOutputItem } from '../api/responses.ts';
import type { AnswerStream } from '../api/stream.ts';
import { Failure } from '../errors.ts';
import type { AnswerSink } from '../output/answer-sink.ts';

/** Who takes a streamed response. */
export interface ResponseListener {
  readonly out: AnswerSink;
  /** Called before the first text is written. */
  onText(): void;
  /** Pieces of the summary of what the model thinks. */
  onThought?(piece: string): void;
  /** Called with each event, and waited for. */
  readonly onEvent?: ((event: ResponseEvent) => Promise<void> | undefined) | undefined;
  /** What the API does just now: `searching the web`. */
  onWork?(words: string): void;
}

/** What one exchange gave, however it ended. */
export interface ResponseTurn {
  /** As it was at last; undefined where nothing came of it. */
  readonly response: ResponseAnswer | undefined;
  /** What was made of it, as far as it came. */
  readonly items: readonly ResponseOutputItem[];
  /** The text that arrived. */
  readonly text: string;
  readonly failure: Error | undefined;
}

/** Takes one streamed response, writing its text as it arrives. */
export async function readResponse(
  stream: AnswerStream<ResponseEvent>,
  listener: ResponseListener,
  api: Api,
): Promise<ResponseTurn> {
  const { out, onEvent } = listener;
  let response: ResponseAnswer | undefined;
  let text = '';
  let isComplete = false;
  const items: ResponseOutputItem[] = [];
  const waitFor = async (slow: Promise<void>) => {
    stream.pause();
    const goOn = api.pause();
    await slow;
    goOn();
  };
  try {
    for (let event = await stream.next(); event !== undefined; event = await stream.next()) {
      if ('response' in event) response = event.response;
      if (ENDS.includes(event.type)) {
        isComplete = true;
        stream.complete();
      }
      const told = onEvent?.(event);
      if (told !== undefined) await waitFor(told);
      if (event.type === 'response.output_item.done') items.push(event.item);
      // Some servers tell of the text only at the end.
      const piece =
        isComplete && text === '' && response !== undefined ? responseText(response) : textIn(event);
      if (piece === '') tell(event, listener);
      else {
        text += piece;
        if (!out.started) listener.onText();
        const slow = out.write(piece);
        if (slow !== undefined) await waitFor(slow);
      }
    }
    const made = isComplete && response !== undefined ? response.output : items;
    return { response, items: made, text, failure: isComplete ? undefined : cut(text !== '') };
  } catch (error) {
    return { response, items, text, failure: api.failure(error) };
  }
}

/** The last events of a response. */
const ENDS: readonly ResponseEvent['type'][] = [
  'response.completed',
  'response.incomplete',
  'response.failed',
];

function textIn(event: ResponseEvent): string {
  return event.type === 'response.output_text.delta' ? event.delta : '';
}

/** What the API does, by the events that tell of it. */
const WORK: Readonly<Partial<Record<ResponseEvent['type'], string>>> = {
  'response.web_search_call.searching': 'searching the web',
  'response.file_search_call.searching': 'searching files',
  'response.code_interpreter_call.interpreting': 'running code',
  'response.image_generation_call.generating': 'drawing an image',
  'response.mcp_call.in_progress': 'calling a tool of an MCP server',
};

function tell(event: ResponseEvent, { onThought, onWork }: ResponseListener): void {
  if (event.type === 'response.reasoning_summary_text.delta') onThought?.(event.delta);
  if (event.type === 'response.reasoning_summary_part.done') onThought?.('\n\n');
  const work = WORK[event.type];
  if (work !== undefined) onWork?.(work);
}

function cut(isPrinted: boolean): Failure {
  return new Failure('network', 'the response was cut: the stream ended before it was complete', {
    hint: isPrinted ? 'what arrived is printed' : undefined,
  });
}

/** The text of a response that came whole. */
export function responseText({ output }: ResponseAnswer): string {
  return output
    .flatMap((item) => (item.type === 'message' ? item.content : []))
    .map((part) => (part.type === 'output_text' ? part.text : ''))
    .join('');
}
