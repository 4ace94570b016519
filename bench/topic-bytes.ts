import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchCluster } from './cluster.js';
import { amount } from './report.js';

/** What each topic of an installation takes on the broker's disk, compressed as it was sent, by event. */
export async function topicBytes(cluster: BenchCluster, prefix: string, events: number): Promise<string[][]> {
  const folder = cluster.kafka.dataFolder?.(0);
  if (folder === undefined) return [];
  const topics = (await cluster.admin.listTopics()).filter((topic) => topic.startsWith(`${prefix}.`) || topic === `${prefix}-access`);
  return topics.sort().map((topic) => [topic, amount(bytesOf(folder, topic) / events)]);
}

function bytesOf(folder: string, topic: string): number {
  return readdirSync(folder)
    .filter((name) => name.startsWith(`${topic}-`) && /^\d+$/.test(name.slice(topic.length + 1)))
    .flatMap((name) => readdirSync(join(folder, name)).map((file) => join(folder, name, file)))
    .filter((file) => file.endsWith('.log'))
    .reduce((sum, file) => sum + statSync(file).size, 0);
}
