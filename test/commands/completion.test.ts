import { describe, expect, it } from 'vitest';
import { CapturedOutput } from '../support/context.ts';
import { oai } from '../support/oai.ts';

describe('oai completion', () => {
  it.each(['bash', 'zsh', 'fish'])('prints the script of %s, with no key and as it is', async (shell) => {
    const stdout = new CapturedOutput({ isTTY: true, color: true });
    const { code, stdout: text, stderr } = await oai(['completion', shell], { env: {}, stdout });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(text).toContain(`command oai __complete ${shell}`);
    expect(text.endsWith('\n')).toBe(true);
    const { stdout: json } = await oai(['completion', shell, '--json']);
    expect(JSON.parse(json)).toEqual({ shell, script: text });
  });

  it.each([
    [[], 'completion needs one of bash, zsh, fish'],
    [['fsh'], 'completion knows no shell fsh; did you mean fish?'],
    [['powershell'], 'completion knows no shell powershell'],
    [['bash', 'zsh'], "too many arguments for 'completion'"],
  ])('says of %j what is wrong', async (words, message) => {
    const { code, stdout, stderr } = await oai(['completion', ...words]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });
});
