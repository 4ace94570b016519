import { ServiceError, type Logger } from '#telemetry';
import type { Cluster } from '../cluster.js';

/** What this cluster can do, asked and not assumed. A core node has none of it, and everything works without. */
export interface Features {
  /** The API of data streams and their lifecycle: the cluster itself rolls over and deletes what is too old. Otherwise our upkeep does. */
  readonly lifecycle: boolean;
  /** The mapping type of ECS for sentences. */
  readonly matchOnlyText: boolean;
}

export async function askFeatures(cluster: Cluster, logger: Logger): Promise<Features> {
  const [lifecycle, matchOnlyText] = await Promise.all([
    answers(cluster, 'GET', '/_data_stream/gatewatch-probe*/_lifecycle'),
    knowsType(cluster),
  ]);
  logger.info('Elasticsearch was asked what it can do.', { lifecycle, matchOnlyText });
  return { lifecycle, matchOnlyText };
}

async function answers(cluster: Cluster, method: 'GET', path: string): Promise<boolean> {
  const { status } = await tolerant(() => cluster.request(method, path, { expect: [400, 403, 404, 405, 410] }));
  return status === 200;
}

/** Simulating a template changes nothing and says whether the type is known. */
async function knowsType(cluster: Cluster): Promise<boolean> {
  const body = {
    index_patterns: ['gatewatch-probe-*'],
    template: { mappings: { properties: { probe: { type: 'match_only_text' } } } },
  };
  const { status } = await tolerant(() => cluster.request('POST', '/_index_template/_simulate', { body, expect: [400, 403, 404, 405] }));
  return status === 200;
}

/** Who may not ask gets the least. A cluster that does not answer at all is trouble. */
async function tolerant(ask: () => Promise<{ status: number }>): Promise<{ status: number }> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof ServiceError && error.retryable) throw error;
    return { status: 0 };
  }
}
