import { describe, expect, it } from 'vitest';
import { builtInRoles } from '../../src/roles/built-in.ts';
import { readRole } from '../../src/roles/role.ts';
import { roleSettings } from '../../src/roles/settings.ts';
import { oai } from '../support/oai.ts';

it('are these', () => {
  expect([...builtInRoles.keys()]).toEqual(['summarize', 'translate', 'explain', 'commit', 'code']);
});

describe.each([...builtInRoles])('%s', (name, text) => {
  it('can be read, and says what it is for', () => {
    const role = readRole(text, { name, source: 'built-in', path: undefined });
    // Only `code` sets more than its words: it takes the code out of the answer.
    expect(roleSettings(role, { home: undefined })).toEqual(name === 'code' ? { extract: true } : {});
    expect(role.description).toMatch(/^[a-z].{10,70}[^.]$/);
    expect(role.system.length).toBeGreaterThan(200);
  });

  it('needs nothing but what is asked', async () => {
    const { code, stdout } = await oai(['chat', '-r', name, '--dry-run', 'hello']);
    expect(code).toBe(0);
    const { messages } = JSON.parse(/^\{$[\s\S]*^\}$/m.exec(stdout)?.[0] ?? '');
    expect(messages).toMatchObject([{ role: 'system' }, { role: 'user', content: 'hello' }]);
    // All of its places have something in them.
    expect(messages[0].content.replace('and {{name}}.', '')).not.toMatch(/\{\{/);
  });
});

it('code gives the code alone', async () => {
  const { code, stdout } = await oai(['chat', '-r', 'code', '--sandbox', 'a loop in C']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^You said: a loop in C\n/);
  expect(stdout).not.toContain('```');
  expect((await oai(['chat', '-r', 'code', '--raw', '--sandbox', 'a loop in C'])).stdout).toMatch(
    /^```text\n[\s\S]*\n```\n$/,
  );
});

it('translate has a language', async () => {
  const system = async (...flags: string[]) =>
    (await oai(['chat', '-r', 'translate', '--dry-run', 'hello', ...flags])).stdout;
  expect(await system()).toContain('into Korean.');
  expect(await system('--var', 'to=Swiss German')).toContain('into Swiss German.');
});
