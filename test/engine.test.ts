import { describe, expect, it } from 'vitest';
import { Garbage } from '../src/engine.ts';

/** A process whose memory is what the test says, and the flags and collections that were asked of it. */
function fakeProcess({ v8 = '13.6.1', hasModules = true } = {}) {
  const asked: string[] = [];
  const memory = { heapUsed: 0, external: 0 };
  const modules: Record<string, unknown> = {
    'node:v8': { setFlagsFromString: (flag: string) => void asked.push(flag) },
    'node:vm': { runInNewContext: () => () => void asked.push('collect') },
  };
  const node = {
    versions: { v8 },
    memoryUsage: () => memory,
    ...(hasModules && { getBuiltinModule: (name: string) => modules[name] }),
  };
  return { garbage: new Garbage(node as unknown as NodeJS.Process), memory, asked };
}

describe('garbage', () => {
  it('is collected once there is much more of it than after the last time', () => {
    const { garbage, memory, asked } = fakeProcess();
    const collections = () => asked.filter((one) => one === 'collect').length;
    memory.heapUsed = 20_000_000;
    garbage.collectEarly();
    expect(collections()).toBe(1);
    memory.external = 11_000_000;
    garbage.collectEarly();
    expect(collections()).toBe(1);
    memory.external = 12_000_000;
    garbage.collectEarly();
    expect(collections()).toBe(2);
  });

  it('is kept small in the young generation, by a flag that is set once', () => {
    const { garbage, asked } = fakeProcess();
    garbage.collectEarly();
    garbage.collectEarly();
    expect(asked).toEqual(['--semi-space-growth-factor=1', '--expose-gc']);
  });

  it.each([
    ['an unknown V8', { v8: '99.1' }],
    ['a Node that loads no modules at once', { hasModules: false }],
  ])('is left to %s', (_, options) => {
    const { garbage, memory, asked } = fakeProcess(options);
    memory.heapUsed = 500_000_000;
    garbage.collectEarly();
    expect(asked).toEqual([]);
  });
});
