import type { Api } from '../api/client.ts';
import type {
  ResponseAnswer,
  ResponseInputItem,
  ResponseOutputItem,
  ResponseRequest,
} from '../api/responses.ts';
import type { Toolbox } from '../chat/conversation.ts';
import type { Context } from '../context.ts';
import { Failure } from '../errors.ts';
import type { AnswerSink } from '../output/answer-sink.ts';
import { answerCalls } from './answer-calls.ts';
import type { MadeFiles } from './made-files.ts';
import type { Remembering } from './remember.ts';
import { type ResponseParts, responseRequest } from './request.ts';
import { type ResponseListener, type ResponseTurn, readResponse, responseText } from './turn.ts';
import { type OpenCall, openCalls } from './verdict.ts';

/** How often tools may be asked for in a row where nobody says. */
const MOST_TURNS = 10;

/** What is asked, and who answers what is asked back. */
export interface Asking {
  readonly parts: ResponseParts;
  readonly input: readonly ResponseInputItem[];
  /** What was said before, for an API that does not know it any more. */
  readonly earlier: readonly ResponseInputItem[];
  readonly remembering: Remembering;
  readonly toolbox: Toolbox | undefined;
  readonly maxTurns: number | undefined;
  /** `--yes`: all tools may be run. */
  readonly yes: boolean;
  readonly streamed: boolean;
}

/** Who sees what comes. */
export interface Watching {
  readonly made: MadeFiles;
  /** Where the text of the next response goes. */
  sink(): AnswerSink;
  /** Called where the answer is waited for no more. */
  arrived(): void;
  readonly listener: Omit<ResponseListener, 'out'>;
  /** Paths are told as files are saved. */
  readonly tellsFiles: boolean;
}

/** What came of a question. */
export interface Conversed {
  /** The last response. */
  readonly response: ResponseAnswer | undefined;
  /** The items of all responses. */
  readonly items: readonly ResponseOutputItem[];
  /** What it waits for, and nobody here may do. */
  readonly calls: readonly OpenCall[];
  readonly failure: Error | undefined;
}

/** Asks; runs what may be run, and hands its results back, until there is an answer. @throws Failure; Stopped */
export async function converse(
  asking: Asking,
  watching: Watching,
  api: Api,
  context: Context,
): Promise<Conversed> {
  const { remembering, toolbox, yes } = asking;
  let [parts, input] = [asking.parts, asking.input];
  const items: ResponseOutputItem[] = [];
  for (let turns = 1; ; turns++) {
    const turn = await exchange(responseRequest(parts, input), asking, watching, api, context);
    if (isForgotten(turn.failure) && turns === 1 && asking.earlier.length > 0) {
      // The API keeps responses for some weeks: what was said is said again.
      parts = withoutPrevious(parts);
      input = [...asking.earlier, ...asking.input];
      continue;
    }
    items.push(...turn.items);
    await saveMade(turn.items, watching);
    const { response, failure, text } = turn;
    if (failure !== undefined || response === undefined) {
      if (failure !== undefined) await remembering.failed(text, response, failure);
      return { response, items, calls: [], failure };
    }
    const calls = openCalls(response);
    const mayGoOn = calls.length > 0 && turns <= (toolbox?.maxTurns ?? asking.maxTurns ?? MOST_TURNS);
    const answers = mayGoOn
      ? await answerCalls(calls, { toolbox, yes, signal: api.signal }, context)
      : undefined;
    if (answers === undefined) {
      const isWhole = response.status === 'completed' || response.status === 'incomplete';
      await remembering.answered(response, isWhole && parts.store && calls.length === 0);
      return { response, items, calls, failure: undefined };
    }
    // What is not kept is all said again.
    input = parts.store
      ? answers
      : [...input, ...(response.output as readonly ResponseInputItem[]), ...answers];
    if (parts.store && parts.apiConversation === undefined) parts = { ...parts, previous: response.id };
  }
}

function isForgotten(failure: Error | undefined): boolean {
  return failure instanceof Failure && failure.code === 'previous_response_not_found';
}

function withoutPrevious({ previous: _, ...parts }: ResponseParts): ResponseParts {
  return parts;
}

async function saveMade(items: readonly ResponseOutputItem[], { made, tellsFiles }: Watching): Promise<void> {
  if (tellsFiles) await made.saveAndTell(items);
}

async function exchange(
  request: ResponseRequest,
  { streamed }: Asking,
  { sink, arrived, listener }: Watching,
  api: Api,
  context: Context,
): Promise<ResponseTurn> {
  const { createResponse, streamResponse } = await import('../api/responses.ts');
  const out = sink();
  try {
    if (!streamed) {
      const response = await createResponse(api, request);
      arrived();
      const text = responseText(response);
      await out.write(text);
      return { response, items: response.output, text, failure: undefined };
    }
    const stream = await streamResponse(api, request, context.clock);
    return await readResponse(stream, { ...listener, out }, api);
  } catch (error) {
    const failure = error instanceof Error ? error : new Error(String(error));
    return { response: undefined, items: [], text: '', failure };
  } finally {
    arrived();
    await out.end();
  }
}
