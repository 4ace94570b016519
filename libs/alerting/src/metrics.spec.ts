import { expect, it } from 'vitest';
import { createMetrics } from '#telemetry';
import { FakeClock, MemoryOutbox, sampleSignal } from '#testkit';
import { notificationOf } from './intake.js';
import { outboxMetrics } from './outbox-metrics.js';
import { countSignals } from './signal-count.js';

const lines = async (metrics: { render(): Promise<string> }, name: string): Promise<string[]> =>
  (await metrics.render()).split('\n').filter((line) => line.startsWith(`gatewatch_${name}`));

it('counts an episode once, whatever its revisions, and leaves out what became part of another', async () => {
  const metrics = createMetrics({ process: false });
  const count = countSignals(metrics);
  const level = sampleSignal({ id: 'a' }).rule.level;
  count([
    { sequence: 1, signal: sampleSignal({ id: 'a', revision: 1, status: 'open' }) },
    { sequence: 2, signal: sampleSignal({ id: 'a', revision: 2, status: 'open' }) },
    { sequence: 3, signal: sampleSignal({ id: 'b', revision: 1, status: 'merged', mergedInto: 'a' }) },
  ]);
  count([
    { sequence: 4, signal: sampleSignal({ id: 'a', revision: 3, status: 'closed' }) },
    { sequence: 5, signal: sampleSignal({ id: 'c', revision: 9, status: 'closed' }) },
  ]);
  expect(await lines(metrics, 'alerting_signals_total{')).toEqual([`gatewatch_alerting_signals_total{level="${level}"} 2`]);
});

it('tells the age of the oldest notification, not of its next attempt', async () => {
  const metrics = createMetrics({ process: false });
  const clock = new FakeClock(1_000_000);
  const outbox = new MemoryOutbox();
  const refresh = outboxMetrics({ outbox, clock, metrics });
  const made = notificationOf(sampleSignal({ id: 'a' }), 'opened', { receiver: 'oncall', channel: 'email', now: clock.now() - 90_000 });
  refresh();
  expect(await lines(metrics, 'alerting_outbox_')).toEqual([
    'gatewatch_alerting_outbox_waiting 0',
    'gatewatch_alerting_outbox_oldest_seconds 0',
  ]);
  await outbox.add([{ ...made, dueAt: clock.now() + 3_600_000 }], 1);
  refresh();
  expect(await lines(metrics, 'alerting_outbox_')).toEqual([
    'gatewatch_alerting_outbox_waiting 1',
    'gatewatch_alerting_outbox_oldest_seconds 90',
  ]);
});
