import type { Api } from '../api/client.ts';
import { type ResponseInputItem, retrieveResponse } from '../api/responses.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { textValue } from '../input/text.ts';
import { type OpenCall, openCalls } from './answer.ts';

/**
 * The results of calls that an earlier response asks for: of functions their text, of tools of MCP servers `yes` or `no`.
 * @param typed each `ID=TEXT` or `ID=@file`
 * @param previous the response that asks for them
 * @throws Failure (usage) where a result is for no call, or a call is left without one; Failure or Stopped of the API
 */
export async function givenResults(
  typed: readonly string[],
  previous: string,
  api: Api,
  context: Context,
): Promise<ResponseInputItem[]> {
  const texts = await readResults(typed, context);
  // A dry run asks nothing: all are taken for those of functions.
  const calls = api.dryRun ? undefined : openCalls(await retrieveResponse(api, previous));
  if (calls === undefined)
    return [...texts].map(([id, output]) => ({ type: 'function_call_output', call_id: id, output }));
  const known = calls.map(idOf);
  for (const id of texts.keys()) if (!known.includes(id)) throw noSuchCall(id, previous, calls);
  return calls.map((call) => {
    const text = texts.get(idOf(call));
    if (text === undefined) {
      throw usageError(`a call has no result: ${shown(call)}`, `--tool-result ${idOf(call)}=@FILE gives it`);
    }
    return resultOf(call, text);
  });
}

async function readResults(typed: readonly string[], context: Context): Promise<ReadonlyMap<string, string>> {
  const read = new Map<string, string>();
  for (const value of typed) {
    const at = value.indexOf('=');
    if (at < 1) throw usageError(`--tool-result ${value} is not ID=TEXT`, 'ID=@file reads it from a file');
    const id = value.slice(0, at);
    if (read.has(id)) throw usageError(`--tool-result: there are two for ${id}`);
    read.set(id, await textValue(value.slice(at + 1), `--tool-result ${id}`, context));
  }
  return read;
}

/** What a result names: a call, or a request to be allowed. */
function idOf(call: OpenCall): string {
  return call.type === 'mcp_approval_request' ? call.id : call.call_id;
}

function shown(call: OpenCall): string {
  return `${idOf(call)} (${call.name})`;
}

function noSuchCall(id: string, previous: string, calls: readonly OpenCall[]) {
  return usageError(
    `--tool-result ${id}: ${previous} asks for no such call`,
    calls.length === 0 ? 'it asks for none' : `it asks for ${calls.map(shown).join(', ')}`,
  );
}

function resultOf(call: OpenCall, text: string): ResponseInputItem {
  switch (call.type) {
    case 'function_call':
      return { type: 'function_call_output', call_id: call.call_id, output: text };
    case 'custom_tool_call':
      return { type: 'custom_tool_call_output', call_id: call.call_id, output: text };
    case 'mcp_approval_request': {
      const word = text.trim().toLowerCase();
      if (!['yes', 'no', 'y', 'n'].includes(word)) {
        throw usageError(`--tool-result ${call.id} is for a tool of ${call.server_label}: yes or no`);
      }
      return { type: 'mcp_approval_response', approval_request_id: call.id, approve: word.startsWith('y') };
    }
  }
}
