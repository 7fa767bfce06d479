import { describe, expect, it } from 'vitest';
import type { FineTuneEvent } from '../../src/api/fine-tunes.ts';
import { LossCurve } from '../../src/finetune/loss-chart.ts';

function event(data: unknown): FineTuneEvent {
  return { object: 'fine_tuning.job.event', id: 'e', created_at: 1, level: 'info', message: 'm', data };
}

function curve(...steps: readonly unknown[]): LossCurve {
  const made = new LossCurve();
  for (const step of steps) made.add(event(step));
  return made;
}

const place = { columns: 80, color: false };
const losses = (count: number) =>
  Array.from({ length: count }, (_, n) => ({
    step: n + 1,
    total_steps: count,
    train_loss: 2 / (n + 1),
    ...(n % 10 === 9 && { valid_loss: 2.2 / (n + 1) }),
  }));

describe('a curve', () => {
  it('falls from left to right, with the validation in it, and names the first and the last step', async () => {
    const lines = (await curve(...losses(100)).drawn(place)).trimEnd().split('\n');
    expect(lines[0]).toBe('━ loss by step   ● validation');
    expect(lines[1]).toMatch(/^ *2\.00┤┓/);
    expect(lines.at(-3)).toMatch(/^ *0\.\d+┤ .*━/);
    expect(lines.at(-1)).toMatch(/^ +1 +26 +51 +75 +100$/);
    // Two of its ten points may fall on one cell.
    const points = lines.slice(1).join('').split('●').length - 1;
    expect(points).toBeGreaterThan(6);
    expect(points).toBeLessThan(11);
    expect(lines.every((line) => line.length <= 80)).toBe(true);
  });

  it('is drawn of two points and of ten thousand, in the room that there is', async () => {
    for (const [count, columns] of [
      [2, 80],
      [10_000, 40],
      [10_000, 300],
    ] as const) {
      const text = await curve(...losses(count)).drawn({ columns, color: false });
      const widest = Math.max(...text.split('\n').map((line) => line.length));
      expect(widest).toBeLessThanOrEqual(Math.min(columns, 80));
      expect(text).toContain(String(count));
    }
  });

  it('is drawn where it is flat', async () => {
    const flat = [1, 2, 3].map((step) => ({ step, train_loss: 0 }));
    expect(await curve(...flat).drawn(place)).toContain('━━━');
  });

  it('has colours where they are wanted, and none elsewhere', async () => {
    const colored = await curve(...losses(20)).drawn({ columns: 80, color: true });
    expect(colored).toContain('\u001b[36m');
    expect(colored).toContain('\u001b[33m');
    expect(await curve(...losses(20)).drawn(place)).not.toContain('\u001b');
  });

  it('is one of a reward, for reinforcement', async () => {
    const rewards = [1, 2, 3].map((step) => ({
      step,
      train_mean_reward: step / 10,
      full_valid_mean_reward: step / 11,
    }));
    const made = curve(...rewards);
    expect(await made.drawn(place)).toContain('━ reward by step   ● validation');
    expect(made.summary()).toBe('step 3, reward 0.30, validation 0.27');
  });

  it.each([
    ['nothing', []],
    ['one point', [{ step: 1, train_loss: 1 }]],
    [
      'what is no measurement',
      [{}, null, 'x', [], { step: 'a', train_loss: 1 }, { step: 1, train_loss: '1' }],
    ],
    [
      'numbers that are none',
      [
        { step: 1, train_loss: Number.NaN },
        { step: 2, train_loss: Number.POSITIVE_INFINITY },
      ],
    ],
  ])('is not drawn of %s', async (_, steps) => {
    expect(await curve(...steps).drawn(place)).toBe('');
  });

  it('is not drawn where there is no room', async () => {
    expect(await curve(...losses(20)).drawn({ columns: 20, color: false })).toBe('');
  });
});

describe('the summary', () => {
  it('says the step, the loss, and the last validation', () => {
    expect(curve(...losses(12)).summary()).toBe('step 12 of 12, loss 0.17, validation 0.22');
    expect(curve({ step: 3, train_loss: 0.012_34 }).summary()).toBe('step 3, loss 0.012');
    expect(curve().summary()).toBe('');
  });
});
