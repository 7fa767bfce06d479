import type { Context } from '../context.ts';
import { warn } from '../output/messages.ts';
import type { Api } from './client.ts';
import { retirementWarning } from './models.ts';

/** Warns of a model whose end at OpenAI is near or past (design, section 3 b). */
export function noteRetirement(model: string, api: Api, context: Context): void {
  if (!api.settings.isOpenAI) return;
  const warning = retirementWarning(model, context.clock.now());
  if (warning !== undefined) warn(context, warning);
}
