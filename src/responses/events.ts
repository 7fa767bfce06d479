import type { ChatChunk } from '../api/completions.ts';
import {
  isResponse,
  type ResponseAnswer,
  type ResponseEvent,
  type ResponseOutputItem,
} from '../api/responses.ts';
import type { Delta, ToolCallDelta } from '../chat/tool-calls.ts';
import type { TurnListener } from '../chat/turn.ts';
import { isObject } from '../json.ts';
import type { ToolCall } from '../tools/tool.ts';
import { callOf, callsIn, finishReasonOf, refusalOf, responseLogprobs, responseText } from './answer.ts';

/** Who is told of what is no text. */
type Aside = Pick<TurnListener, 'onThought' | 'onWork'>;

/** The last events of a response. */
const ENDS: readonly ResponseEvent['type'][] = [
  'response.completed',
  'response.incomplete',
  'response.failed',
];

/** What the API does, by the events that tell of it. */
const WORK: Readonly<Partial<Record<ResponseEvent['type'], string>>> = {
  'response.web_search_call.searching': 'searching the web',
  'response.file_search_call.searching': 'searching files',
  'response.code_interpreter_call.interpreting': 'running code',
  'response.image_generation_call.generating': 'drawing an image',
  'response.mcp_call.in_progress': 'calling a tool of an MCP server',
};

/** Reads the events of one response: as pieces of an answer, and what else they tell. */
export class ResponseEvents {
  readonly #aside: Aside;
  readonly #items: ResponseOutputItem[] = [];
  readonly #calls = new Set<string>();
  #response: ResponseAnswer | undefined;
  #isComplete = false;
  #hasText = false;
  #hasRefusal = false;
  #hasLogprobs = false;

  constructor(aside: Aside) {
    this.#aside = aside;
  }

  /** The response as it was at last; undefined where nothing came of it. */
  get response(): ResponseAnswer | undefined {
    return this.#response;
  }

  /** It came to its end, whatever that was. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** What was made, as far as it came. */
  get items(): readonly ResponseOutputItem[] {
    return this.#isComplete ? (this.#response?.output ?? this.#items) : this.#items;
  }

  /**
   * What an event adds to the answer, in the form that a chat has for it; null where that is nothing. What is no event is
   * passed over: an end without a response is none.
   */
  read(event: ResponseEvent): ChatChunk | null {
    if (!isObject(event)) return null;
    const response = 'response' in event && isResponse(event.response) ? event.response : undefined;
    if (response !== undefined) this.#response = response;
    if (ENDS.includes(event.type)) return response === undefined ? null : this.#end(response);
    switch (event.type) {
      case 'response.output_text.delta': {
        if (typeof event.delta !== 'string') return null;
        this.#hasText = true;
        const tokens = Array.isArray(event.logprobs) ? event.logprobs : [];
        if (tokens.length > 0) this.#hasLogprobs = true;
        return chunk({ content: event.delta }, { logprobs: tokens });
      }
      case 'response.refusal.delta':
        if (typeof event.delta !== 'string') return null;
        this.#hasRefusal = true;
        return chunk({ refusal: event.delta });
      case 'response.output_item.done':
        if (!isObject(event.item)) return null;
        this.#items.push(event.item);
        return this.#called([callOf(event.item) ?? []].flat());
      case 'response.reasoning_summary_text.delta':
        if (typeof event.delta === 'string') this.#aside.onThought?.(event.delta);
        return null;
      case 'response.reasoning_summary_part.done':
        this.#aside.onThought?.('\n\n');
        return null;
      default: {
        const work = WORK[event.type];
        if (work !== undefined) this.#aside.onWork?.(work);
        return null;
      }
    }
  }

  /** Some servers tell only at the end what the response says. */
  #end(response: ResponseAnswer): ChatChunk {
    this.#isComplete = true;
    const delta: Delta = {
      ...(!this.#hasText && { content: responseText(response) }),
      ...(!this.#hasRefusal && { refusal: refusalOf(response) }),
      tool_calls: this.#pieces(callsIn(response.output)),
    };
    const logprobs = this.#hasLogprobs ? [] : responseLogprobs(response);
    return chunk(delta, { finish: finishReasonOf(response), logprobs });
  }

  #called(calls: readonly ToolCall[]): ChatChunk | null {
    return calls.length === 0 ? null : chunk({ tool_calls: this.#pieces(calls) });
  }

  /** Those that were not told of before. */
  #pieces(calls: readonly ToolCall[]): ToolCallDelta[] {
    return calls.flatMap((call): ToolCallDelta[] => {
      if (this.#calls.has(call.id)) return [];
      const index = this.#calls.size;
      this.#calls.add(call.id);
      const { type, ...rest } = call;
      return [{ index, ...rest }];
    });
  }
}

function chunk(
  delta: Delta,
  { finish = null, logprobs = [] }: { finish?: string | null; logprobs?: readonly object[] } = {},
): ChatChunk {
  const told = logprobs.length === 0 ? null : { content: logprobs, refusal: null };
  const choices = [{ index: 0, delta, finish_reason: finish, logprobs: told }];
  return { object: 'chat.completion.chunk', choices } as unknown as ChatChunk;
}
