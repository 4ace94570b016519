import { expect, it } from 'vitest';
import { createMetrics } from '#telemetry';
import { ingestCounters } from './ingest-counters.js';

it('counts what was read and what became of it, by source and reason', async () => {
  const metrics = createMetrics();
  const counters = ingestCounters(metrics);
  const letter = { reason: 'no_time' };
  const ingested = { events: [{}, {}], duplicates: [{}], deadLetters: [letter, letter, { reason: 'not_json' }] };
  counters.count('edge', 6, ingested as never);
  counters.count('edge', 0, undefined);
  const text = await metrics.render();
  metrics.close();
  for (const line of [
    'gatewatch_kafka_read_records_total{source="edge"} 6',
    'gatewatch_ingest_events_total{source="edge"} 2',
    'gatewatch_ingest_duplicates_total{source="edge"} 1',
    'gatewatch_ingest_dead_letters_total{source="edge",reason="no_time"} 2',
    'gatewatch_ingest_dead_letters_total{source="edge",reason="not_json"} 1',
  ])
    expect(text).toContain(line);
});
