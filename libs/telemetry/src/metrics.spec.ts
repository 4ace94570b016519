import { afterEach, expect, it } from 'vitest';
import { createMetrics, type RenderedMetrics } from './index.js';

let metrics: RenderedMetrics | undefined;
afterEach(() => metrics?.close());

function fresh(): RenderedMetrics {
  metrics = createMetrics({ process: false });
  return metrics;
}

it('renders counters, gauges and histograms as Prometheus reads them', async () => {
  const metrics = fresh();
  metrics.counter('ingest_dead_letters_total', 'Records that could not be understood.', ['reason']).add(2, { reason: 'timestamp' });
  metrics.gauge('ingest_lag_records', 'Records not read yet.').set(7);
  const took = metrics.histogram('deliver_seconds', 'Time to deliver.', [0.1, 1]);
  took.observe(0.05);
  took.observe(3);
  expect(await metrics.render()).toMatchInlineSnapshot(`
    "# HELP gatewatch_ingest_dead_letters_total Records that could not be understood.
    # TYPE gatewatch_ingest_dead_letters_total counter
    gatewatch_ingest_dead_letters_total{reason="timestamp"} 2

    # HELP gatewatch_ingest_lag_records Records not read yet.
    # TYPE gatewatch_ingest_lag_records gauge
    gatewatch_ingest_lag_records 7

    # HELP gatewatch_deliver_seconds Time to deliver.
    # TYPE gatewatch_deliver_seconds histogram
    gatewatch_deliver_seconds_bucket{le="0.1"} 1
    gatewatch_deliver_seconds_bucket{le="1"} 1
    gatewatch_deliver_seconds_bucket{le="+Inf"} 2
    gatewatch_deliver_seconds_sum 3.05
    gatewatch_deliver_seconds_count 2
    "
  `);
  expect(metrics.contentType).toContain('text/plain');
});

it('gives the same metric to everyone who asks for it, and refuses another one of its name', async () => {
  const metrics = fresh();
  metrics.counter('a_total', 'A.').add(1);
  metrics.counter('a_total', 'A.').add(1);
  expect(await metrics.render()).toContain('a_total 2');
  expect(() => metrics.gauge('a_total', 'A.')).toThrow('Metric a_total is counter() and was asked for as gauge().');
});

it('escapes what a label value may hold', async () => {
  const metrics = fresh();
  metrics.counter('a_total', 'A.', ['path']).add(1, { path: 'a"} 1\nforged_total 9\\' });
  const lines = (await metrics.render()).split('\n');
  expect(lines.filter((line) => line.startsWith('forged_total'))).toEqual([]);
});

it('counts label values beyond a thousand as `other`', async () => {
  const metrics = fresh();
  const counter = metrics.counter('a_total', 'A.', ['ip']);
  for (let i = 0; i < 1500; i++) counter.add(1, { ip: `10.0.0.${i}` });
  counter.add(1, { ip: '10.0.0.1' });
  const text = await metrics.render();
  expect(text).toContain('a_total{ip="other"} 500');
  expect(text).toContain('a_total{ip="10.0.0.1"} 2');
});

it('measures the process unless told not to', async () => {
  metrics = createMetrics();
  expect(await metrics.render()).toContain('process_resident_memory_bytes');
});
