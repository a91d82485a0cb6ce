import { defineConfig } from 'vitest/config';

/**
 * Suites of one runner: `unit` stands beside the sources, `e2e` tells the stories against a whole Flint, `bed` holds the real
 * cluster that stories can run on.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.ts', '**/*.test.js'],
          exclude: [
            '**/node_modules/**',
            'e2e/*.test.ts',
            'e2e/contract/**',
            'e2e/bed/{lifecycle,installation,images}.test.ts',
            'dist/**',
          ],
          testTimeout: 20_000,
          // What is waited for comes within milliseconds, but on a busy machine not within the second that is the default.
          expect: { poll: { timeout: 15_000 } },
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['e2e/*.test.ts', 'e2e/contract/*.test.ts'],
          globalSetup: ['e2e/framework/global-setup.ts'],
          testTimeout: 240_000,
          hookTimeout: 240_000,
          fileParallelism: false,
        },
      },
      { test: { name: 'bed', include: ['e2e/bed/{lifecycle,installation,images}.test.ts'], fileParallelism: false } },
    ],
  },
});
