import { expect, it, onTestFinished } from 'vitest';
import { TranscriptProgress } from '../../src/transcripts/progress.ts';
import { CapturedOutput, fakeContext } from '../support/context.ts';

it('shows how much of a long recording is heard', async () => {
  const context = fakeContext({ stderr: new CapturedOutput({ isTTY: true }) });
  const progress = new TranscriptProgress('hearing', 1, context);
  onTestFinished(() => progress.stop());
  context.clock.advance(300);
  await context.stderr.shows('hearing');
  progress.expect(3);
  progress.heard(60);
  await context.stderr.shows('hearing · 1 of 3 parts · 1.0 min heard · 200.0 × real time');
});

it('says nothing of parts where there is one', async () => {
  const context = fakeContext({ stderr: new CapturedOutput({ isTTY: true }) });
  const progress = new TranscriptProgress('hearing', 1, context);
  onTestFinished(() => progress.stop());
  context.clock.advance(300);
  progress.expect(1);
  progress.heard(60);
  await context.stderr.shows('hearing');
  expect(context.stderr.text).not.toContain('parts');
});
