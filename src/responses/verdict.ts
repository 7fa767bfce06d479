import type { ResponseAnswer, ResponseOutputItem } from '../api/responses.ts';
import { Failure } from '../errors.ts';
import { responseText } from './turn.ts';

/** Calls that somebody here is to answer. */
export type OpenCall = Extract<
  ResponseOutputItem,
  { type: 'function_call' } | { type: 'custom_tool_call' } | { type: 'mcp_approval_request' }
>;

/** What a response waits for: functions to be run, tools of MCP servers to be allowed. */
export function openCalls({ output }: ResponseAnswer): OpenCall[] {
  return output.filter(
    (item): item is OpenCall =>
      item.type === 'function_call' ||
      item.type === 'custom_tool_call' ||
      item.type === 'mcp_approval_request',
  );
}

/**
 * Judges a response that arrived whole.
 * @param isLimited the user set `--max-tokens`: to be cut there is what was asked for
 * @returns what the exit code is to say of it, or undefined when it is what was asked for
 */
export function responseVerdict(response: ResponseAnswer, isLimited: boolean): Failure | undefined {
  const { status, error, incomplete_details: details, output } = response;
  if (status === 'failed') {
    const words = error === null ? 'the response failed' : `the response failed: ${error.message}`;
    return new Failure('network', words, { code: error?.code });
  }
  if (status === 'queued' || status === 'in_progress') {
    return new Failure('incomplete', `the response is not done: it is ${status.replace('_', ' ')}`, {
      hint: `oai response wait ${response.id}`,
    });
  }
  if (status === 'cancelled') return new Failure('incomplete', 'the response was cancelled');
  const refusal = output
    .flatMap((item) => (item.type === 'message' ? item.content : []))
    .find(({ type }) => type === 'refusal');
  if (refusal?.type === 'refusal') return new Failure('verdict', `the model refused: ${refusal.refusal}`);
  if (details?.reason === 'content_filter')
    return new Failure('verdict', 'the content filter stopped the response');
  const calls = openCalls(response);
  if (calls.length > 0) return unanswered(response.id, calls);
  const text = responseText(response);
  if (details?.reason === 'max_output_tokens') return cutByLength(text, isLimited);
  if (status === 'incomplete') return new Failure('incomplete', 'the response is incomplete');
  const hasImage = output.some(({ type }) => type === 'image_generation_call');
  return text === '' && !hasImage ? new Failure('incomplete', 'the response is empty') : undefined;
}

function unanswered(id: string, calls: readonly OpenCall[]): Failure {
  const names = calls.map((call) => call.name).join(', ');
  return new Failure('tools', `the model asks for tools that nobody allowed: ${names}`, {
    hint: `--yes runs them; or oai respond --previous ${id} --tool-result CALL=@FILE, for each call on stdout`,
  });
}

function cutByLength(text: string, isLimited: boolean): Failure | undefined {
  if (!isLimited) {
    return new Failure('incomplete', 'the response is cut: it reached the longest that the model can give', {
      hint: 'ask for less at a time, or set --max-tokens to say that a cut answer will do',
    });
  }
  if (text !== '') return undefined;
  return new Failure('incomplete', '--max-tokens was used up before the first word', {
    hint: 'reasoning counts as well: raise --max-tokens, or think less with --reasoning-effort low',
  });
}
