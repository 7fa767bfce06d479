import { describe, expect, it } from 'vitest';
import { Failure, Stopped } from '../../src/errors.ts';
import { begun, direct, ended, look, rowsOf, uploaded } from '../sandbox/ask-finetune.ts';
import { connectionError, errorAnswer, jsonAnswer, stubApi } from '../support/api.ts';
import { CapturedOutput } from '../support/context.ts';
import type { Run } from '../support/oai.ts';
import { rows, terminal, tuningDesk } from './finetune-desk.ts';

const ids = (run: Pick<Run, 'stdout'>) => rows(run).map(({ id }) => id);

/** A desk with a job that was begun. */
async function desk(faults?: string) {
  const made = await tuningDesk(faults);
  const validation_file = await uploaded(rowsOf(3), made.of);
  return { ...made, job: await begun(made.of, rowsOf(10), { validation_file, suffix: 'x' }) };
}

describe('a job that is followed', () => {
  it('gives each event once, in order, as JSON Lines, to its end', async () => {
    const { run, of, job } = await desk();
    const result = await run(['events', job.id, '--follow']);
    expect(result.code).toBe(0);
    const events = rows(result);
    expect(new Set(ids(result)).size).toBe(events.length);
    expect(events[0]).toMatchObject({ message: `Created fine-tuning job: ${job.id}` });
    expect(events.at(-1)).toMatchObject({ message: 'The job has successfully completed' });
    const steps = events.filter(({ type }) => type === 'metrics').map(({ data }) => data as { step: number });
    expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
    const { fine_tuned_model: model } = await look(job, of);
    expect(result.stderr).toBe(`oai: the model is ${model}; try it: oai chat -m ${model} "hello"\n`);
    // Once it has ended there is nothing to wait for.
    expect((await run(['events', job.id, '--follow'])).stdout).toBe(result.stdout);
  });

  it('fails with the error of the job, once its events are printed', async () => {
    const { run, job } = await desk('finetune=fail');
    const { code, stdout, stderr } = await run(['events', job.id, '--follow']);
    expect(code).toBe(4);
    expect(rows({ stdout }).at(-1)).toMatchObject({ level: 'error' });
    expect(stderr).toBe(
      `oai: ${job.id} failed: The job failed due to an internal error. Please try again.\n     \`oai finetune events ${job.id}\` has what happened before\n`,
    );
    const asJson = await run(['events', job.id, '--follow', '--json']);
    expect(JSON.parse(asJson.stderr)).toMatchObject({ error: { code: 'internal_error', exitCode: 4 } });
  });

  it('is not lost where the first look at it fails, as it was begun just now', async () => {
    const { run, fetch } = await tuningDesk();
    let looks = 0;
    const shaky: typeof fetch = async (input, init) => {
      const isLook = /\/jobs\/ftjob/.test(new Request(input, init).url);
      looks += isLook ? 1 : 0;
      if (isLook && looks === 1) throw connectionError('ECONNREFUSED');
      return fetch(input, init);
    };
    const argv = ['create', 'train.jsonl', '-m', 'gpt-4o-mini', '--wait', '-q', '--retries', '0'];
    const { code, stdout, stderr } = await run(argv, { fetch: shaky });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^ft:gpt-4o-mini/);
  });

  it('that fails for its file says to mend that', async () => {
    const { run, of } = await desk();
    const job = await begun(of, rowsOf(9));
    const { code, stderr } = await run(['events', job.id, '--follow']);
    expect(code).toBe(4);
    expect(stderr).toContain(
      'Training file has 9 example(s), but must have at least 10 examples\n     mend the file',
    );
  });

  it('is left with a word on how to come back, and gone on with at the next event', async () => {
    const { run, runIn, job, fetch } = await desk();
    const whole: string[] = [];
    const stopped = await runIn(['events', job.id, '--follow'], (context) => ({
      stdout: Object.assign(new CapturedOutput(), {
        onWrite() {
          if (context.stdout.text.includes('Step 30/')) context.stop(new Stopped('SIGINT'));
        },
      }),
      fetch,
    }));
    expect(stopped.code).toBe(130);
    whole.push(stopped.stdout);
    const way = /oai: it goes on by itself: oai finetune (.*)\n/.exec(stopped.stderr)?.[1]?.split(' ') ?? [];
    expect(way.slice(0, 3)).toEqual(['events', job.id, '--follow']);
    const rest = await run(way);
    expect(rest.code).toBe(0);
    whole.push(rest.stdout);
    expect(whole.join('')).toBe((await run(['events', job.id])).stdout);
  });

  it('misses nothing that a full disk did not take', async () => {
    const { run, runIn, job, fetch } = await desk();
    const taken: string[] = [];
    const full = await runIn(['events', job.id, '--follow'], (context) => ({
      stdout: Object.assign(new CapturedOutput(), {
        write(data: string) {
          if (taken.length < 20) taken.push(data);
          else context.stop(new Failure('incomplete', 'no space left'));
        },
      }),
      fetch,
    }));
    expect(full.code).toBe(8);
    const way = /it goes on by itself: oai finetune (.*)\n/.exec(full.stderr)?.[1]?.split(' ') ?? [];
    const rest = await run(way);
    expect(taken.join('') + rest.stdout).toBe((await run(['events', job.id])).stdout);
  });

  it('may be begun with, left and gone on with as well', async () => {
    const { run, runIn, fetch } = await desk();
    const words = ['create', 'train.jsonl', '-m', 'gpt-4o-mini', '--wait'];
    const stopped = await runIn(words, (context) => ({
      fetch: async (input, init) => {
        const answer = await fetch(input, init);
        if (String(input instanceof Request ? input.url : input).includes('/events'))
          context.stop(new Stopped('SIGTERM'));
        return answer;
      },
    }));
    expect(stopped.code).toBe(143);
    expect(stopped.stdout).toBe('');
    const way = /oai: it goes on by itself: oai finetune (events \S+ --follow)\n/.exec(stopped.stderr)?.[1];
    expect((await run(way?.split(' ') ?? [])).code).toBe(0);
  });

  it('outlives a network that is away, and misses nothing', async () => {
    const { run, job, fetch } = await desk();
    let looks = 0;
    const flaky: typeof globalThis.fetch = (input, init) => {
      looks += 1;
      return looks % 3 === 0 ? Promise.reject(connectionError('ECONNRESET')) : fetch(input, init);
    };
    const result = await run(['events', job.id, '--follow', '--retries', '0'], { fetch: flaky });
    expect(result.code).toBe(0);
    expect(result.stdout).toBe((await run(['events', job.id])).stdout);
    expect(result.stderr).toContain(`still waiting for ${job.id}`);
  });

  it('ends where it is paused or was cancelled: exit 8, and the way on', async () => {
    const { run, of, job } = await desk();
    await direct('pause', job, of);
    const paused = await run(['events', job.id, '--follow']);
    expect(paused.code).toBe(8);
    expect(paused.stderr).toBe(
      `oai: ${job.id} is paused\n     oai finetune resume ${job.id}, then oai finetune events ${job.id} --follow\n`,
    );
    expect(rows(paused).at(-1)).toMatchObject({ message: 'The job is paused' });
    await direct('cancel', job, of);
    const cancelled = await run(['events', job.id, '--follow']);
    expect(cancelled.code).toBe(8);
    expect(cancelled.stderr).toContain(`oai: ${job.id} was cancelled\n`);
  });

  it('is a line for each thing that happens, and a curve, for a person', async () => {
    const { run, job } = await desk();
    const [stdout, stderr] = [terminal(), terminal()];
    // The seconds that a person sees pass quickly on this clock.
    const words = ['events', job.id, '--follow', '--timeout', '365d'];
    expect((await run(words, { stdout, stderr })).code).toBe(0);
    const lines = stdout.text.split('\n');
    expect(lines[0]).toBe(`2026-11-21 12:00  Created fine-tuning job: ${job.id}`);
    expect(stdout.text).not.toContain('Step 1/');
    expect(lines).toContain('━ loss by step   ● validation');
    expect(lines.at(-2)).toMatch(/^ +1 +\d+ +\d+ +\d+ +100$/);
  });

  it('is looked at as often as is asked for', async () => {
    const { run, job } = await desk();
    const { code, context } = await run(['events', job.id, '--follow', '--poll', '7s']);
    expect(code).toBe(0);
    expect(context.clock.delays.filter((delay) => delay === 7000).length).toBeGreaterThan(1);
  });
});

