import type { Api } from '../api/client.ts';
import type { ResponseAnswer } from '../api/responses.ts';
import { answerOutput } from '../chat/answer-output.ts';
import { verdict } from '../chat/verdict.ts';
import type { Context } from '../context.ts';
import type { GlobalOptions } from '../flags/global.ts';
import { writeJson } from '../output/json.ts';
import { choiceOf, openCalls, responseFailure, responseText } from './answer.ts';
import { wayToGoOn } from './beside.ts';
import { sayCitations } from './citations.ts';
import { MadeFiles, withPaths } from './made-files.ts';

/** What decides how a response that was made before is shown. */
export interface ShowResponseOptions extends GlobalOptions {
  /** Where files that tools have made are saved. */
  readonly output?: string | undefined;
}

/** Prints a response as `respond` does. @throws what is wrong with it, once it is printed */
export async function showResponse(
  response: ResponseAnswer,
  options: ShowResponseOptions,
  api: Api,
  context: Context,
): Promise<void> {
  const made = new MadeFiles(options.output, response.id, api, context);
  if (options.json === true) {
    if (options.output !== undefined) await made.save(response.output);
    await writeJson(context.stdout, withPaths(response, made.paths));
  } else {
    await showText(response, options, api, context);
    const calls = openCalls(response);
    await made.saveAndTell(response.output);
    if (calls.length > 0) await writeJson(context.stdout, { id: response.id, calls });
    sayCitations(response.output, context);
  }
  // Whoever asked for it is not here to say whether a cut answer will do.
  const isLimited = response.max_output_tokens != null;
  const ways = { tools: wayToGoOn(response.id), cut: 'ask for less at a time, or set --max-tokens' };
  const judged = responseFailure(response) ?? verdict([choiceOf(response)], isLimited, ways);
  if (judged !== undefined) throw judged;
}

async function showText(
  response: ResponseAnswer,
  options: ShowResponseOptions,
  api: Api,
  context: Context,
): Promise<void> {
  const isJson = response.text?.format?.type?.startsWith('json') === true;
  const nowhere = { output: undefined, force: undefined };
  const shown = { ...options, ...nowhere, subject: response.id, isText: true, isJson };
  const out = (await answerOutput(shown, api, context)).sink();
  await out.write(responseText(response));
  await out.end();
}
