import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Model } from 'openai/resources/models';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../support/context.ts';
import { ask, hello, sandbox } from './ask.ts';

async function list(of = sandbox()): Promise<Model[]> {
  return (await ask<{ data: Model[] }>('GET', '/models', undefined, { of })).body.data;
}

const on = (day: string) => sandbox(undefined, { clock: new FakeClock({ now: Date.parse(day) }) });

/** The chat models of the SDK's types that live on 2026-11-21, with the day that their comment says they end. */
function sdkChatModels(): Map<string, string | null> {
  const types = createRequire(import.meta.url)
    .resolve('openai/resources/shared')
    .replace(/\.js$/, '.d.ts');
  const source = readFileSync(types, 'utf8');
  const [, comment = '', union = ''] =
    /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*export type ChatModel = ([^;]+);/.exec(source) ?? [];
  const ends = new Map<string, string>();
  for (const entry of comment.replace(/\n \*/g, ' ').split(/\s-\s+(?=")/)) {
    const day = /shutdown date:\s+(\d{4}-\d\d-\d\d)/.exec(entry)?.[1] ?? 'never was';
    for (const [, id = ''] of entry.matchAll(/"([^"]+)"/g)) ends.set(id, day);
  }
  const models = [...union.matchAll(/'([^']+)'/g)].map(([, id = '']) => [id, ends.get(id) ?? null] as const);
  return new Map(models.filter(([, day]) => day === null || (day !== 'never was' && day > '2026-11-21')));
}

describe('the list of models', () => {
  it('has the chat models of the SDK that live, with the day that they end', async () => {
    const expected = sdkChatModels();
    expect(expected.size).toBeGreaterThan(30);
    const listed = new Map((await list()).map(({ id, shutdown_date }) => [id, shutdown_date]));
    for (const [id, day] of expected) expect([id, listed.get(id)]).toEqual([id, day]);
    const chat = [...listed.keys()].filter((id) =>
      /^(?:gpt-\d(?!o-(?:mini-)?(?:tts|trans))|o\d|gpt-audio)/.test(id),
    );
    expect(chat.filter((id) => !expected.has(id))).toEqual([]);
  });

  it.each([
    ['gpt-image-2.5-sunburst', null],
    ['gpt-image-1.5', '2026-12-01'],
    ['gpt-4o-mini-tts', '2027-01-06'],
    ['gpt-transcribe', null],
    ['whisper-1', '2027-02-26'],
    ['text-embedding-3-small', null],
    ['text-embedding-3-large', null],
    ['text-embedding-ada-002', null],
    ['omni-moderation-latest', null],
    ['omni-moderation-2024-09-26', null],
    ['gpt-realtime-2.1-mini', null],
  ])('has %s until %s', async (id, shutdown_date) => {
    expect(await list()).toContainEqual({
      id,
      object: 'model',
      created: 1_767_225_600,
      owned_by: 'system',
      shutdown_date,
    });
  });

  it('had models of moderation that look at texts alone, until they ended', async () => {
    const old = async (day: string) =>
      (await list(on(day))).filter(({ id }) => id.startsWith('text-moderation-'));
    expect(await old('2025-10-27')).toEqual([]);
    expect((await old('2025-10-26')).map(({ id, shutdown_date }) => [id, shutdown_date])).toEqual(
      ['latest', 'stable', '007'].map((name) => [`text-moderation-${name}`, '2025-10-27']),
    );
  });

  it('names each model once', async () => {
    const ids = (await list()).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('a model', () => {
  it('is told by its name', async () => {
    const { status, body } = await ask<Model>('GET', '/models/gpt-4o');
    expect(status).toBe(200);
    expect(body).toMatchObject({ id: 'gpt-4o', shutdown_date: '2027-01-14' });
  });

  it('is alive until the day it ends', async () => {
    expect((await ask('GET', '/models/gpt-5', undefined, { of: on('2026-12-10T23:59:59Z') })).status).toBe(
      200,
    );
    const late = await ask('GET', '/models/gpt-5', undefined, { of: on('2026-12-11T00:00:00Z') });
    expect(late.status).toBe(404);
    expect(late.body.error).toMatchObject({ code: 'model_not_found', param: null });
    expect((await list(on('2026-12-11T00:00:00Z'))).some(({ id }) => id === 'gpt-5')).toBe(false);
  });

  it('is gone when a fault says so, for every endpoint', async () => {
    const of = sandbox('gone=gpt-6-luna,gone=my-model');
    expect((await list(of)).some(({ id }) => id === 'gpt-6-luna')).toBe(false);
    const answers = [
      await ask('GET', '/models/gpt-6-luna', undefined, { of }),
      await ask('POST', '/chat/completions', hello(), { of }),
      await ask('GET', '/models/my-model', undefined, { of }),
    ];
    for (const { status, body } of answers) {
      expect([status, body.error.code]).toEqual([404, 'model_not_found']);
      expect(body.error.message).toMatch(/has been deprecated/);
    }
  });

  it.each([
    [
      'no-such-model',
      404,
      'model_not_found',
      'The model `no-such-model` does not exist or you do not have access to it.',
    ],
    [
      'gpt-3.5-turbo',
      404,
      'model_not_found',
      'The model `gpt-3.5-turbo` has been deprecated, learn more here: https://platform.openai.com/docs/deprecations',
    ],
    [
      'whisper-1',
      404,
      null,
      'This is not a chat model and thus not supported in the v1/chat/completions endpoint. Did you mean to use v1/completions?',
    ],
  ])('%s answers no chat', async (model, status, code, message) => {
    const answer = await ask('POST', '/chat/completions', hello({ model }));
    expect(answer.status).toBe(status);
    expect(answer.body.error).toMatchObject({ type: 'invalid_request_error', code, message });
  });
});
