import { startElasticsearch } from './elasticsearch.js';
import type { Elasticsearch, ElasticsearchOptions } from './elasticsearch-handle.js';
import { startKafka, type Kafka, type KafkaOptions } from './kafka.js';
import { EnginesMissing } from './way.js';

/**
 * The engines a test file asks for, or `undefined` where there are none: then the file skips itself, loudly. In CI it fails instead: tests that
 * silently do not run prove nothing.
 */
export async function enginesOrSkip<T>(start: () => Promise<T>): Promise<T | undefined> {
  try {
    return await start();
  } catch (error) {
    if (!(error instanceof EnginesMissing) || process.env['CI'] === 'true') throw error;
    process.stderr.write(`\nSKIPPED, not passed: ${error.message}\n\n`);
    return undefined;
  }
}

export function elasticsearchOrSkip(options?: ElasticsearchOptions): Promise<Elasticsearch | undefined> {
  return enginesOrSkip(() => startElasticsearch({ brief: true, ...options }));
}

export function kafkaOrSkip(options?: KafkaOptions): Promise<Kafka | undefined> {
  return enginesOrSkip(() => startKafka({ brief: true, ...options }));
}
