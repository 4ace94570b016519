import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startElasticsearchContainer } from './docker.js';
import type { Elasticsearch, ElasticsearchOptions } from './elasticsearch-handle.js';
import { EngineProcess } from './engine-process.js';
import { wayFor, type Way } from './way.js';
import { engineHome } from './jars.js';
import { forMinutes } from './java.js';
import { freePorts } from './place.js';

export const elasticsearchVersions = { newest: '9.5.3', oldest: '8.19.4' } as const;

/** Which Java a version needs. */
export function javaFor(version: string): number {
  return version.startsWith('8.') ? 17 : 21;
}

/** @throws EnginesMissing where there is no way to start one. */
export async function startElasticsearch(options: ElasticsearchOptions = {}): Promise<Elasticsearch> {
  const way = await wayFor('elasticsearch', options.version === undefined ? [21, 17] : [javaFor(options.version)]);
  if (way.kind === 'environment') return given(way.address);
  if (way.kind === 'docker') return startElasticsearchContainer({ ...options, version: options.version ?? elasticsearchVersions.newest });
  const version = options.version ?? (way.jdk.major >= 21 ? elasticsearchVersions.newest : elasticsearchVersions.oldest);
  return onJava({ ...options, version }, way);
}

function given(url: string): Elasticsearch {
  const refuse = (): Promise<never> => Promise.reject(new Error(`${url} comes from ELASTICSEARCH_URL: it is not ours to kill.`));
  return { url, way: 'environment', pid: () => undefined, stop: async () => undefined, kill: refuse, start: refuse };
}

const modules = [
  '--add-modules=ALL-MODULE-PATH,jdk.net',
  '--enable-native-access=ALL-UNNAMED,org.elasticsearch.nativeaccess,org.apache.lucene.core',
];

async function onJava(
  { version, dataDir, heap = '1g', brief = false }: ElasticsearchOptions & { version: string },
  { jdk }: Extract<Way, { kind: 'java' }>,
): Promise<Elasticsearch> {
  const home = await engineHome({ engine: 'elasticsearch', version, jdk });
  const scratch = mkdtempSync(join(tmpdir(), 'gatewatch-elasticsearch-'));
  const kept = dataDir ?? join(scratch, 'data');
  mkdirSync(kept, { recursive: true });
  const [http, transport] = (await freePorts(2)) as [number, number];
  const url = `http://127.0.0.1:${http}`;
  const path = join(home, 'classes');
  const node = new EngineProcess({
    program: join(jdk.home, 'bin/java'),
    args: [
      `-Xmx${heap}`,
      ...(brief ? forMinutes : []),
      '--module-path',
      join(home, 'lib'),
      ...modules,
      '-cp',
      path,
      'WithParent',
      'ElasticsearchNode',
      home,
      kept,
      String(http),
      String(transport),
    ],
    folder: scratch,
    log: join(scratch, 'elasticsearch.log'),
  });
  const start = (): Promise<void> =>
    node.start(
      async () => (await fetch(`${url}/_cluster/health?wait_for_status=yellow&timeout=1s`, { signal: AbortSignal.timeout(15_000) })).ok,
    );
  await start();
  return {
    url,
    way: 'java',
    pid: () => node.pid,
    start,
    kill: () => node.end('SIGKILL'),
    stop: async () => {
      await node.end('SIGKILL');
      rmSync(scratch, { recursive: true, force: true });
    },
  };
}
