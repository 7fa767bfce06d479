import { describe, expect, it } from 'vitest';
import { afterAnswer } from '../../src/output/after-answer.ts';
import { TextStream } from '../../src/output/text.ts';
import { CapturedOutput } from '../support/context.ts';

const terminal = () => new CapturedOutput({ isTTY: true });
const note = (stdout: CapturedOutput, stderr: CapturedOutput) =>
  afterAnswer({ stdout, stderr }, () => void stderr.write('note\n'));

describe('a notice that comes while an answer is written', () => {
  it('waits for its end on a terminal, and comes once', async () => {
    const out = terminal();
    const answer = new TextStream(out);
    void answer.write('one');
    note(out, out);
    void answer.write(' two');
    await answer.end();
    expect(out.text).toBe('one two\nnote\n');
    const next = new TextStream(out);
    void next.write('three');
    await next.end();
    expect(out.text).toBe('one two\nnote\nthree\n');
  });

  it.each<[string, CapturedOutput, CapturedOutput]>([
    ['the answer goes elsewhere', new CapturedOutput(), terminal()],
    ['the notice goes elsewhere', terminal(), new CapturedOutput()],
  ])('is said at once where %s', (_, stdout, stderr) => {
    void new TextStream(stdout).write('one');
    note(stdout, stderr);
    expect(stderr.text).toBe('note\n');
  });

  it('is said at once before an answer begins, and after it', async () => {
    const out = terminal();
    const answer = new TextStream(out);
    void answer.write('');
    note(out, out);
    void answer.write('one');
    await answer.end();
    note(out, out);
    expect(out.text).toBe('note\none\nnote\n');
  });
});
