import type { Ingested } from '#ingest';
import type { Metrics } from '#telemetry';

/** What a process read and what became of it, as it happened: what is read again after a crash counts again. */
export interface IngestCounters {
  /** `ingested` is undefined where there was nothing but empty messages. */
  count(source: string, records: number, ingested: Pick<Ingested, 'events' | 'deadLetters' | 'duplicates'> | undefined): void;
}

export function ingestCounters(metrics: Metrics): IngestCounters {
  const read = metrics.counter('kafka_read_records_total', 'Records read from Kafka.', ['source']);
  const events = metrics.counter('ingest_events_total', 'Events that records became.', ['source']);
  const duplicates = metrics.counter('ingest_duplicates_total', 'Records whose own id was seen before.', ['source']);
  const letters = metrics.counter(
    'ingest_dead_letters_total',
    'Records that could not be understood, as they were read; what a crash repeats counts again.',
    ['source', 'reason'],
  );
  return {
    count(source, records, ingested) {
      if (records > 0) read.add(records, { source });
      if (!ingested) return;
      if (ingested.events.length > 0) events.add(ingested.events.length, { source });
      if (ingested.duplicates.length > 0) duplicates.add(ingested.duplicates.length, { source });
      for (const { reason } of ingested.deadLetters) letters.add(1, { source, reason });
    },
  };
}
