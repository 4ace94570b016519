import type { LocalEngine } from '#local';
import type { Metrics } from '#telemetry';
import type { Pipeline } from './build-pipeline.js';
import { ledger } from './checks.js';

/** Gives a function that brings the pipeline's figures up to date: called when somebody asks for the metrics. */
export function pipelineMetrics({
  engine,
  pipeline,
  metrics,
}: {
  engine: LocalEngine;
  pipeline: Pipeline;
  metrics: Metrics;
}): () => Promise<void> {
  const behind = metrics.gauge('ingest_behind_records', 'Accepted records that the fold has not observed yet.');
  const storeBehind = metrics.gauge('store_behind_records', 'Records folded and not stored yet.');
  const watermark = metrics.gauge('detector_watermark_seconds', 'Event time up to which windows are decided, in seconds since the epoch.');
  const late = metrics.gauge('detector_late_events_total', 'Events before the watermark: stored, not evaluated by windows.', ['source']);
  const keys = metrics.gauge('detector_keys', 'Group keys tracked.', ['rule']);
  const evicted = metrics.gauge('detector_evicted_keys_total', 'Keys given up because a rule had too many.', ['rule']);
  const excepted = metrics.gauge('detector_excepted_events_total', 'Events that an exception kept from counting for a rule.', [
    'exception',
  ]);
  const records = metrics.gauge(
    'ingest_records_total',
    'Records by outcome; received = stored + dead_letter + duplicate + blank + on their way.',
    ['source', 'outcome'],
  );
  return async () => {
    const counts = pipeline.fold.detector.counts();
    behind.set(engine.log.end() - pipeline.fold.position);
    storeBehind.set(pipeline.indexer.behind(pipeline.fold.position));
    if (Number.isFinite(counts.watermark)) watermark.set(counts.watermark / 1000);
    for (const [source, amount] of Object.entries(counts.late)) late.set(amount, { source });
    for (const [rule, amount] of Object.entries(counts.keys)) keys.set(amount, { rule });
    for (const [rule, amount] of Object.entries(counts.evicted)) evicted.set(amount, { rule });
    for (const [exception, amount] of Object.entries(counts.excepted)) excepted.set(amount, { exception });
    for (const [source, { received, stored, deadLettered, duplicate, blank }] of Object.entries(await ledger(engine))) {
      const outcomes = { received, stored, dead_letter: deadLettered, duplicate, blank };
      for (const [outcome, amount] of Object.entries(outcomes)) records.set(amount, { source, outcome });
    }
  };
}
