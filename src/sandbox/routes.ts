import type { Call, SandboxState } from './call.ts';
import { answerChat } from './chat-completion.ts';
import { ApiError } from './error-answer.ts';
import { percentDecoded } from './percent.ts';

interface Route {
  readonly method: string;
  /** Below the base URL. A group stands for what the answer is given as `id`. */
  readonly path: RegExp;
  /** @throws ApiError as the API refuses requests */
  answer(call: Call, state: SandboxState, id: string): Response | Promise<Response>;
}

const ROUTES: readonly Route[] = [
  { method: 'POST', path: /^\/chat\/completions$/, answer: answerChat },
  {
    method: 'GET',
    path: /^\/models$/,
    answer: (_, { models }) => Response.json({ object: 'list', data: models.list() }),
  },
  {
    method: 'GET',
    path: /^\/models\/([^/]+)$/,
    answer: (_, { models }, id) => Response.json(models.get(id)),
  },
];

/**
 * Answers a request by its path and method.
 * @throws ApiError 404 for a path that is not known, 405 for a method that it does not take
 */
export async function route(call: Call, state: SandboxState): Promise<Response> {
  const here = ROUTES.filter(({ path }) => path.test(call.path));
  const found = here.find(({ method }) => method === call.method);
  if (found !== undefined) {
    return found.answer(call, state, percentDecoded(found.path.exec(call.path)?.[1] ?? ''));
  }
  const type = 'invalid_request_error';
  if (here.length === 0) {
    const message = `Invalid URL (${call.method} /v1${call.path})`;
    throw new ApiError(404, { message, type, param: null, code: null });
  }
  const message = `Not allowed to ${call.method} on /v1${call.path} (HINT: Perhaps you meant to use a different HTTP method?)`;
  const allow = here.map(({ method }) => method).join(', ');
  throw new ApiError(405, { message, type, param: null, code: 'method_not_supported' }, { allow });
}
