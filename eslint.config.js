import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

// Prettier owns the shape; these rules own what a reviewer would otherwise have to look for. The import law is `test/architecture.spec.ts`.
export default defineConfig(
  { ignores: ['dist/', 'node_modules/', 'data/', 'coverage/', '.cache/', '**/fixtures/**'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': [
        'error',
        { allowForKnownSafeCalls: [{ from: 'package', name: ['describe', 'it', 'test'], package: 'vitest' }] },
      ],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // A port's method may be async because another adapter needs it.
      '@typescript-eslint/require-await': 'off',
      // Decoders spend `!` where a length check stands a line above: it costs nothing in the hot path and `noUncheckedIndexedAccess` asks for it.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // Ports are written with method syntax and made of closures: taking one apart loses no `this`.
      '@typescript-eslint/unbound-method': 'off',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      'no-restricted-syntax': [
        'error',
        { selector: 'ForInStatement', message: 'for…in walks the prototype: use Object.keys or Object.entries.' },
      ],
      'max-params': ['error', 4],
      'max-depth': ['error', 4],
      'max-lines-per-function': ['error', { max: 50, skipBlankLines: true, skipComments: true }],
      complexity: ['error', 20],
    },
  },
  {
    // What a test asserts with `expect(…)` is often deliberately ill-typed input.
    files: ['**/*.spec.ts', '**/*.e2e-spec.ts', '**/*.contract.ts', 'libs/testkit/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      'max-lines-per-function': 'off',
    },
  },
  {
    // One event is made for every record: an object of parameters would be a second one.
    files: ['libs/ecs/src/event.ts'],
    rules: { 'max-params': ['error', 5] },
  },
  {
    // The command line and the benchmark speak to a person.
    files: ['apps/**/*.ts', 'bench/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['**/*.{js,mjs}'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly', Buffer: 'readonly', setTimeout: 'readonly' } },
  },
  {
    files: ['deploy/**/*.mjs'],
    languageOptions: { globals: { fetch: 'readonly', AbortSignal: 'readonly', FormData: 'readonly', Blob: 'readonly' } },
  },
);
