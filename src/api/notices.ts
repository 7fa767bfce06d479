import type { Context } from '../context.ts';
import { warn } from '../output/messages.ts';
import type { Api } from './client.ts';
import { daysUntil, lifecycleOf, retirementWarning } from './models.ts';

/** Warns of a model whose end at OpenAI is near or past (design, section 3 b). */
export function noteRetirement(model: string, api: Api, context: Context): void {
  if (!api.settings.isOpenAI) return;
  const warning = retirementWarning(model, context.clock.now());
  if (warning !== undefined) warn(context, warning);
}

/** Warns that a model which is to be tuned ends some day, however far: what is made of it ends with it. */
export function noteEndOfBase(model: string, api: Api, context: Context): void {
  const shutdown = api.settings.isOpenAI ? lifecycleOf(model)?.shutdown : undefined;
  if (shutdown === undefined) return;
  const days = daysUntil(shutdown, context.clock.now());
  const when =
    days > 0 ? `ends on ${shutdown}, in ${days} ${days === 1 ? 'day' : 'days'},` : `ended on ${shutdown},`;
  warn(context, `${model} ${when} and what is tuned from it ends with it`);
}
