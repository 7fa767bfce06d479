import { describe, expect, it, onTestFinished } from 'vitest';
import type { Verbosity } from '../../src/context.ts';
import { startWaiting, type WaitingOptions } from '../../src/output/progress.ts';
import { CapturedOutput, fakeContext } from '../support/context.ts';
import { settle } from '../support/oai.ts';

/** Waits on a terminal, until the spinner is drawn. */
async function onTerminal(text: string, options?: WaitingOptions) {
  const context = fakeContext({ stderr: new CapturedOutput({ isTTY: true }) });
  const { clock, stderr } = context;
  const start = clock.now();
  const waiting = startWaiting(context, text, options);
  onTestFinished(() => waiting.stop());
  clock.advance(300);
  await stderr.shows(text);
  /** What is drawn next, without the spinner itself and the sequences that draw it. */
  const drawn = async (): Promise<string> => {
    const from = stderr.writes.length;
    // A frame is erased, drawn and erased again: what is between two erasings is whole.
    const frames = () => stderr.writes.slice(from).join('').split('\u001b[2K').slice(1, -1);
    await new Promise<void>((resolve) => {
      stderr.onWrite = () => frames().some((frame) => frame.includes(text)) && resolve();
    });
    const frame = frames().find((frame) => frame.includes(text)) ?? '';
    return frame.slice(frame.indexOf(text)).replace(/\u001b\[[\d;?]*\w/g, '');
  };
  /** Lets the time come, in ms from the start, and gives what is drawn then. */
  const at = (ms: number): Promise<string> => {
    clock.advance(start + ms - clock.now());
    return drawn();
  };
  return { context, clock, stderr, waiting, at, drawn };
}

describe('a spinner', () => {
  it('is drawn for those who wait, and removed', async () => {
    const { waiting, stderr, context } = await onTerminal('waiting');
    expect(context.statusLine).toBeDefined();
    waiting.stop();
    expect(context.statusLine).toBeUndefined();
    expect(stderr.text.slice(stderr.text.lastIndexOf('\u001b[2K'))).not.toContain('waiting');
  });

  it.each<[string, boolean, Verbosity]>([
    ['not on a terminal', false, 'normal'],
    ['with --quiet', true, 'quiet'],
    ['with --verbose', true, 'verbose'],
  ])('is not drawn: %s', async (_, isTTY, verbosity) => {
    const context = fakeContext({ stderr: new CapturedOutput({ isTTY }) });
    context.verbosity = verbosity;
    const waiting = startWaiting(context, 'waiting', { elapsed: true });
    waiting.update('still waiting');
    waiting.stop();
    expect([context.stderr.text, context.clock.delays]).toEqual(['', []]);
  });

  it('is not drawn for a quick answer', async () => {
    const context = fakeContext({ stderr: new CapturedOutput({ isTTY: true }) });
    const waiting = startWaiting(context, 'waiting', { elapsed: true });
    context.clock.advance(299);
    waiting.stop();
    context.clock.advance(10_000);
    await settle();
    expect(context.stderr.text).toBe('');
  });

  it('says no time unless it is asked to', async () => {
    const { at, clock } = await onTerminal('waiting');
    expect(await at(60_000)).toBe('waiting');
    expect(clock.delays).toEqual([300]);
  });

  it('says how long it has taken, from two seconds on', async () => {
    const { at } = await onTerminal('drawing', { elapsed: true });
    expect(await at(1999)).toBe('drawing');
    expect(await at(2000)).toBe('drawing · 2 s');
    expect(await at(3000)).toBe('drawing · 3 s');
    expect(await at(60_000)).toBe('drawing · 1 min');
    expect(await at(125_000)).toBe('drawing · 2 min 5 s');
  });

  it('says what is left to expect, until that is over', async () => {
    const { at } = await onTerminal('drawing with gpt-image-2.5-sunburst', { estimate: 29_600 });
    expect(await at(1000)).toBe('drawing with gpt-image-2.5-sunburst');
    expect(await at(12_000)).toBe('drawing with gpt-image-2.5-sunburst · 12 s of about 30 s');
    expect(await at(29_000)).toBe('drawing with gpt-image-2.5-sunburst · 29 s of about 30 s');
    expect(await at(30_000)).toBe('drawing with gpt-image-2.5-sunburst · 30 s');
  });

  it('changes its text, and goes on counting', async () => {
    const { at, drawn, waiting } = await onTerminal('1 of 4', { elapsed: true });
    waiting.update('1 of 4, 2 of 4 done');
    expect(await drawn()).toBe('1 of 4, 2 of 4 done');
    expect(await at(5000)).toBe('1 of 4, 2 of 4 done · 5 s');
  });

  it('has the text of the last change when it is drawn', async () => {
    const context = fakeContext({ stderr: new CapturedOutput({ isTTY: true }) });
    const waiting = startWaiting(context, 'before');
    waiting.update('after');
    context.clock.advance(300);
    await context.stderr.shows('after');
    waiting.stop();
    expect(context.stderr.text).not.toContain('before');
  });

  it('leaves no timer and draws no more once it is stopped', async () => {
    const { waiting, clock, stderr } = await onTerminal('waiting', { elapsed: true });
    waiting.stop();
    const { length } = clock.delays;
    const drawn = stderr.text;
    clock.advance(10_000);
    waiting.update('still');
    waiting.stop();
    await settle();
    expect(clock.delays).toHaveLength(length);
    expect(stderr.text).toBe(drawn);
  });

  it('obeys nothing that its text says', async () => {
    const { stderr, waiting } = await onTerminal('drawing', { elapsed: true });
    waiting.update('drawing \u001b]0;owned\u0007');
    await stderr.shows('drawing ␛]0;owned␇');
    expect(stderr.text).not.toContain('\u001b]0;');
  });
});
