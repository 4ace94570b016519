import { statfs } from 'node:fs/promises';
import { outboxMetrics } from '#alerting';
import type { Condition, Health } from '#http';
import type { LocalEngine } from '#local';
import type { Metrics } from '#telemetry';
import type { Clock } from '#time';
import type { Fold } from '../pipeline/fold.js';

export interface StateMetricsParts {
  readonly engine: LocalEngine;
  readonly fold: Fold;
  readonly health: Health;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

const value: Record<Condition, number> = { ok: 0, warn: 1, fail: 2 };
/** The one task of the embedded process, where several detectors have one for each partition. */
const task = 'embedded';

/** Gives a function that brings up to date what alerts on Gatewatch itself ask for: checks, checkpoint, outbox, room on the disk. */
export function stateMetrics({ engine, fold, health, dataDir, clock, metrics }: StateMetricsParts): () => Promise<void> {
  const status = metrics.gauge('health_status', 'What a check found: 0 ok, 1 warn, 2 fail.', ['check']);
  const checkpoint = metrics.gauge(
    'task_checkpoint_timestamp_seconds',
    'When the last checkpoint was written, in seconds since the epoch.',
    ['task'],
  );
  const free = metrics.gauge('data_disk_free_bytes', 'Room on the disk of the data directory, for this user.');
  const size = metrics.gauge('data_disk_size_bytes', 'Size of the disk of the data directory.');
  const outbox = outboxMetrics({ outbox: engine.outbox, clock, metrics });
  return async () => {
    const [{ checks }, disk] = await Promise.all([health.detail(), statfs(dataDir).catch(() => undefined)]);
    for (const [check, finding] of Object.entries(checks)) status.set(value[finding.status], { check });
    checkpoint.set(fold.checkpoint.at / 1000, { task });
    if (disk) {
      free.set(disk.bavail * disk.bsize);
      size.set(disk.blocks * disk.bsize);
    }
    outbox();
  };
}
