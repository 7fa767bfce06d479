import { describe, expect, it } from 'vitest';
import { encodingOf } from '../../src/tokens/encodings.ts';

describe('the encoding', () => {
  it.each([
    ['gpt-6-luna', 'o200k_base'],
    ['gpt-6.1-sol', 'o200k_base'],
    ['gpt-5', 'o200k_base'],
    ['gpt-12-nova', 'o200k_base'],
    ['gpt-4o-mini', 'o200k_base'],
    ['gpt-4.1-2025-04-14', 'o200k_base'],
    ['gpt-4.5-preview', 'o200k_base'],
    ['chatgpt-4o-latest', 'o200k_base'],
    ['o3', 'o200k_base'],
    ['gpt-oss-20b', 'o200k_base'],
    ['ft:gpt-4o-mini-2024-07-18:acme::abc', 'o200k_base'],
    ['gpt-4', 'cl100k_base'],
    ['gpt-4-0613', 'cl100k_base'],
    ['gpt-4-turbo', 'cl100k_base'],
    ['gpt-3.5-turbo', 'cl100k_base'],
    ['ft:gpt-3.5-turbo-0125:acme::abc', 'cl100k_base'],
    ['text-embedding-3-small', 'cl100k_base'],
    ['text-embedding-ada-002', 'cl100k_base'],
    ['llama3', undefined],
    ['claude-9', undefined],
    ['olmo', undefined],
    ['whisper-1', undefined],
    ['my-gpt-4', undefined],
    ['', undefined],
  ])('of %s is %s', (model, encoding) => {
    expect(encodingOf(model)).toBe(encoding);
  });
});
