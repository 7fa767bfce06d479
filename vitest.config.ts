import { defineConfig } from 'vitest/config';

// Many tests start processes, draw on a pty or are stopped in the middle: on a loaded machine one in ten thousand may
// come too late. One that fails is run again by itself, and `npm test` names it; what is broken fails again.
const retry = process.env['CI'] === undefined ? 0 : 2;

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**'],
          testTimeout: 30_000,
          retry,
        },
      },
      { test: { name: 'e2e', include: ['test/e2e/**/*.test.ts'], testTimeout: 30_000, retry } },
    ],
  },
});