describe('events that are listed', () => {
  it('are those after one, or so many of the newest, the oldest first', async () => {
    const { run, of, job } = await desk();
    await ended(job, of);
    const all = ids(await run(['events', job.id]));
    expect(all.length).toBeGreaterThan(100);
    expect(ids(await run(['events', job.id, '--limit', '3']))).toEqual(all.slice(-3));
    expect(ids(await run(['events', job.id, '--after', String(all[5])]))).toEqual(all.slice(6));
    const both = await run(['events', job.id, '--after', String(all[5]), '--limit', '2']);
    expect(ids(both)).toEqual(all.slice(-2));
    expect(ids(await run(['events', job.id, '--after', String(all.at(-1))]))).toEqual([]);
    const document = JSON.parse((await run(['events', job.id, '--json'])).stdout);
    expect(document.map(({ id }: { id: string }) => id)).toEqual(all);
  });

  it('are harmless to a terminal', async () => {
    const event = {
      object: 'fine_tuning.job.event',
      id: 'e',
      created_at: 1,
      level: 'warn',
      message: 'a\u001b[2J\nb',
    };
    const { fetch } = stubApi(jsonAnswer({ object: 'list', data: [event], has_more: false }));
    const { run } = await desk();
    const stdout = terminal();
    await run(['events', 'ftjob-1'], { fetch, stdout });
    expect(stdout.text).toBe('1970-01-01 00:00  warn: a␛[2J b\n');
  });

  it.each([
    [['--after', 'ftevent-x'], 'ftevent-x is no event of ftjob-'],
    [['--after', 'ftevent-x', '--follow'], 'ftevent-x is no event of ftjob-'],
    [['--limit', '0'], '--limit 0 is not a whole number of 1 or more'],
    [['--limit', '3', '--follow'], '--limit is for a list, and --follow has no end'],
    [['--poll', '3s'], '--poll goes with --follow'],
    [['--wait'], '--wait means nothing to finetune events'],
  ])('are not with %j', async (flags, message) => {
    const { run, job } = await desk();
    const { code, stdout, stderr } = await run(['events', job.id, ...flags]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(`oai: ${message}`);
  });

  it.each([
    [jsonAnswer({ object: 'list', data: [{ id: 1 }], has_more: false }), 6],
    [errorAnswer(500, { message: 'no' }), 6],
    [errorAnswer(401, { message: 'no', code: 'invalid_api_key' }), 3],
  ])('fail as an answer does (%#)', async (answer, exit) => {
    const { fetch } = stubApi(answer);
    const { run } = await desk();
    expect((await run(['events', 'ftjob-1', '--retries', '0'], { fetch })).code).toBe(exit);
  });
});
