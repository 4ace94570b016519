import { kafkaClient, TopicReader, type KafkaTopicsConfig, type TopicPiece } from '#kafka';
import { sourceTag, splitMessage } from '#ingest';
import type { RecordLog } from '#stream';
import { ServiceError, type Logger, type Metrics } from '#telemetry';
import type { Clock, Millis } from '#time';
import { orAborted } from './abort.js';

/** Topics and the source that their records belong to. */
export interface KafkaTarget {
  readonly source: string;
  readonly config: KafkaTopicsConfig;
}

export interface KafkaParts {
  readonly target: KafkaTarget;
  readonly log: RecordLog;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Resolves when the pipeline has room for more. */
  readonly room: () => Promise<void>;
}

const waitAfterFull: Millis = 2000;
const waitAfterFailure: Millis = 5000;

/** Appends the messages of topics to the log, each piece with the position after it in the same transaction, until the signal is aborted. */
export async function readKafka({ target, log, clock, logger, metrics, room }: KafkaParts, signal: AbortSignal): Promise<void> {
  const { source, config } = target;
  const records = metrics.counter('kafka_read_records_total', 'Records read from Kafka.', ['source']);
  const take = async ({ payload, count, thing, position, bookmark }: TopicPiece): Promise<void> => {
    await orAborted(room(), signal);
    const batch = { source, arrival: clock.now(), payload, count, tag: sourceTag(thing), position };
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        await log.append(count > 0 ? [batch] : [], bookmark);
        records.add(count, { source });
        return;
      } catch (error) {
        if (!(error instanceof ServiceError && error.retryable)) throw error;
        if (attempt === 0) logger.warn('The log takes nothing now; Kafka waits.', { reason: error.code, source });
        await clock.sleep(waitAfterFull, signal);
      }
    }
    throw new ServiceError('kafka_stopped', 'Gatewatch ends: what was not taken is read again at the next start.');
  };
  while (!signal.aborted) {
    try {
      const client = kafkaClient(config, logger);
      await new TopicReader({ config, client, clock, logger, split: splitMessage, saved: (key) => log.bookmark(key), take }).run(signal);
    } catch (error) {
      // A topic may still be made, a broker may still come up: the other sources go on meanwhile.
      logger.error('Kafka cannot be read; it is tried again.', { source, reason: (error as Error).message });
      await clock.sleep(waitAfterFailure, signal);
    }
  }
}
