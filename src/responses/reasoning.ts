import type { Api } from '../api/client.ts';
import { isReasoningModel } from '../api/models.ts';
import { speaksOpenAI } from '../chat/request.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { warn } from '../output/messages.ts';
import { type ResponseFields, samplingFlag } from './request.ts';

/**
 * Models of OpenAI that reason take sampling fields only when they do not (design, section 3 c): where no effort was
 * chosen, none is asked for, which is said.
 * @throws Failure (usage) when an effort was chosen that rules them out
 */
export function withReasoning(fields: ResponseFields, api: Api, context: Context): ResponseFields {
  const { model, reasoningEffort: effort } = fields;
  const flag = samplingFlag(fields);
  if (flag === undefined || effort === 'none' || !speaksOpenAI(api) || !isReasoningModel(model))
    return fields;
  if (effort !== undefined) {
    throw usageError(
      `${model} takes ${flag} only without reasoning, and --reasoning-effort ${effort} asks for it`,
      'leave out one of the two, or say --reasoning-effort none',
    );
  }
  warn(context, `${model} takes these settings only without reasoning: sent reasoning effort none`);
  return { ...fields, reasoningEffort: 'none' };
}
