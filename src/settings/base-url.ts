import { usageError } from '../errors.ts';
import { looksLikeKey } from './key-text.ts';

/**
 * Reads a base URL into the form in which base URLs are compared and shown: no slash at the end.
 * @param name where it was given, for the error
 * @throws Failure (usage) when it is no http or https URL, or holds credentials, a query or a fragment
 */
export function readBaseUrl(text: string, name: string): string {
  if (text.trim() === '') throw usageError(`${name} is empty`);
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw notABaseUrl(text, name, 'is not a URL');
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw notABaseUrl(text, name, 'is not an http or https URL');
  }
  if (url.username !== '' || url.password !== '') {
    throw usageError(
      `${name} holds a user name or password`,
      'a base URL holds no credentials: see `oai config init`',
    );
  }
  if (url.search !== '' || url.hash !== '') {
    throw usageError(`${name} holds a query or a fragment`, 'a base URL ends with its path');
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

function notABaseUrl(text: string, name: string, problem: string): Error {
  // A key pasted in the wrong place and credentials in a URL must not be shown.
  const shown = /[@?#]/.test(text) || looksLikeKey(text) ? '' : ` ${text}`;
  return usageError(`${name}${shown} ${problem}`, 'try one like https://api.openai.com/v1');
}

/** Whether a base URL's host is OpenAI's: api.openai.com, or a region such as eu.api.openai.com. */
export function isOpenAIHost(baseUrl: string): boolean {
  return /^https?:\/\/([a-z0-9-]+\.)*api\.openai\.com(:\d+)?(\/|$)/.test(baseUrl);
}

/** Whether a base URL's host is Azure's: NAME.openai.azure.com and its kin. */
export function isAzureHost(baseUrl: string): boolean {
  return /^https:\/\/[a-z0-9.-]+\.azure\.com(:\d+)?(\/|$)/.test(baseUrl);
}

/** Whether a base URL's host is this machine. */
export function isLoopback(baseUrl: string): boolean {
  return /^https?:\/\/(localhost|[a-z0-9.-]+\.localhost|127(\.\d+){3}|\[::1\])(:\d+)?(\/|$)/.test(baseUrl);
}
