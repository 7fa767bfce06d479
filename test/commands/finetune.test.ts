import { describe, expect, it } from 'vitest';
import { begun, direct, ended, GRADER, gradedRow, rowsOf } from '../sandbox/ask-finetune.ts';
import { jsonAnswer, stubApi } from '../support/api.ts';
import { oai } from '../support/oai.ts';
import { json, rows, terminal, tuningDesk } from './finetune-desk.ts';

describe('the list of jobs', () => {
  it('is the API’s own objects in a pipe, a document with --json, a table on a terminal', async () => {
    const { run, of } = await tuningDesk();
    const one = await begun(of, rowsOf(10), { metadata: { who: 'a' } });
    const two = await begun(of, rowsOf(11));
    await ended(two, of);
    const listed = await run(['list']);
    expect(rows(listed).map(({ id }) => id)).toEqual([two.id, one.id]);
    expect(rows(listed)[0]).toMatchObject({ object: 'fine_tuning.job' });
    expect(json(await run(['list', '--json']))).toHaveLength(2);
    expect(rows(await run(['list', '--limit', '1'])).map(({ id }) => id)).toEqual([two.id]);
    expect(rows(await run(['list', '--after', two.id])).map(({ id }) => id)).toEqual([one.id]);
    expect(rows(await run(['list', '--metadata', 'who=a'])).map(({ id }) => id)).toEqual([one.id]);
    const stdout = terminal();
    await run(['list'], { stdout });
    expect(stdout.text).toContain(`ID       ${one.id}\nSTATUS   validating_files\nMETHOD   supervised`);
    expect(stdout.text).toContain('LABELS   who=a');
  });

  it('of none is empty, and says so to a person', async () => {
    const { run } = await tuningDesk();
    expect(await run(['list'])).toMatchObject({ code: 0, stdout: '', stderr: '' });
    const { stderr } = await run(['list'], { stdout: terminal() });
    expect(stderr).toBe('oai: there are no such jobs\n');
  });
});

describe('one job', () => {
  it('is summed up on a terminal', async () => {
    const { run, of } = await tuningDesk();
    const method = { type: 'reinforcement', reinforcement: { grader: GRADER } };
    const fields = { model: 'o4-mini', method, suffix: 'x', metadata: { k: 'v' } };
    const job = await begun(of, rowsOf(10, gradedRow), fields);
    const done = await ended(job, of);
    const stdout = terminal();
    await run(['get', job.id], { stdout });
    const lines = stdout.text.split('\n').map((line) => line.replace(/ {2,}/, '\t'));
    expect(lines).toEqual([
      `ID\t${job.id}`,
      'STATUS\tsucceeded',
      'BASE\to4-mini-2025-04-16',
      'METHOD\treinforcement',
      `MODEL\t${done.fine_tuned_model}`,
      expect.stringMatching(/^HYPERPARAMETERS\t.*n_epochs 10/),
      `SEED\t${job.seed}`,
      `TRAINED TOKENS\t${done.trained_tokens?.toLocaleString('en')}`,
      `TRAINING FILE\t${job.training_file}`,
      `RESULTS\t${done.result_files[0]}`,
      'LABELS\tk=v',
      'CREATED\t2026-11-21 12:00',
      'ENDED\t2026-11-21 12:00',
      '',
    ]);
  });

  it('that failed has its error there; in a pipe it is a line of JSON, with --json the same', async () => {
    const { run, of } = await tuningDesk('finetune=fail');
    const job = await begun(of);
    await ended(job, of);
    const stdout = terminal();
    await run(['get', job.id], { stdout });
    expect(stdout.text).toMatch(
      /ERROR {2,}The job failed due to an internal error\. .* \(internal_error\)\n/,
    );
    const piped = await run(['get', job.id]);
    expect(piped.stdout.split('\n')).toHaveLength(2);
    expect(json(piped)).toEqual(json(await run(['get', job.id, '--json'])));
    expect(piped.code).toBe(0);
  });

  it('is harmless to a terminal, and as little as a server tells of it', async () => {
    const { fetch } = stubApi(
      jsonAnswer({ id: 'a\u001b[2J', status: 'odd\u0007', model: 'm', created_at: 'x' }),
    );
    const stdout = terminal();
    const { run } = await tuningDesk();
    const { code } = await run(['get', 'ftjob-1'], { fetch, stdout });
    expect(code).toBe(0);
    expect(stdout.text).not.toMatch(/[\u001b\u0007]/);
  });

  it('is told without what a server gives in another form', async () => {
    const odd = { id: 'a', status: 'succeeded', model: 'm', result_files: 'none', metadata: 'none' };
    const stdout = terminal();
    const { run } = await tuningDesk();
    const { code, stderr } = await run(['get', 'a'], { fetch: stubApi(jsonAnswer(odd)).fetch, stdout });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.text).not.toMatch(/RESULTS|LABELS/);
  });

  it('is paused, resumed and cancelled', async () => {
    const { run, of } = await tuningDesk();
    const job = await begun(of);
    expect(await run(['pause', job.id])).toMatchObject({ code: 0, stdout: 'pausing\n', stderr: '' });
    expect(json(await run(['resume', job.id, '--json']))).toMatchObject({ status: 'validating_files' });
    expect((await run(['cancel', job.id])).stdout).toBe('cancelled\n');
    for (const what of ['pause', 'resume', 'cancel']) {
      const { code, stderr } = await run([what, job.id]);
      expect(code).toBe(4);
      expect(stderr).toContain(`oai: Cannot ${what} job ${job.id}: its status is 'cancelled'.`);
    }
  });

  it('has checkpoints: a table, or JSON Lines', async () => {
    const { run, of } = await tuningDesk();
    const job = await begun(of);
    expect(await run(['checkpoints', job.id])).toMatchObject({ code: 0, stdout: '' });
    const { fine_tuned_model: model } = await ended(job, of);
    expect(rows(await run(['checkpoints', job.id])).map((row) => row['step_number'])).toEqual([100, 90, 80]);
    expect(json(await run(['checkpoints', job.id, '--json']))).toHaveLength(3);
    const stdout = terminal();
    await run(['checkpoints', job.id], { stdout });
    expect(stdout.text).toMatch(/STEP +100\nTRAIN +0\.\d+\nVALIDATION +-\n/);
    expect(stdout.text).toContain(`${model}:ckpt-step-90`);
  });
});

