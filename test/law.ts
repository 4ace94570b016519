/** What each library may import of ours, by value or by type. */
const foundation = ['ecs', 'time', 'telemetry', 'config', 'stream'];
export const cores = ['ingest', 'detection', 'alerting', 'query', 'traffic'];
export const adapters = ['kafka', 'elastic', 'local'];
/** What the processes of the distributed mode have in common: no core and no adapter knows it. */
const assemblies = ['cluster'];

export const mayImport: Readonly<Record<string, readonly string[]>> = {
  ecs: [],
  time: [],
  telemetry: ['ecs', 'time'],
  // Of telemetry: `Secret`, and how text from outside is made printable.
  config: ['ecs', 'time', 'telemetry'],
  stream: ['ecs', 'time', 'telemetry'],
  ...Object.fromEntries([...cores, ...adapters].map((lib) => [lib, foundation])),
  ...Object.fromEntries(assemblies.map((lib) => [lib, [...foundation, ...cores, ...adapters]])),
  // The doors of the processes that answer: the one library that knows Nest, and the port that it answers from.
  http: [...foundation, 'query'],
  testkit: [...foundation, ...cores, ...adapters],
};

/** Adapters implement the ports of the cores: they may import their types, never their code. */
export const mayImportTypes: Readonly<Record<string, readonly string[]>> = Object.fromEntries(adapters.map((lib) => [lib, cores]));

/** Outside packages and the folders that own them. A trailing `/` or `*` is a prefix. */
export const owners: Readonly<Record<string, readonly string[]>> = {
  '@nestjs/*': ['apps/', 'libs/http/'],
  '@fastify/*': ['apps/', 'libs/http/'],
  fastify: ['apps/', 'libs/http/'],
  'reflect-metadata': ['apps/', 'libs/http/'],
  rxjs: ['apps/'],
  commander: ['apps/'],
  'geoip-lite': ['libs/ingest/src/enrichers/geoip/'],
  'uap-core': ['libs/ingest/src/enrichers/user-agent/'],
  isbot: ['libs/ingest/src/enrichers/user-agent/'],
  yaml: [
    'libs/ingest/src/derived/openapi/',
    'libs/config/',
    'libs/detection/src/sigma/',
    'libs/detection/src/rule-cases/',
    'libs/ingest/src/enrichers/user-agent/',
    'libs/ingest/src/formats/json/',
  ],
  re2js: ['libs/detection/src/sigma/'],
  eta: ['libs/alerting/src/channels/email/'],
  nodemailer: ['libs/alerting/src/channels/email/'],
  standardwebhooks: ['libs/alerting/src/channels/webhook/'],
  '@duckdb/*': ['libs/local/'],
  lmdb: ['libs/local/'],
  kafkajs: ['libs/kafka/'],
  'kafkajs-snappy': ['libs/kafka/'],
  'lz4-napi': ['libs/kafka/'],
  fzstd: ['libs/kafka/'],
  '@elastic/*': ['libs/elastic/'],
  pino: ['libs/telemetry/'],
  'prom-client': ['libs/telemetry/'],
  // Free: they hold no opinion of where a system's borders are.
  zod: ['apps/', 'libs/'],
  'ipaddr.js': ['apps/', 'libs/'],
  'lru-cache': ['apps/', 'libs/'],
};

/** Packages that only tests may import. */
export const testPackages = ['vitest', 'fast-check', 'smtp-server', 'postal-mime', '@nestjs/testing'];

export interface Exception {
  readonly file: string;
  readonly law: Law;
  readonly reason: string;
}

export type Law = 'import' | 'door' | 'package' | 'environment' | 'clock' | 'export-star' | 'size' | 'name';

/**
 * Where a law is broken with reason. The list may only shrink: an entry that is no longer needed fails the test.
 * A reason says what the code gains and why nobody else is hurt.
 */
export const exceptions: readonly Exception[] = [
  {
    file: 'libs/local/src/store/worker-entry.ts',
    law: 'package',
    reason:
      'Only from source: the transforms of vitest do not reach worker threads, so the store transpiles its own thread. `dist` never gets there.',
  },
  {
    file: 'libs/local/src/store/worker-entry.ts',
    law: 'clock',
    reason: 'Only from source: names a folder that two test processes make at once; nothing of it is kept.',
  },
  {
    file: 'libs/http/src/keys/key-file.ts',
    law: 'clock',
    reason: 'Compares with the modification time that the file system gave a lock file: an injected clock would not be comparable.',
  },
];

/** A table of cases is long by nature, so tests get more room. */
export const maxLines = { code: 300, test: 400 };

/** Names that say where something was put, not what it is. */
export const homelessNames =
  /(^|[-.])(utils?|helpers?|managers?|misc|constants?|dtos?)$|^(commons?|shared|core|base|types|interfaces?|generic|lib)$|\.(service|interface|types|entity|repository)$/;
