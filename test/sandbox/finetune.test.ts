import { describe, expect, it } from 'vitest';
import { ask, chat, hello, request, sandbox } from './ask.ts';
import { refused } from './ask-batches.ts';
import {
  accepted,
  begun,
  chatRow,
  checkpointsOf,
  direct,
  ended,
  eventPage,
  GRADER,
  gradedRow,
  JOBS,
  look,
  MODEL,
  preferenceRow,
  rowsOf,
  uploaded,
} from './ask-finetune.ts';

describe('a fine-tuning job', () => {
  it('goes on by a step with each look, and makes a model', async () => {
    const of = sandbox();
    const job = await begun(of, rowsOf(10), { suffix: 'smile', metadata: { who: 'me' } });
    expect(job).toMatchObject({
      object: 'fine_tuning.job',
      id: expect.stringMatching(/^ftjob-[0-9a-f]{24}$/),
      status: 'validating_files',
      model: MODEL,
      fine_tuned_model: null,
      trained_tokens: null,
      hyperparameters: { n_epochs: 'auto', batch_size: 'auto' },
      metadata: { who: 'me' },
    });
    const statuses = [];
    for (let turn = 0; turn < 7; turn++) statuses.push((await look(job, of)).status);
    expect(statuses).toEqual(['queued', ...Array(4).fill('running'), 'succeeded', 'succeeded']);
    expect(await look(job, of)).toMatchObject({
      fine_tuned_model: expect.stringMatching(/^ft:gpt-4\.1-mini-2025-04-14:sandbox:smile:[0-9a-f]{8}$/),
      hyperparameters: { n_epochs: 10, batch_size: 1, learning_rate_multiplier: 1.8 },
      trained_tokens: expect.any(Number),
      estimated_finish: null,
      result_files: [expect.stringMatching(/^file-/)],
    });
  });

  it('tells what happens, the newest first, and losses that fall', async () => {
    const of = sandbox();
    const validation_file = await uploaded(rowsOf(3), of);
    const job = await begun(of, rowsOf(10), { validation_file });
    await ended(job, of);
    const { data, has_more } = await eventPage(job, of, '?limit=100');
    expect(has_more).toBe(true);
    expect(data.slice(0, 2).map(({ message }) => message)).toEqual([
      'The job has successfully completed',
      'New fine-tuned model created',
    ]);
    const rest = (await eventPage(job, of, `?limit=100&after=${data.at(-1)?.id}`)).data;
    const all = [...data, ...rest].reverse();
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    expect(all[0]?.message).toBe(`Created fine-tuning job: ${job.id}`);
    const metrics = all.filter(({ type }) => type === 'metrics').map(({ data }) => data as Losses);
    expect(metrics.map(({ step }) => step)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
    const mean = (list: readonly Losses[]) =>
      list.reduce((sum, { train_loss }) => sum + train_loss, 0) / list.length;
    expect(mean(metrics.slice(0, 10))).toBeGreaterThan(2 * mean(metrics.slice(-10)));
    const valid = metrics.filter(({ valid_loss }) => valid_loss !== undefined);
    expect(valid).toHaveLength(10);
    expect(valid.at(-1)).toMatchObject({ total_steps: 100, full_valid_loss: expect.any(Number) });
  });

  it('is the same in every sandbox, and another each time', async () => {
    const run = async () => {
      const of = sandbox();
      const first = await begun(of);
      const again = await begun(of);
      expect(again.id).not.toBe(first.id);
      await ended(first, of);
      return [first, (await eventPage(first, of)).data];
    };
    expect(await run()).toEqual(await run());
  });

  it('keeps checkpoints of the last three epochs; each of them answers, and can be deleted', async () => {
    const of = sandbox();
    const job = await begun(of);
    const { fine_tuned_model: model } = await ended(job, of);
    const checkpoints = await checkpointsOf(job, of);
    expect(checkpoints.map(({ step_number }) => step_number)).toEqual([100, 90, 80]);
    expect(checkpoints[0]).toMatchObject({ fine_tuned_model_checkpoint: model, fine_tuning_job_id: job.id });
    const names = checkpoints.map((one) => one.fine_tuned_model_checkpoint);
    expect(names[1]).toBe(`${model}:ckpt-step-90`);
    const listed = accepted(await ask<{ data: { id: string }[] }>('GET', '/models', undefined, { of })).data;
    expect(listed.map(({ id }) => id)).toEqual(expect.arrayContaining(names));
    for (const name of names) {
      const said = await chat(hello({ model: name }), of);
      expect(said).toMatchObject({ model: name });
      expect(said.choices[0]?.message.content).toContain('hello');
      const path = `/models/${encodeURIComponent(name)}`;
      expect((await ask('GET', path, undefined, { of })).status).toBe(200);
      expect(await ask('DELETE', path, undefined, { of })).toMatchObject({
        status: 200,
        body: { id: name, deleted: true },
      });
      expect(refused(await ask('DELETE', path, undefined, { of }))).toMatchObject({ status: 404 });
      expect(refused(await ask('POST', '/chat/completions', hello({ model: name }), { of }))).toMatchObject({
        code: 'model_not_found',
      });
    }
  });

  it('of a model that reasons is asked as that is', async () => {
    const of = sandbox();
    const method = { type: 'reinforcement', reinforcement: { grader: GRADER } };
    const job = await begun(of, rowsOf(10, gradedRow), { model: 'o4-mini-2025-04-16', method });
    const { fine_tuned_model: model } = await ended(job, of);
    const { code } = (await ask('POST', '/chat/completions', hello({ model, temperature: 0 }), { of })).body
      .error;
    expect(code).toBe('unsupported_value');
  });

  it('tunes a model that was tuned before', async () => {
    const of = sandbox();
    const { fine_tuned_model: model } = await ended(await begun(of), of);
    const again = await begun(of, rowsOf(10), { model });
    expect((await ended(again, of)).fine_tuned_model).toMatch(/^ft:gpt-4\.1-mini-2025-04-14:sandbox::/);
  });

  it.each([
    ['dpo', { type: 'dpo', dpo: { hyperparameters: { beta: 0.3, n_epochs: 2 } } }, preferenceRow, MODEL],
    [
      'reinforcement',
      { type: 'reinforcement', reinforcement: { grader: GRADER } },
      gradedRow,
      'o4-mini-2025-04-16',
    ],
  ] as const)('learns by %s', async (type, method, row, model) => {
    const of = sandbox();
    const job = await begun(of, rowsOf(12, row), { method, model });
    const done = await ended(job, of);
    expect(done).toMatchObject({ status: 'succeeded', method: { type }, hyperparameters: {} });
    const { data } = await eventPage(job, of);
    const measured = data.find(({ type }) => type === 'metrics')?.data;
    expect(Object.keys(measured as object)).toContain(type === 'dpo' ? 'train_loss' : 'train_mean_reward');
    if (type === 'dpo') expect(done.method?.dpo?.hyperparameters).toMatchObject({ beta: 0.3, n_epochs: 2 });
    if (type === 'reinforcement') expect(done.method?.reinforcement).toMatchObject({ grader: GRADER });
  });

  it.each([
    ['fewer than ten examples', rowsOf(9), 'invalid_n_examples', 'Training file has 9 example(s)'],
    ['a line that is no JSON', `${rowsOf(9)}{"messages": \n`, 'invalid_training_file', 'Line 10'],
    [
      'rows of another method',
      rowsOf(10, preferenceRow),
      'invalid_training_file',
      "Line 1: missing or invalid key 'messages'",
    ],
    [
      'no answer',
      `${rowsOf(9)}${JSON.stringify(gradedRow(1))}\n`,
      'invalid_training_file',
      'Line 10: at least one',
    ],
  ])('fails for %s', async (_, text, code, message) => {
    const of = sandbox();
    const job = await begun(of, text);
    expect(await look(job, of)).toMatchObject({
      status: 'failed',
      error: { code, message: expect.stringContaining(message), param: 'training_file' },
      finished_at: expect.any(Number),
    });
    expect((await eventPage(job, of)).data[0]).toMatchObject({ level: 'error' });
  });

  it('fails halfway where a fault says so', async () => {
    const of = sandbox('finetune=fail');
    const job = await begun(of);
    const failed = await ended(job, of);
    expect(failed).toMatchObject({ status: 'failed', error: { code: 'internal_error' } });
    const steps = (await eventPage(job, of, '?limit=100')).data.filter(({ type }) => type === 'metrics');
    expect(steps).toHaveLength(50);
  });

  it('is not begun where the organization may begin none', async () => {
    const of = sandbox('finetune=denied');
    const body = { model: MODEL, training_file: await uploaded(rowsOf(10), of) };
    expect(refused(await ask('POST', JOBS, body, { of }))).toMatchObject({ status: 403 });
  });
});

interface Losses {
  readonly step: number;
  readonly train_loss: number;
  readonly valid_loss?: number;
}

describe('a job that is directed', () => {
  it('is paused, resumed and goes on where it was', async () => {
    const of = sandbox();
    const job = await begun(of);
    await look(job, of);
    await look(job, of);
    await look(job, of);
    expect(accepted(await direct('pause', job, of)).status).toBe('pausing');
    expect((await look(job, of)).status).toBe('paused');
    expect((await look(job, of)).status).toBe('paused');
    expect(refused(await direct('pause', job, of))).toMatchObject({
      status: 400,
      message: `Cannot pause job ${job.id}: its status is 'paused'.`,
    });
    expect(accepted(await direct('resume', job, of)).status).toBe('queued');
    await ended(job, of);
    const { data } = await eventPage(job, of, '?limit=100');
    const steps = data.filter(({ type }) => type === 'metrics').map(({ data }) => (data as Losses).step);
    expect(new Set(steps).size).toBe(steps.length);
  });

  it('that was paused before its files were read has them read when it goes on', async () => {
    const of = sandbox();
    const job = await begun(of);
    await direct('pause', job, of);
    await look(job, of);
    expect(accepted(await direct('resume', job, of)).status).toBe('validating_files');
    expect((await ended(job, of)).status).toBe('succeeded');
  });

  it('is cancelled at once, and stays so', async () => {
    const of = sandbox();
    const job = await begun(of);
    expect(accepted(await direct('cancel', job, of))).toMatchObject({
      status: 'cancelled',
      finished_at: expect.any(Number),
    });
    for (const what of ['cancel', 'pause', 'resume'])
      expect(refused(await direct(what, job, of))).toMatchObject({ status: 400, code: 'invalid_job_status' });
  });
});

describe('a request for a job', () => {
  it.each<[string, object, object]>([
    ['no model', { model: undefined }, { param: 'model', code: 'missing_required_parameter' }],
    ['a file that there is not', { training_file: 'file-x' }, { param: 'training_file' }],
    ['a model that cannot be tuned', { model: 'gpt-6-luna' }, { code: 'model_not_available' }],
    ['a tuned model of others', { model: 'ft:gpt-4o:acme::1' }, { code: 'model_not_available' }],
    [
      'a method that the model does not have',
      { method: { type: 'reinforcement', reinforcement: { grader: GRADER } } },
      { param: 'method' },
    ],
    ['no grader', { method: { type: 'reinforcement' } }, { param: 'method.reinforcement' }],
    [
      'an unknown grader',
      { method: { type: 'reinforcement', reinforcement: { grader: { type: 'mood' } } } },
      { param: 'method.reinforcement.grader.type' },
    ],
    [
      'too many epochs',
      { method: { type: 'supervised', supervised: { hyperparameters: { n_epochs: 51 } } } },
      { param: 'method.supervised.hyperparameters.n_epochs', code: 'integer_above_max_value' },
    ],
    [
      'beta of another method',
      { method: { type: 'supervised', supervised: { hyperparameters: { beta: 1 } } } },
      { code: 'unknown_parameter' },
    ],
    ['a suffix that is too long', { suffix: 'x'.repeat(65) }, { code: 'string_above_max_length' }],
    ['a negative seed', { seed: -1 }, { code: 'integer_below_min_value' }],
    ['an unknown field', { epochs: 1 }, { code: 'unknown_parameter' }],
    [
      'another integration',
      { integrations: [{ type: 'mlflow', wandb: { project: 'p' } }] },
      { param: 'integrations[0].type' },
    ],
  ])('is refused with %s', async (_, fields, error) => {
    const of = sandbox();
    const body = { model: MODEL, training_file: await uploaded(rowsOf(10), of), ...fields };
    expect(refused(await ask('POST', JOBS, body, { of }))).toMatchObject({ status: 400, ...error });
  });

  it('is refused with a file for something else', async () => {
    const of = sandbox();
    const body = { model: MODEL, training_file: await uploaded(rowsOf(10), of, 'batch') };
    expect(refused(await ask('POST', JOBS, body, { of }))).toMatchObject({ param: 'training_file' });
  });

  it('takes the old place of hyperparameters, an alias, a validation file and an integration', async () => {
    const of = sandbox();
    const job = await begun(of, rowsOf(10), {
      model: 'gpt-4o-mini',
      hyperparameters: { n_epochs: 1 },
      validation_file: await uploaded(rowsOf(2), of),
      integrations: [{ type: 'wandb', wandb: { project: 'p' } }],
      seed: 7,
    });
    expect(job).toMatchObject({
      model: 'gpt-4o-mini-2024-07-18',
      seed: 7,
      method: { type: 'supervised', supervised: { hyperparameters: { n_epochs: 1 } } },
      integrations: [{ type: 'wandb', wandb: { project: 'p' } }],
    });
  });
});

describe('lists', () => {
  it('have the newest first, page by page, by label', async () => {
    const of = sandbox();
    const one = await begun(of, rowsOf(10), { metadata: { k: 'a' } });
    const two = await begun(of, rowsOf(11), { metadata: { k: 'b' } });
    const list = async (query = '') =>
      accepted(await ask<{ data: { id: string }[] }>('GET', `${JOBS}${query}`, undefined, { of })).data.map(
        ({ id }) => id,
      );
    expect(await list()).toEqual([two.id, one.id]);
    expect(await list('?limit=1')).toEqual([two.id]);
    expect(await list(`?after=${two.id}`)).toEqual([one.id]);
    expect(await list('?metadata[k]=a')).toEqual([one.id]);
    expect((await look(one, of)).status).toBe('queued');
  });

  it.each(['', '/events', '/checkpoints'])('of an unknown job are refused: GET …%s', async (rest) => {
    expect(refused(await ask('GET', `${JOBS}/ftjob-x${rest}`))).toMatchObject({
      status: 404,
      code: 'fine_tune_not_found',
    });
  });

  it('refuse what they do not know', async () => {
    const of = sandbox();
    const { id } = await begun(of);
    for (const query of ['?limit=0', '?order=asc', '?after=ftevent-x'])
      expect(refused(await ask('GET', `${JOBS}/${id}/events${query}`, undefined, { of }))).toMatchObject({
        status: 400,
      });
  });
});

it('reads rows with Windows line ends and an empty end', async () => {
  const of = sandbox();
  const text = `${Array.from({ length: 10 }, (_, n) => JSON.stringify(chatRow(n))).join('\r\n')}\r\n\r\n`;
  const job = await begun(of, text);
  expect((await look(job, of)).status).toBe('queued');
  expect((await of.answer(request('GET', `${JOBS}/${job.id}/nothing`))).status).toBe(404);
});
