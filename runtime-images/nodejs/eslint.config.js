// The rules of the repository, as far as they fit a runtime: here the global classes, the console and the environment
// are the subject. Run from the repository's root: `eslint -c runtime-images/nodejs/eslint.config.js runtime-images`.
import { defineConfig } from 'eslint/config';
import { houseRules } from '../../eslint.config.js';

export default defineConfig(
  { ignores: ['**/fixtures/**', '**/eslint.config.js'] },
  ...houseRules,
  {
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Read the environment in config.ts; main.ts passes it.' },
        { object: 'process', property: 'exit', message: 'Exit from main.ts only.' },
        { object: 'Math', property: 'random', message: 'Take a random source.' },
      ],
      // They load 91 modules of Node, 40 ms of every cold start; web/native.ts reads them when they are needed.
      'no-restricted-globals': ['error', 'Request', 'Response', 'Headers', 'FormData', 'fetch'],
    },
  },
  {
    // Getters on the prototype, as the standard has them: a field would be an own property of every request.
    files: ['**/src/web/**'],
    rules: { '@typescript-eslint/class-literal-property-style': 'off' },
  },
  {
    files: ['**/main.ts'],
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    files: ['**/*.test.ts', '**/testing/**', '**/conformance/**'],
    rules: {
      'max-lines': 'off',
      'max-lines-per-function': 'off',
      'no-restricted-globals': 'off',
      'no-restricted-properties': 'off',
    },
  },
);
