import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Stopped } from '../../src/errors.ts';
import { GRADER, MODEL, preferenceRow, rowsOf } from '../sandbox/ask-finetune.ts';
import { connectionError, errorAnswer, jsonAnswer, stubApi } from '../support/api.ts';
import { CapturedOutput } from '../support/context.ts';
import { json, rows, terminal, tuningDesk } from './finetune-desk.ts';

const M = ['-m', MODEL];

describe('a job that is begun', () => {
  it('has its data checked and sent; its id is printed, and how to follow it is said', async () => {
    const { run, lines, bodies } = await tuningDesk();
    const { code, stdout, stderr } = await run(['create', 'train.jsonl', ...M]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ftjob-[0-9a-f]{24}\n$/);
    expect(stderr.split('\n')).toEqual([
      'oai: gpt-4.1-mini-2025-04-14 ends on 2027-01-14, in 54 days, and what is tuned from it ends with it',
      expect.stringMatching(/^oai: train\.jsonl is file-[0-9a-f]{24}: 12 examples$/),
      `oai: it goes on by itself: oai finetune events ${stdout.trim()} --follow`,
      '',
    ]);
    expect(lines).toEqual(['POST /files', 'POST /fine_tuning/jobs']);
    // No more than was asked for.
    expect(bodies).toEqual([{ model: MODEL, training_file: expect.stringMatching(/^file-/) }]);
  });

  it('is the API’s own object with --json', async () => {
    const { run } = await tuningDesk();
    const result = await run(['create', 'train.jsonl', ...M, '--json', '-q']);
    expect(json(result)).toMatchObject({ object: 'fine_tuning.job', status: 'validating_files' });
    expect(result.stderr).toBe('');
  });

  it('takes every hyperparameter, the seed, the suffix, labels, integrations and other fields', async () => {
    const { run, bodies } = await tuningDesk();
    const flags =
      '--epochs 2 --batch-size 4 --learning-rate-multiplier 0.5 --seed 7 --suffix short --metadata a=1 --metadata b=2 --integration wandb:cats';
    const more = ['--integration', '{"type":"wandb","wandb":{"project":"p","tags":["t"]}}'];
    const { code } = await run(['create', 'train.jsonl', ...M, ...flags.split(' '), ...more]);
    expect(code).toBe(0);
    expect(bodies[0]).toMatchObject({
      method: {
        type: 'supervised',
        supervised: { hyperparameters: { n_epochs: 2, batch_size: 4, learning_rate_multiplier: 0.5 } },
      },
      seed: 7,
      suffix: 'short',
      metadata: { a: '1', b: '2' },
      integrations: [
        { type: 'wandb', wandb: { project: 'cats' } },
        { type: 'wandb', wandb: { project: 'p', tags: ['t'] } },
      ],
    });
  });

  it('learns what is better with dpo, and leaves to the API what is auto', async () => {
    const { run, bodies } = await tuningDesk();
    const { code } = await run(['create', 'pairs.jsonl', ...M, '--method', 'dpo', '--beta', 'auto']);
    expect(code).toBe(0);
    expect(bodies[0]).toMatchObject({ method: { type: 'dpo', dpo: { hyperparameters: { beta: 'auto' } } } });
  });

  it('is judged by a grader from a file, with any other field by --param', async () => {
    const { run, write, bodies } = await tuningDesk();
    await write('grader.json', JSON.stringify(GRADER));
    const param = ['--param', 'method.reinforcement.hyperparameters.eval_interval=3'];
    const words = ['create', 'graded.jsonl', '-m', 'o4-mini-2025-04-16', '--grader', 'grader.json'];
    const { code } = await run([...words, '--method', 'reinforcement', '--epochs', '1', ...param]);
    expect(code).toBe(0);
    expect(bodies[0]).toMatchObject({
      method: {
        type: 'reinforcement',
        reinforcement: { grader: GRADER, hyperparameters: { n_epochs: 1, eval_interval: 3 } },
      },
    });
  });

  it('takes the ids of files that the API has, and checks a validation file', async () => {
    const { run, lines, bodies } = await tuningDesk();
    await run(['create', 'train.jsonl', '--validation', 'valid.jsonl', ...M, '--json']);
    const [{ training_file, validation_file }] = bodies as [Record<string, string>];
    lines.length = 0;
    const ids = [training_file ?? '', '--validation', validation_file ?? ''];
    expect((await run(['create', ...ids, ...M])).code).toBe(0);
    expect(lines).toEqual(['POST /fine_tuning/jobs']);
  });

  it('takes a file that is called as the API calls its own, where there is one here', async () => {
    const { run, lines, write } = await tuningDesk();
    await write('file-abc', rowsOf(10));
    const { code } = await run(['create', 'file-abc', ...M]);
    expect({ code, sent: lines.includes('POST /files') }).toEqual({ code: 0, sent: true });
  });

  it('reads examples from stdin', async () => {
    const { run } = await tuningDesk();
    const { code, stderr } = await run(['create', '-', ...M], { stdin: rowsOf(10) });
    expect(code).toBe(0);
    expect(stderr).toContain('oai: stdin is file-');
  });

  it('is shown and not begun with --dry-run', async () => {
    const { run, lines } = await tuningDesk();
    const local = await run(['create', 'train.jsonl', ...M, '--dry-run']);
    expect(local).toMatchObject({ code: 0, stdout: expect.stringContaining('purpose=fine-tune') });
    const uploaded = await run(['create', 'file-abc', ...M, '--dry-run']);
    expect(uploaded.stdout).toContain('"training_file": "file-abc"');
    expect(lines).toEqual([]);
  });

  it('is begun once, where an answer was lost', async () => {
    const { fetch, run, lines } = await tuningDesk();
    let isLost = false;
    const flaky: typeof globalThis.fetch = async (input, init) => {
      const answer = await fetch(input, init);
      const isCreate = lines.at(-1) === 'POST /fine_tuning/jobs';
      if (!isCreate || isLost) return answer;
      isLost = true;
      throw connectionError('ECONNRESET');
    };
    const { code, stdout } = await run(['create', 'train.jsonl', ...M], { fetch: flaky });
    expect(code).toBe(0);
    expect(lines.filter((line) => line === 'POST /fine_tuning/jobs')).toHaveLength(1);
    expect(rows(await run(['list'])).map(({ id }) => id)).toEqual([stdout.trim()]);
  });
});

