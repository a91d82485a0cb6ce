import { defineConfig } from 'vitest/config';

/** The tests that the mutants of `stryker.config.json` have to fear: those beside the mutated sources. */
export default defineConfig({
  test: {
    include: ['lib/kube/*.test.ts', 'operator/controllers/**/*.test.ts'],
  },
});
