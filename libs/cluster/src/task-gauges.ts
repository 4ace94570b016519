import type { TaskFacts } from '#kafka';
import type { Labels, Metrics } from '#telemetry';

/** How the tasks of one stage are. */
export interface TaskFigures {
  readonly stage: string;
  readonly open: number;
  readonly opening: number;
  readonly facts: readonly (TaskFacts & { readonly topic: string; readonly partition: number; readonly lag: number | undefined })[];
}

/** Tells how all tasks of a process are. What was told of a partition before, and is not now, is forgotten: another process has it, or nobody yet. */
export type TaskGauges = (stages: readonly TaskFigures[]) => void;

export function taskGauges(metrics: Metrics): TaskGauges {
  const count = metrics.gauge('tasks', 'Tasks of this process.', ['task', 'state']);
  const gauges = taskGaugesOf(metrics);
  let before = new Map<string, () => void>();
  return (stages) => {
    const now = new Map<string, () => void>();
    const tell = (name: keyof typeof gauges, value: number | undefined, labels: Labels): void => {
      if (value === undefined || !Number.isFinite(value)) return;
      gauges[name].set(value, labels);
      now.set(JSON.stringify([name, labels]), () => gauges[name].remove?.(labels));
    };
    const queued = stages.flatMap(({ facts }) => facts.flatMap(({ queuedBytes }) => queuedBytes ?? []));
    if (queued.length > 0)
      tell(
        'queue',
        queued.reduce((sum, bytes) => sum + bytes),
        {},
      );
    const outboxes = stages.flatMap(({ facts }) => facts.flatMap(({ outbox }) => outbox ?? []));
    if (outboxes.length > 0) {
      tell(
        'outbox',
        outboxes.reduce((sum, { waiting }) => sum + waiting, 0),
        {},
      );
      tell('oldest', Math.max(...outboxes.map(({ oldest }) => oldest)) / 1000, {});
    }
    for (const { stage, open, opening, facts } of stages) {
      count.set(open, { task: stage, state: 'open' });
      count.set(opening, { task: stage, state: 'opening' });
      for (const { topic, partition, lag, checkpointAt, watermark, clock, keys } of facts) {
        const task = `${stage}/${topic}/${partition}`;
        tell('lag', lag, { task: stage, topic, partition: String(partition) });
        tell('keys', keys, { task });
        tell('checkpoint', seconds(checkpointAt), { task });
        tell('watermark', seconds(watermark), { task });
        tell('clock', seconds(clock), { task });
      }
    }
    for (const [series, forget] of before) if (!now.has(series)) forget();
    before = now;
  };
}

function seconds(milliseconds: number | undefined): number | undefined {
  return milliseconds === undefined ? undefined : milliseconds / 1000;
}

function taskGaugesOf(metrics: Metrics) {
  return {
    lag: metrics.gauge('kafka_lag_records', 'Messages of a partition that its task has not taken.', ['task', 'topic', 'partition']),
    checkpoint: metrics.gauge('task_checkpoint_timestamp_seconds', 'When a task last saved.', ['task']),
    watermark: metrics.gauge('task_watermark_seconds', 'Event time up to which windows of a task are decided.', ['task']),
    keys: metrics.gauge('task_keys', 'Group keys that the windows of a task hold, over all rules.', ['task']),
    queue: metrics.gauge('elastic_bulk_queue_bytes', 'Bytes of documents that wait for Elasticsearch.'),
    outbox: metrics.gauge('alerting_outbox_waiting', 'Notifications that are not delivered yet, at most 1000 of each task.'),
    oldest: metrics.gauge('alerting_outbox_oldest_seconds', 'Age of the oldest of them; 0 when none waits.'),
    clock: metrics.gauge('task_clock_seconds', 'Wall clock up to which a task knows that it has seen everything.', ['task']),
  };
}
