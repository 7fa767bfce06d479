import type { Api } from '../api/client.ts';
import { defaultModels } from '../api/models.ts';
import { noteRetirement } from '../api/notices.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import type { ImageOptions } from '../flags/images.ts';
import { warn } from '../output/messages.ts';
import { findTarget, NOWHERE } from '../output/target.ts';
import { type ImageJob, makeAndSave } from './make.ts';

/** The model that the flags, the config or the default say. A model whose end is near draws a warning. */
export function imageModel(flag: string | undefined, api: Api, context: Context): string {
  const model = api.settings.model('image', flag) ?? defaultModels.image;
  noteRetirement(model, api, context);
  return model;
}

/**
 * Makes what the flags ask for.
 * @param subject what files are named after where the user names none
 * @throws Failure or Stopped
 */
export async function runImages(
  { model, call, subject }: Pick<ImageJob, 'model' | 'call'> & { readonly subject: string },
  options: ImageOptions,
  api: Api,
  context: Context,
): Promise<void> {
  const { output, force = false, count = 1 } = options;
  if (options.json === true && output === '-') throw usageError('--json and -o - both want stdout');
  const place = { output, force, count, subject, thing: 'an image', example: 'cat.png' };
  const target = options.dryRun === true ? NOWHERE : await findTarget(place, context);
  if (target.isStdout && options.partial !== undefined && options.show !== true) {
    warn(context, 'previews are not saved beside -o -; --show shows them');
  }
  await makeAndSave({ model, count, call, target, options }, api, context);
}
