import type { Cluster } from './cluster.js';

/** Elasticsearch's own word: green, yellow or red; `unreachable` where it does not answer. */
export async function clusterHealth(cluster: Cluster): Promise<{ cluster: string; reason?: string }> {
  try {
    const query = { filter_path: 'status' };
    const { body } = await cluster.request<{ status: string }>('GET', '/_cluster/health', { query });
    return { cluster: body.status };
  } catch (error) {
    // A health page reports trouble; it has none.
    return { cluster: 'unreachable', reason: (error as Error).message };
  }
}
