import { Failure } from '../errors.ts';
import { joined } from '../output/messages.ts';
import type { Settings } from '../settings/settings.ts';

/** What is still to be had, and until when (OpenAI's deprecations page, "Update to OpenAI's self-serve fine-tuning"). */
const WINDING_DOWN =
  'OpenAI winds fine-tuning down: new jobs only for organizations that used a tuned model within 60 days, for none from 2027-01-06; tuned models answer until their base ends';

/** Words of a refusal that is about who asks, and not about what was asked for. */
const ABOUT_THE_ORGANIZATION =
  /\b(?:no longer|not (?:eligible|available to|permitted|allowed)|winding down|wound down|sunset)\b/i;

/** Other reasons to be told 403: a key that may do little, and a country. */
const ABOUT_THE_KEY = /missing scopes?|insufficient permissions|region|country/i;

/** Models that can be tuned, for who named another (OpenAI's guides to fine-tuning). */
const TUNABLE = 'gpt-4.1-2025-04-14, gpt-4.1-mini-2025-04-14, gpt-4o-2024-08-06 and gpt-4o-mini-2024-07-18';

/**
 * The refusal of a job in words that say whose move it is: the organization may begin none any more, or the model is none
 * that can be tuned. Others stay as they are.
 */
export function refusedFineTune(error: unknown, { isOpenAI, sandbox }: Settings): unknown {
  if (!(error instanceof Failure) || error.status === undefined || !(isOpenAI || sandbox)) return error;
  const { message, status, code, requestId } = error;
  const details = { status, code, requestId, cause: error };
  if (isAboutOrganization(error)) {
    return new Failure(
      'auth',
      joined('this organization may begin no more fine-tuning jobs', `the API says: ${message}`),
      { ...details, hint: WINDING_DOWN },
    );
  }
  const isAboutModel = code === 'model_not_available' || code === 'model_not_found';
  if (isAboutModel) return new Failure('refused', message, { ...details, hint: `OpenAI tunes ${TUNABLE}` });
  return error;
}

function isAboutOrganization({ status, message }: Failure): boolean {
  if (status === 403) return !ABOUT_THE_KEY.test(message);
  return status === 400 && ABOUT_THE_ORGANIZATION.test(message) && /fine.?tun|training/i.test(message);
}
