import { defineConfig } from 'vitest/config';

// `source` makes `#ecs` and its sisters resolve to TypeScript, so that no test reads a stale build.
const conditions = ['source'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    exclude: ['node_modules', 'dist'],
    pool: 'forks',
    // Far above what a test takes: properties on a busy machine must not fail by the clock.
    testTimeout: 120_000,
    projects: [
      {
        extends: true,
        // Not isolated: loading the modules anew for each file takes longer than the tests.
        test: { name: 'unit', include: ['{apps,libs}/**/*.spec.ts', 'test/*.spec.ts'], isolate: false },
      },
      {
        extends: true,
        // Real processes on real ports and disks, run against `dist`: one file after the other.
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.e2e-spec.ts'],
          fileParallelism: false,
          testTimeout: 900_000,
          hookTimeout: 600_000,
        },
      },
      {
        extends: true,
        // Against a real Elasticsearch and a real Kafka, which `tools/engines` finds or starts.
        test: {
          name: 'engines',
          include: ['test/engines/**/*.e2e-spec.ts'],
          fileParallelism: false,
          testTimeout: 900_000,
          // The first run fetches jars.
          hookTimeout: 1_200_000,
        },
      },
    ],
  },
});
