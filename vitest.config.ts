import { defineConfig } from 'vitest/config';

// `source` makes `#ecs` and its sisters resolve to TypeScript, so that no test reads a stale build.
const conditions = ['source', 'node', 'import', 'module', 'default'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['{apps,libs}/**/*.spec.ts', 'test/*.spec.ts'],
    exclude: ['node_modules', 'dist'],
    pool: 'forks',
  },
});