describe('an id', () => {
  it.each(['get', 'events', 'checkpoints', 'pause', 'resume', 'cancel'])(
    'that there is not is met with the nearest of yours: %s',
    async (what) => {
      const { run, of } = await tuningDesk();
      const { id } = await begun(of);
      const { code, stdout, stderr } = await run([what, id.slice(0, -1)]);
      expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
      expect(stderr).toMatch(
        new RegExp(
          `^oai: there is no fine-tuning job ${id.slice(0, -1)}; did you mean ${id}\\? \\(request \\w+\\)\\n {5}\`oai finetune list\` shows yours\\n$`,
        ),
      );
    },
  );

  it.each(['..', '../../models', 'a?b=c', 'a b', '%2e%2e'])('is no path: %s', async (id) => {
    const { run, lines } = await tuningDesk();
    for (const what of ['get', 'events', 'checkpoints', 'cancel']) {
      const { code, stderr } = await run([what, id]);
      expect({ code, lines }).toEqual({ code: 2, lines: [] });
      expect(stderr).toContain(`oai: ${id} is not the id of a job\n     \`oai finetune list\` shows yours`);
    }
  });

  it.each(['.', '..'])('is not %s, of which nothing is asked', async (id) => {
    const { run, lines } = await tuningDesk();
    const { code, stderr } = await run(['get', id]);
    expect({ code, stderr, lines }).toEqual({
      code: 2,
      stderr: `oai: ${id} is neither an id nor a name\n`,
      lines: [],
    });
  });

  it('of another command’s sandbox is told to be forgotten', async () => {
    const { code, stderr } = await oai(['finetune', 'get', 'ftjob-1', '--sandbox'], { env: {} });
    expect(code).toBe(4);
    expect(stderr).toContain('the sandbox of one command forgets with its end');
  });

  it('is needed, one alone', async () => {
    const { run } = await tuningDesk();
    expect((await run(['get'])).stderr).toContain('oai: finetune get needs the id of a job');
    expect((await run(['get', 'a', 'b'])).stderr).toContain(
      'takes the id of a job, and there is b beside it',
    );
    expect((await run(['get', ''])).code).toBe(2);
  });
});

describe('a model that was made', () => {
  it('answers in chat, is listed, and is deleted', async () => {
    const { run, of } = await tuningDesk();
    const fetch: typeof globalThis.fetch = (input, init) => of.answer(new Request(input, init));
    const made = await run(['create', 'train.jsonl', '-m', 'gpt-4o-mini', '--wait', '-q']);
    const model = made.stdout.trim();
    const ask = (...argv: string[]) => oai(argv, { fetch });
    expect(await ask('chat', '-m', model, 'hello there')).toMatchObject({
      code: 0,
      stdout: 'You said: hello there\n',
    });
    expect(rows(await ask('models', 'list')).map(({ id }) => id)).toContain(model);
    expect(rows(await ask('models', 'get', model))[0]).toMatchObject({ owned_by: 'org-sandbox' });
    expect(await ask('models', 'delete', model, '--yes')).toMatchObject({ code: 0, stdout: `${model}\n` });
    expect((await ask('chat', '-m', model, 'hello')).code).toBe(4);
    expect((await ask('models', 'delete', 'gpt-6-luna', '--yes')).code).toBe(3);
    expect((await direct('cancel', { id: 'ftjob-none' }, of)).status).toBe(404);
  });

  it('ends with what it was made of, and a user is warned of that', async () => {
    const { stderr } = await oai(['chat', '-m', 'ft:gpt-4o-2024-08-06:acme::1', 'hi', '--dry-run']);
    expect(stderr).toContain('ft:gpt-4o-2024-08-06:acme::1 ends on 2027-01-14');
  });

  it('that reasons is asked like its base', async () => {
    const { stdout } = await oai(['chat', '-m', 'ft:gpt-6-luna:acme::1', '-t', '0', 'hi', '--dry-run']);
    expect(stdout).toContain('"reasoning_effort": "none"');
  });
});

describe('an action', () => {
  it.each([
    [[], 'finetune needs one of create, list, get, events, checkpoints, pause, resume, cancel'],
    [['creat'], 'finetune creat is no action; did you mean create?'],
    [['list', 'x'], 'finetune list takes no words: x'],
    [['list', '--follow'], '--follow means nothing to finetune list'],
    [['get', 'x', '--epochs', '1'], '--epochs means nothing to finetune get'],
    [['list', '--metadata', 'a=1', '--metadata', 'a=2'], '--metadata a is given twice'],
  ])('is not %j', async (words, message) => {
    const { run, lines } = await tuningDesk();
    const { code, stderr } = await run(words);
    expect({ code, lines }).toEqual({ code: 2, lines: [] });
    expect(stderr).toContain(`oai: ${message}`);
  });
});
