/** The `error` object of an answer of the API. */
export interface ErrorBody {
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  readonly code: string | null;
  /** Why the images API's moderation said no. */
  readonly moderation_details?: {
    readonly moderation_stage: 'input' | 'output';
    readonly categories: readonly string[];
  };
}

/** An answer that says no, in the API's own words. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly body: ErrorBody;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, body: ErrorBody, headers: Readonly<Record<string, string>> = {}) {
    super(body.message);
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

/** 400: the request is wrong. `param` is the path of the field, e.g. `messages[0].content`. */
export function invalidRequest(message: string, param: string | null, code: string | null = null): ApiError {
  return new ApiError(400, { message, type: 'invalid_request_error', param, code });
}

/** 400: a field is not of the form that it must have, at the endpoints which say no more about it. */
export function schemaInvalid(field: string): ApiError {
  const reference = 'https://platform.openai.com/docs/api-reference';
  return invalidRequest(`'$.${field}' is invalid. Please check the API reference: ${reference}.`, null);
}

/** @param target the path or the address as it was asked for */
export function unknownUrl(status: 400 | 404, method: string, target: string): ApiError {
  const message = `Invalid URL (${method} ${target})`;
  return new ApiError(status, { message, type: 'invalid_request_error', param: null, code: null });
}

/** @param allowed the methods that the path takes */
export function methodNotAllowed(method: string, path: string, allowed: readonly string[]): ApiError {
  const message = `Not allowed to ${method} on ${path} (HINT: Perhaps you meant to use a different HTTP method?)`;
  const body = { message, type: 'invalid_request_error', param: null, code: 'method_not_supported' };
  return new ApiError(405, body, { allow: allowed.join(', ') });
}

/** The error as an answer. */
export function errorAnswer({ status, body, headers }: ApiError): Response {
  return Response.json({ error: body }, { status, headers });
}

export function modelNotFound(message: string): ApiError {
  return new ApiError(404, { message, type: 'invalid_request_error', param: null, code: 'model_not_found' });
}

/** A bad answer that a fault asks for: what the API says with this status. */
export function statusError(status: number): ErrorBody {
  const known = STATUS_ERRORS[status];
  if (known !== undefined) return known;
  return status < 500 ? invalidRequest('The request was refused.', null).body : SERVER_ERROR;
}

export const SERVER_ERROR: ErrorBody = {
  message: 'The server had an error while processing your request. Sorry about that!',
  type: 'server_error',
  param: null,
  code: null,
};

/** A 429 that no waiting mends. */
export const QUOTA_ERROR: ErrorBody = {
  message:
    'You exceeded your current quota, please check your plan and billing details. For more information on this error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors.',
  type: 'insufficient_quota',
  param: null,
  code: 'insufficient_quota',
};

export function invalidKey(key: string): ErrorBody {
  return {
    message: `Incorrect API key provided: ${key}. You can find your API key at https://platform.openai.com/account/api-keys.`,
    type: 'invalid_request_error',
    param: null,
    code: 'invalid_api_key',
  };
}

/** The images API's refusal of a prompt. @param id the answer's `x-request-id` */
export function moderationBlocked(id: string): ApiError {
  return new ApiError(400, {
    message: `Your request was rejected by the safety system. If you believe this is an error, contact us at help.openai.com and include the request ID ${id}. safety_violations=[violence].`,
    type: 'image_generation_user_error',
    param: null,
    code: 'moderation_blocked',
    moderation_details: { moderation_stage: 'input', categories: ['violence'] },
  });
}

/** The audio API's refusal of what is to be said, or was. @param id the answer's `x-request-id` */
export function policyViolation(id: string): ApiError {
  return invalidRequest(
    `Your request was rejected as a result of our safety system. If you believe this is an error, contact us at help.openai.com and include the request ID ${id}.`,
    null,
    'content_policy_violation',
  );
}

/** 413. @param limit bytes of a body; @param length those that came */
export function tooLarge(limit: number, length: number): ApiError {
  const message = `Maximum content size limit (${limit}) exceeded (${length} bytes read)`;
  return new ApiError(413, { message, type: 'server_error', param: null, code: null });
}

/** Wording of OpenAI's guide to error codes (platform.openai.com/docs/guides/error-codes). */
const STATUS_ERRORS: Readonly<Record<number, ErrorBody>> = {
  401: invalidKey('sk-sand*****box'),
  403: {
    message: 'Country, region, or territory not supported',
    type: 'request_forbidden',
    param: null,
    code: 'unsupported_country_region_territory',
  },
  404: {
    message: 'The requested resource does not exist.',
    type: 'invalid_request_error',
    param: null,
    code: null,
  },
  429: {
    message:
      'Rate limit reached for requests. Limit: 3 / min. Please try again in 20s. Visit https://platform.openai.com/account/rate-limits to learn more.',
    type: 'requests',
    param: null,
    code: 'rate_limit_exceeded',
  },
  503: {
    message: 'The engine is currently overloaded, please try again later.',
    type: 'server_error',
    param: null,
    code: null,
  },
};