describe('a job that is waited for', () => {
  it('gives the name of the model, and how to try it', async () => {
    const { run } = await tuningDesk();
    const { code, stdout, stderr } = await run(['create', 'train.jsonl', ...M, '--suffix', 'x', '--wait']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ft:gpt-4\.1-mini-2025-04-14:sandbox:x:[0-9a-f]{8}\n$/);
    expect(stderr).toContain(
      `oai: the model is ${stdout.trim()}; try it: oai chat -m ${stdout.trim()} "hello"`,
    );
  });

  it('gives the job with --json, failed or not', async () => {
    for (const faults of [undefined, 'finetune=fail']) {
      const { run } = await tuningDesk(faults);
      const result = await run(['create', 'train.jsonl', ...M, '--wait', '--json']);
      expect(json(result)).toMatchObject({ status: faults === undefined ? 'succeeded' : 'failed' });
      expect(result.code).toBe(faults === undefined ? 0 : 4);
    }
  });

  it('fails as the API says, in one line', async () => {
    const { run } = await tuningDesk('finetune=fail');
    const { code, stdout, stderr } = await run(['create', 'train.jsonl', ...M, '--wait']);
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
    expect(stderr.split('\n').slice(-3)).toEqual([
      expect.stringMatching(
        /^oai: ftjob-\w+ failed: The job failed due to an internal error\. Please try again\.$/,
      ),
      expect.stringMatching(/^ {5}`oai finetune events ftjob-\w+` has what happened before$/),
      '',
    ]);
  });

  it('is drawn for a person: the curve, without colour where none is wanted', async () => {
    for (const color of [false, true]) {
      const { run } = await tuningDesk();
      const stderr = new CapturedOutput({ isTTY: true, color });
      // The seconds that a person sees pass quickly on this clock.
      const patient = ['--wait', '--timeout', '365d'];
      const words = ['create', 'train.jsonl', '--validation', 'valid.jsonl', ...M, ...patient];
      const result = await run(words, { stderr });
      expect(result.stdout).toMatch(/^ft:/);
      const chart = stderr.text.slice(stderr.text.lastIndexOf('━ loss by step   ● validation'));
      expect(chart).toMatch(/┤/);
      expect(chart).toContain('●');
      expect(/\u001b\[3[0-9]m/.test(chart)).toBe(color);
    }
  });
});

describe('an organization that may begin no jobs', () => {
  it('is told so in one line, with what is left to it', async () => {
    const { run } = await tuningDesk('finetune=denied');
    const { code, stderr } = await run(['create', 'train.jsonl', ...M]);
    expect(code).toBe(3);
    expect(stderr.split('\n').slice(-3)).toEqual([
      expect.stringMatching(
        /^oai: this organization may begin no more fine-tuning jobs; the API says: Your organization can no longer create fine-tuning jobs\. \(request/,
      ),
      '     OpenAI winds fine-tuning down: new jobs only for organizations that used a tuned model within 60 days, for none from 2027-01-06; tuned models answer until their base ends',
      '',
    ]);
  });

  it.each([
    [403, 'Permission denied', 3, true],
    [400, 'Fine-tuning is no longer available to new organizations', 3, true],
    [
      403,
      'You have insufficient permissions for this operation. Missing scopes: api.fine_tuning.jobs.write',
      3,
      false,
    ],
    [403, 'Country, region, or territory not supported', 3, false],
    [400, 'Invalid value', 4, false],
    [429, 'Rate limit', 5, false],
  ])('is told from a key and from a request that is wrong: %s %s', async (status, message, exit, isMeant) => {
    const { fetch } = stubApi(errorAnswer(status, { message }));
    const { run } = await tuningDesk();
    const { code, stderr } = await run(['create', 'file-a', ...M, '--retries', '0'], { fetch });
    expect(code).toBe(exit);
    expect(stderr.includes('may begin no more fine-tuning jobs')).toBe(isMeant);
    expect(stderr).toContain(message);
  });

  it('is no matter of a server that is not OpenAI’s', async () => {
    const { fetch } = stubApi(errorAnswer(403, { message: 'Permission denied' }));
    const { run } = await tuningDesk();
    const flags = ['--base-url', 'http://tuner.test/v1'];
    const { stderr } = await run(['create', 'file-a', ...M, ...flags], { fetch });
    expect(stderr).toBe('oai: Permission denied (request req_stub)\n');
  });
});

describe('data that cannot be learnt from is not sent', () => {
  const BAD: [string, string, string, string?][] = [
    ['no JSON', `${rowsOf(9)}{"messages": [}\n`, 'bad.jsonl:10:15: the line is no JSON: unexpected }'],
    ['no messages', `{"a":1}\n${rowsOf(9)}`, 'bad.jsonl:1: it has none of messages'],
    [
      'rows of another method',
      rowsOf(10, preferenceRow),
      'bad.jsonl:1: it is a preference row, for the method dpo and not supervised (and 9 more problems)',
      'nothing was uploaded; --method dpo is for such rows',
    ],
    ['nothing', '', 'bad.jsonl is empty'],
    ['blank lines', '\n\n', 'bad.jsonl: the file has no rows'],
    ['nine examples', rowsOf(9), 'bad.jsonl has 9 examples, and training needs 10'],
    ['one example', rowsOf(1), 'bad.jsonl has 1 example, and training needs 10'],
    ['a byte order mark', `\ufeff${rowsOf(10)}`, 'bad.jsonl:1:1: a byte order mark'],
  ];

  it.each(BAD)('with %s', async (_, text, message, hint) => {
    const { run, write, lines } = await tuningDesk();
    await write('bad.jsonl', text);
    const { code, stdout, stderr } = await run(['create', 'bad.jsonl', ...M]);
    expect({ code, stdout, lines }).toEqual({ code: 2, stdout: '', lines: [] });
    expect(stderr).toContain(`oai: ${message}`);
    if (hint !== undefined) expect(stderr).toBe(`oai: ${message}\n     ${hint}\n`);
    expect((await run(['create', 'bad.jsonl', ...M, '--json'])).stderr).toContain('"exitCode":2');
  });

  it('and it is said how many lines are wrong, and what shows them', async () => {
    const { run, write } = await tuningDesk();
    await write('bad.jsonl', `${rowsOf(10)}{\n[]\n`);
    const { stderr } = await run(['create', 'bad.jsonl', ...M]);
    expect(stderr).toMatch(
      /^oai: bad\.jsonl:11:\d: the line is no JSON: .* \(and 1 more problem\)\n {5}nothing was uploaded; oai files lint bad\.jsonl --for fine-tune has all\n$/,
    );
  });

  it('where the validation file is wrong, the training file is not sent either', async () => {
    const { run, write, lines } = await tuningDesk();
    await write('bad.jsonl', '{}\n');
    const { code, stderr } = await run(['create', 'train.jsonl', '--validation', 'bad.jsonl', ...M]);
    expect({ code, lines }).toEqual({ code: 2, lines: [] });
    expect(stderr).toContain('oai: bad.jsonl:1: ');
  });

  it('where it changes while it is sent', async () => {
    const desk = await tuningDesk();
    const path = join(desk.cwd, 'train.jsonl');
    const fetch: typeof globalThis.fetch = async (input, init) => {
      await appendFile(path, rowsOf(1));
      return desk.fetch(input, init);
    };
    const { code, stderr } = await desk.run(['create', 'train.jsonl', ...M], { fetch });
    expect(code).toBe(2);
    expect(stderr).toContain('oai: train.jsonl changed while it was sent: nothing of it was registered');
    expect(desk.lines).not.toContain('POST /fine_tuning/jobs');
  });

  it('where it is not there, or no file', async () => {
    const { run } = await tuningDesk();
    expect((await run(['create', 'none.jsonl', ...M])).stderr).toBe(
      'oai: cannot read none.jsonl: no such file\n',
    );
    expect((await run(['create', '.', ...M])).code).toBe(2);
    expect((await run(['create', '*.jsonl', ...M])).stderr).toContain('*.jsonl names several files');
    expect((await run(['create', '', ...M])).stderr).toBe(
      'oai: finetune create: a file of examples, or its id is empty\n',
    );
  });
});

describe('a request that cannot be meant is refused before anything is read', () => {
  it.each([
    [['train.jsonl'], 'finetune create needs -m: the model to tune'],
    [[...M], 'finetune create needs a file of examples, or its id'],
    [
      ['train.jsonl', 'b', ...M],
      'finetune create takes a file of examples, or its id, and there is b beside it',
    ],
    [['none', ...M, '--epochs', '0'], '--epochs 0 is not a whole number from 1 to 50'],
    [['none', ...M, '--epochs', '51'], '--epochs 51 is not a whole number from 1 to 50'],
    [['none', ...M, '--batch-size', '257'], '--batch-size 257 is not a whole number from 1 to 256'],
    [['none', ...M, '--learning-rate-multiplier', '0'], '--learning-rate-multiplier 0 is not above 0'],
    [['none', ...M, '--learning-rate-multiplier', 'x'], '--learning-rate-multiplier x is not a number'],
    [['none', ...M, '--method', 'dpo', '--beta', '2.1'], '--beta 2.1 is not a number from 0 to 2'],
    [['none', ...M, '--beta', '1'], '--beta is for --method dpo, and the method is supervised'],
    [['none', ...M, '--method', 'sft'], '--method sft is not one of supervised, dpo, reinforcement'],
    [['none', ...M, '--method', 'reinforcement'], '--method reinforcement needs --grader FILE'],
    [['none', ...M, '--seed', '-1'], '--seed -1 is not a whole number'],
    [['none', ...M, '--suffix', 'x'.repeat(65)], '--suffix has 65 characters, and may have 64'],
    [['none', ...M, '--suffix', ''], '--suffix is empty'],
    [['none', ...M, '--metadata', 'a'], '--metadata a is not of the form name=value'],
    [['none', ...M, '--metadata', 'a=1', '--metadata', 'a=2'], '--metadata a is given twice'],
    [
      ['none', ...M, '--metadata', `a=${'x'.repeat(513)}`],
      '--metadata a: the value has 513 characters, and 512 fit',
    ],
    [
      ['none', ...M, '--integration', 'mlflow'],
      '--integration mlflow is neither wandb:PROJECT nor a JSON object',
    ],
    [['none', ...M, '--poll', '3s'], '--poll goes with --follow or --wait'],
    [['none', ...M, '--limit', '3'], '--limit means nothing to finetune create'],
  ])('%j', async (words, message) => {
    const { run, lines } = await tuningDesk();
    const { code, stderr } = await run(['create', ...words]);
    expect({ code, lines }).toEqual({ code: 2, lines: [] });
    expect(stderr).toContain(`oai: ${message}`);
  });

  it.each([
    ['{"type": "string_check",', 'grader.json is no JSON: line 1'],
    ['[]', 'grader.json is no JSON object: a grader is one'],
    ['{"type": "mood"}', 'grader.json has the type "mood", which is no grader'],
  ])('a grader %s', async (text, message) => {
    const { run, write, lines } = await tuningDesk();
    await write('grader.json', text);
    const words = ['create', 'graded.jsonl', ...M, '--method', 'reinforcement', '--grader'];
    const { code, stderr } = await run([...words, 'grader.json']);
    expect({ code, lines }).toEqual({ code: 2, lines: [] });
    expect(stderr).toContain(`oai: ${message}`);
    expect((await run([...words, 'none.json'])).stderr).toContain('cannot read none.json: no such file');
  });
});

describe('what the API refuses', () => {
  it('a model that cannot be tuned: the data is kept, and which can be is said', async () => {
    const { run } = await tuningDesk();
    const { code, stderr } = await run([
      'create',
      'train.jsonl',
      '--validation',
      'valid.jsonl',
      '-m',
      'gpt-6-luna',
    ]);
    expect(code).toBe(4);
    expect(stderr.split('\n').slice(2)).toEqual([
      expect.stringMatching(/^oai: the data is kept: oai finetune create file-\w+ --validation file-\w+ …$/),
      expect.stringMatching(/^oai: Model gpt-6-luna is not available for fine-tuning or does not exist\./),
      '     OpenAI tunes gpt-4.1-2025-04-14, gpt-4.1-mini-2025-04-14, gpt-4o-2024-08-06 and gpt-4o-mini-2024-07-18',
      '',
    ]);
  });

  it('a file that it does not have', async () => {
    const { run } = await tuningDesk();
    const { code, stderr } = await run(['create', 'file-abc', ...M]);
    expect(code).toBe(4);
    expect(stderr).toContain("oai: File 'file-abc' does not exist.");
    expect(stderr).not.toContain('the data is kept');
  });

  it('an answer that is none', async () => {
    const { fetch } = stubApi(jsonAnswer({ hello: 1 }));
    const { run } = await tuningDesk();
    const { code, stderr } = await run(['create', 'file-abc', ...M, '--retries', '0'], { fetch });
    expect(code).toBe(6);
    expect(stderr).toContain('a fine-tuning job');
  });
});

describe('who is interrupted', () => {
  it('while data is sent begins no job', async () => {
    const desk = await tuningDesk();
    const { code } = await desk.runIn(['create', 'train.jsonl', ...M], (context) => ({
      fetch: (_, init) => {
        context.stop(new Stopped('SIGINT'));
        return Promise.reject(init?.signal?.reason);
      },
    }));
    expect(code).toBe(130);
    expect(desk.lines).toEqual([]);
  });

  it('while a job is begun learns where the data is', async () => {
    const desk = await tuningDesk();
    const { code, stderr } = await desk.runIn(['create', 'train.jsonl', ...M], (context) => ({
      fetch: async (input, init) => {
        const path = String(input instanceof Request ? input.url : input);
        if (path.endsWith('/files')) return desk.fetch(input, init);
        context.stop(new Stopped('SIGTERM'));
        return Promise.reject(init?.signal?.reason);
      },
    }));
    expect(code).toBe(143);
    expect(stderr).toMatch(/oai: the data is kept: oai finetune create file-\w+ …\n/);
  });
});

it('shows what is hostile as text', async () => {
  const { run, cwd } = await tuningDesk();
  await writeFile(join(cwd, 'e\u001b[2J.jsonl'), '{}\n');
  const stderr = terminal();
  await run(['create', 'e\u001b[2J.jsonl', ...M], { stderr });
  expect(stderr.text).not.toContain('\u001b[2J');
});
