import { expect, it } from 'vitest';
import { createMetrics } from '#telemetry';
import { taskGauges } from './task-gauges.js';

it('forgets the figures of a partition that moved away, and keeps those of the others', async () => {
  const metrics = createMetrics({ process: false });
  const tell = taskGauges(metrics);
  const fact = (partition: number) => ({ topic: 'events', partition, lag: 7, checkpointAt: 1000, watermark: 2000, clock: 3000 });
  tell([{ stage: 'match', open: 2, opening: 0, facts: [fact(0), fact(1)] }]);
  expect((await metrics.render()).match(/events\/1|partition="1"/g)).toHaveLength(4);
  tell([{ stage: 'match', open: 1, opening: 0, facts: [fact(0)] }]);
  const text = await metrics.render();
  expect(text.match(/events\/1|partition="1"/g)).toBeNull();
  expect(text).toContain('gatewatch_kafka_lag_records{task="match",topic="events",partition="0"} 7');
  expect(text).toContain('gatewatch_tasks{task="match",state="open"} 1');
});

it('tells nothing of what is not known yet', async () => {
  const metrics = createMetrics({ process: false });
  taskGauges(metrics)([
    { stage: 'windows', open: 1, opening: 0, facts: [{ topic: 'matches', partition: 0, lag: undefined, watermark: -Infinity }] },
  ]);
  expect(await metrics.render()).not.toContain('matches');
});

it('adds up what waits for the store', async () => {
  const metrics = createMetrics({ process: false });
  const waiting = (partition: number, queuedBytes: number) => ({ topic: 'events', partition, lag: 0, queuedBytes });
  taskGauges(metrics)([{ stage: 'index', open: 2, opening: 0, facts: [waiting(0, 10), waiting(1, 32)] }]);
  expect(await metrics.render()).toContain('gatewatch_elastic_bulk_queue_bytes 42');
});

it('adds up the notifications that wait, and tells the age of the oldest', async () => {
  const metrics = createMetrics({ process: false });
  const fact = (partition: number, waiting: number, oldest: number) => ({
    topic: 'signals',
    partition,
    lag: 0,
    outbox: { waiting, oldest },
  });
  taskGauges(metrics)([{ stage: 'alerting', open: 2, opening: 0, facts: [fact(0, 3, 90_000), fact(1, 0, 0)] }]);
  const text = await metrics.render();
  expect(text).toContain('gatewatch_alerting_outbox_waiting 3');
  expect(text).toContain('gatewatch_alerting_outbox_oldest_seconds 90');
});
