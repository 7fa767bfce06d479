import { describe, expect, it } from 'vitest';
import { Stopped } from '../../src/errors.ts';
import { run } from '../../src/main.ts';
import { connectionError, errorAnswer, jsonAnswer, stubApi } from '../support/api.ts';
import { FakeClock, fakeContext } from '../support/context.ts';
import { oai } from '../support/oai.ts';

const response = (status: string) =>
  jsonAnswer({
    id: 'resp_1',
    object: 'response',
    created_at: 1,
    model: 'm',
    status,
    output: [],
    output_text: '',
  });

/** Waits for a response that gives these answers, on a clock that jumps. */
function wait(answers: Parameters<typeof stubApi>, flags: readonly string[] = ['--retries', '0']) {
  const { fetch } = stubApi(...answers);
  return oai(['response', 'wait', 'resp_1', ...flags], { fetch, clock: new FakeClock({ leap: true }) });
}

const away = () => connectionError('ECONNREFUSED');

describe('a wait for what the API goes on with by itself', () => {
  it('outlives a network and a server that are away for a while, and says so once', async () => {
    const answers = [
      response('in_progress'),
      away(),
      away(),
      errorAnswer(503, { message: 'busy' }),
      response('in_progress'),
      away(),
      response('cancelled'),
    ];
    const { stderr } = await wait(answers);
    expect(stderr.match(/nothing listens at api.openai.com; still waiting for resp_1/g)).toHaveLength(2);
    expect(stderr).toContain('the response was cancelled');
  });

  it('ends when nothing is heard for a quarter of an hour, and says how to come back', async () => {
    const left = [response('queued')];
    const clock = new FakeClock({ leap: true });
    const begun = clock.now();
    const fetch = async () => left.shift() ?? Promise.reject(away());
    const { code, stderr } = await oai(['response', 'wait', 'resp_1', '--retries', '0'], { fetch, clock });
    const minutes = (clock.now() - begun) / 60_000;
    expect(minutes).toBeGreaterThan(15);
    expect(minutes).toBeLessThan(16);
    expect(code).toBe(6);
    expect(stderr.split('\n').slice(-3)).toEqual([
      'oai: nothing listens at api.openai.com',
      '     it goes on by itself: oai response wait resp_1',
      '',
    ]);
  });

  it('ends at once where the first look fails', async () => {
    expect(await wait([away()])).toMatchObject({
      code: 6,
      stderr: 'oai: nothing listens at api.openai.com\n',
    });
  });

  it('ends at once with a refusal, and with an account that is used up', async () => {
    const refusal = errorAnswer(401, { message: 'bad key', code: 'invalid_api_key' });
    expect(await wait([response('queued'), refusal])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('it goes on by itself: oai response wait resp_1'),
    });
    const spent = errorAnswer(429, { message: 'spent', code: 'insufficient_quota' });
    expect(await wait([response('queued'), spent])).toMatchObject({ code: 5 });
  });

  it('that is stopped says how to come back', async () => {
    const { fetch } = stubApi(response('in_progress'));
    const context = fakeContext({ fetch, env: { OPENAI_API_KEY: 'sk-test-0123456789' } });
    const running = run(['response', 'wait', 'resp_1'], context);
    await context.clock.asked(1000);
    context.stop(new Stopped('SIGTERM'));
    expect(await running).toBe(143);
    expect(context.stderr.text).toContain('oai: it goes on by itself: oai response wait resp_1\n');
  });
});
