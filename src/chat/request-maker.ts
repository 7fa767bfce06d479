import type { Api } from '../api/client.ts';
import type { ChatMessage, ChatRequest } from '../api/completions.ts';
import { isAudioModel } from '../api/models.ts';
import { noteRetirement } from '../api/notices.ts';
import type { Context } from '../context.ts';
import type { ChatFields } from '../flags/chat.ts';
import type { SamplingFlags } from '../flags/sampling.ts';
import { textValue } from '../input/text.ts';
import { warn } from '../output/messages.ts';
import { withoutConsents } from './consents.ts';
import { type AnswerFields, explainForced, speaksOpenAI, toRequest, withSampling } from './request.ts';
import { sentMessages } from './spoken.ts';

/** Makes the requests of a run. */
export interface RequestMaker {
  readonly model: string;
  /** @throws Failure (usage) on flags that contradict each other */
  request(messages: ChatMessage[]): ChatRequest;
  /** The error of a request in words that fit what was sent. */
  explain(error: unknown): unknown;
}

/**
 * Reads what the flags say of requests; says what the user is to know of the model, once.
 * @param capability whose default model counts
 * @throws Failure (usage)
 */
export async function requestMaker(
  options: ChatFields & SamplingFlags & AnswerFields,
  api: Api,
  context: Context,
  capability: 'chat' | 'structured' = 'chat',
): Promise<RequestMaker> {
  const { prediction } = options;
  const read = {
    ...options,
    ...(prediction !== undefined && { prediction: await textValue(prediction, '--prediction', context) }),
  };
  const { model } = toRequest(read, [], api.settings, capability);
  // The end of a default is this program's own affair.
  if (model !== options.defaultModel) noteRetirement(model, api, context);
  const hears = api.settings.isOpenAI && isAudioModel(model);
  let isForced = false;
  let hasTools = false;
  return {
    model,
    request(messages) {
      const sent = sentMessages(withoutConsents(messages), { hears, now: context.clock.now() });
      const made = toRequest(read, sent, api.settings, capability);
      if (!speaksOpenAI(api)) return made;
      const { request, forced } = withSampling(made);
      if (forced && !isForced) {
        hasTools = (made.tools?.length ?? 0) > 0;
        const what = hasTools ? 'tools' : 'these settings';
        warn(context, `${model} takes ${what} only without reasoning: sent reasoning_effort none`);
        isForced = true;
      }
      return request;
    },
    explain: (error) => (isForced ? explainForced(error, model, hasTools) : error),
  };
}
