import type { Api } from '../api/client.ts';
import { defaultModels } from '../api/models.ts';
import { noteRetirement } from '../api/notices.ts';
import { TAKEN_BY_CHAT, TAKEN_BY_RESPONSES, type Taken } from '../attachments/attachment.ts';
import { haveSights, haveSound, modelFor } from '../chat/audio-model.ts';
import { type Prepared, prepared, type Wanted } from '../chat/prepared.ts';
import type { Beside } from '../chat/show-reply.ts';
import { viaOf } from '../chat/via.ts';
import type { Context } from '../context.ts';
import { Failure } from '../errors.ts';
import type { ToolFields } from '../flags/tools.ts';
import type { ViaFlags } from '../flags/via.ts';
import { warn } from '../output/messages.ts';
import { type ChatRequestFlags, chatFields } from './chat-fields.ts';
import { withReasoning } from './reasoning.ts';
import { responseFormat } from './request.ts';
import { type Chain, ResponsesRoute } from './route.ts';

/** The flags that decide how a chat is held. */
export type RoutedFlags = ChatRequestFlags & ViaFlags & Pick<ToolFields, 'yes' | 'maxTurns'>;

/** A way that is chosen, and what stands beside its answers. */
export interface Chosen extends Prepared {
  /** @param isText the answer is shown as text @param subject what files are named after */
  beside(isText: boolean, subject: string): Promise<Beside | undefined>;
}

/** What may be attached to a question that goes that way. */
export function takenBy(flags: ViaFlags, api: Api): Taken {
  return viaOf(flags, api) === 'responses' ? TAKEN_BY_RESPONSES : TAKEN_BY_CHAT;
}

/**
 * What the flags say of requests, by the way that is chosen.
 * @param chain what the API knows of what was said before
 * @throws Failure (usage)
 */
export async function chosenWay(
  options: RoutedFlags,
  wanted: Wanted,
  chain: Chain | undefined,
  api: Api,
  context: Context,
): Promise<Chosen> {
  if (viaOf(options, api) === 'completions') {
    return { ...(await prepared(options, wanted, api, context)), beside: async () => undefined };
  }
  const { asked, form, tools, wish, asking = context } = wanted;
  const senses = { hears: false, sees: haveSights(asked), speaks: false };
  const choice = modelFor(senses, wish, api, context);
  const model = api.settings.model('chat', choice.model) ?? defaultModels.chat;
  const fields = chatFields(options, { model, format: responseFormat(form.responseFormat) });
  noteRetirement(model, api, context);
  if (haveSound(asked)) {
    warn(context, 'the Responses API does not hear: what was said goes along without its sound');
  }
  const { withApprovals } = await import('./approvals.ts');
  const route = new ResponsesRoute({
    fields: withReasoning(fields, api, context),
    tools,
    chain,
    explain: explainFor(api),
  });
  return {
    route,
    toolbox: withApprovals(tools?.toolbox, { yes: options.yes === true, maxTurns: options.maxTurns }, asking),
    async beside(isText, subject) {
      const { BesideResponses } = await import('./beside.ts');
      const { MadeFiles } = await import('./made-files.ts');
      const made = new MadeFiles(undefined, subject, api, context);
      const shown = { isText, savesAlways: false, mayCall: false, goesOnById: false };
      return new BesideResponses({ route, made, ...shown }, context);
    },
  };
}

/** Another server may not have the endpoint at all, which it says by its status alone. */
function explainFor({ settings }: Api): (error: unknown) => unknown {
  return (error) => {
    if (!(error instanceof Failure) || error.status !== 404 || settings.isOpenAI) return error;
    if (error.code === 'model_not_found') return error;
    return new Failure(error.kind, error.message, {
      hint: 'a server without the Responses API is asked with --via completions',
      code: error.code,
      status: error.status,
      requestId: error.requestId,
      cause: error,
    });
  };
}
