import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { operationsModule } from '../../scripts/operations.mjs';
import { allOperations, findOperation } from '../../src/operations/operations.ts';
import { openapi } from '../support/openapi.ts';

describe('the index of operations', () => {
  it.skipIf(openapi === undefined)("is that of OpenAI's document", () => {
    const file = join(import.meta.dirname, '..', '..', 'src', 'operations', 'list.ts');
    expect(readFileSync(file, 'utf8')).toBe(operationsModule(openapi as never));
  });

  it('has 288 operations', () => {
    expect(allOperations()).toHaveLength(288);
  });

  it.each([
    ['GET', '/models/gpt-4o', { path: '/models/{model}', body: 'none' }],
    ['POST', '/chat/completions', { path: '/chat/completions', body: 'json', canStream: true }],
    ['POST', '/files', { path: '/files', body: 'form' }],
    ['POST', '/images/edits', { body: 'either' }],
    ['GET', '/organization/users', { isAdmin: true, hasPages: true }],
    ['POST', '/batches/batch_1/cancel', { path: '/batches/{batch_id}/cancel' }],
  ])('finds %s %s', (method, path, wanted) => {
    expect(findOperation(method, path).operation).toMatchObject(wanted);
  });

  it.each([
    ['GET', '/modles', "OpenAI's document has no path /modles; did you mean /models?"],
    ['PUT', '/models', "/models takes GET, by OpenAI's document"],
    ['PATCH', '/files/file-1', "/files/file-1 takes GET and DELETE, by OpenAI's document"],
    ['GET', '/nothing/like/it', "OpenAI's document has no path /nothing/like/it"],
  ])('has a hint for %s %s', (method, path, hint) => {
    expect(findOperation(method, path)).toEqual({ operation: undefined, hint });
  });
});
