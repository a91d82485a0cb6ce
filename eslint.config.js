import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const components = ['operator', 'activator', 'dispatcher', 'local'];
const lib = 'lib';

const timers = ['node:timers', 'node:timers/promises', 'timers', 'timers/promises'].map((name) => ({
  name,
  message: 'Take a Clock.',
}));
const layer = (files, group, message) => ({
  files,
  rules: { 'no-restricted-imports': ['error', { paths: timers, patterns: [{ group, message }] }] },
});
const folders = (names) => names.map((name) => `**/${name}/**`);
/** Matches by relative path, so that `lib/kube` never counts as the component `local`. */
const component = (name) =>
  layer(
    [`${name}/**`],
    folders([...components.filter((other) => other !== name), 'runtime-images', 'e2e']),
    `${name} must not import this; move it to ${lib}/.`,
  );

/** For every program of the repository; the runtimes have a configuration of their own, which begins with these. */
export const houseRules = [
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      curly: ['error', 'all'],
      'no-console': 'error',
      complexity: ['error', 10],
      'max-depth': ['error', 3],
      'max-params': ['error', 4],
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { prefer: 'type-imports', fixStyle: 'separate-type-imports' },
      ],
      // `import { type X }` still loads the module where types are only stripped; of undici that is 24 MB.
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      // It refuses `Promise.withResolvers<void>()`, a generic argument like any other.
      '@typescript-eslint/no-invalid-void-type': 'off',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
    },
  },
];

export default defineConfig(
  {
    ignores: [
      'dist/**',
      'charts/flint/**',
      'runtime-images/**',
      'examples/**',
      'eslint.config.js',
      'local/check-node.cjs',
      '.tools/**',
    ],
  },
  ...houseRules,
  {
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Read the environment in config.ts only.' },
        { object: 'process', property: 'exit', message: 'Exit from main.ts only.' },
        { object: 'Date', property: 'now', message: 'Take a Clock.' },
        { object: 'performance', property: 'now', message: 'Take a Clock.' },
        { object: 'Math', property: 'random', message: 'Take a random source.' },
      ],
      'no-restricted-globals': ['error', 'setTimeout', 'setInterval', 'fetch'],
    },
  },
  ...components.map(component),
  // After its component: the later entry replaces the earlier one.
  layer(
    ['activator/scaling/**'],
    [
      ...folders([...components, 'runtime-images', 'e2e', 'kube', 'http']),
      'node:http*',
      'node:net',
      'node:tls',
      'undici',
    ],
    'activator/scaling is pure arithmetic.',
  ),
  layer([`${lib}/**`], folders([...components, 'runtime-images', 'e2e']), `${lib} must not import a component.`),
  {
    // A benchmark measures real time, and a framework drives real processes: the clock is their subject.
    files: [
      '**/main.ts',
      '**/config.ts',
      `${lib}/clock.ts`,
      'e2e/framework/**',
      'e2e/bed/**',
      'images/**',
      'charts/**',
      'bench/**',
    ],
    rules: { 'no-restricted-properties': 'off', 'no-restricted-globals': 'off', 'no-restricted-imports': 'off' },
  },
  {
    files: ['**/*.test.ts', `${lib}/testing/**`, 'e2e/**'],
    // A story asserts one optional field after the other; each `?.` counts as a branch.
    rules: { 'max-lines': 'off', 'max-lines-per-function': 'off', 'max-params': 'off', complexity: 'off' },
  },
);
