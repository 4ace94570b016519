import type { Logger } from '#telemetry';
import type { Millis } from '#time';
import type { Cluster } from '../cluster.js';
import { monthOf, type Names } from '../names.js';
import type { Features } from './features.js';

export interface UpkeepParts {
  readonly cluster: Cluster;
  readonly names: Names;
  readonly features: Features;
  readonly logger: Logger;
  readonly retention: Millis;
}

/** As Elastic's own lifecycle does it. */
const rollover = { max_age: '1d', max_primary_shard_size: '50gb', max_primary_shard_docs: 200_000_000 };

/** Forgets what is older than the retention; call it every hour or so. Several processes may: each step is harmless a second time. */
export async function upkeep(parts: UpkeepParts, now: Millis): Promise<void> {
  const before = now - parts.retention;
  if (!parts.features.lifecycle) {
    for (const stream of [parts.names.events, parts.names.deadLetters]) await tend(parts, stream, before);
  }
  await forgetSignals(parts, before);
}

/** What the lifecycle of a full cluster does: the written index is rolled over, and one goes when its successor is older than the retention. */
async function tend({ cluster, logger }: UpkeepParts, stream: string, before: Millis): Promise<void> {
  const body = { conditions: { ...rollover, min_docs: 1 } };
  const { status } = await cluster.request('POST', `/${stream}/_rollover`, { body, expect: [404] });
  if (status === 404) return;
  const query = { filter_path: '*.settings.index.creation_date' };
  const { body: found } = await cluster.request<Record<string, { settings: { index: { creation_date: string } } }>>(
    'GET',
    `/${stream}/_settings`,
    {
      query,
    },
  );
  const backing = Object.entries(found)
    .map(([index, { settings }]) => ({ index, made: Number(settings.index.creation_date) }))
    .sort((a, b) => a.made - b.made);
  for (let at = 0; at + 1 < backing.length; at++) {
    if (backing[at + 1]!.made >= before) break;
    await cluster.request('DELETE', `/${backing[at]!.index}`, { expect: [404] });
    logger.info('A backing index was deleted after its retention.', { index: backing[at]!.index });
  }
}

/** A month of signals goes when it is over for longer than the retention and none of them is open any more. */
async function forgetSignals({ cluster, names, logger }: UpkeepParts, before: Millis): Promise<void> {
  const { status, body } = await cluster.request<Record<string, unknown>>('GET', `/${names.signals}-*/_alias`, { expect: [404] });
  if (status === 404) return;
  for (const index of Object.keys(body)) {
    const month = index.slice(names.signals.length + 1);
    if (!/^\d{4}\.\d{2}$/.test(month) || month >= monthOf(before)) continue;
    await cluster.request('POST', `/${index}/_refresh`);
    const query = { term: { 'gatewatch.signal.status': 'open' } };
    const { body: open } = await cluster.request<{ count: number }>('POST', `/${index}/_count`, { body: { query } });
    if (open.count > 0) continue;
    await cluster.request('DELETE', `/${index}`, { expect: [404] });
    logger.info('A month of signals was deleted after its retention.', { index });
  }
}
